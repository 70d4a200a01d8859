"""How much of the votes comes from the few annotators who voted most."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from arena.statistics.comparisons import Numbers

FEWEST: Final = 3
"""Annotators: of two, each could work out how much the other voted."""
_FIVE: Final = 5


@dataclass(frozen=True, slots=True)
class Concentration:
    """Shares of the comparisons, from 0 to 1: of the annotator with most, and of the first five."""

    largest: float
    first_five: float


def concentration(annotator: Numbers) -> Concentration | None:
    """Return the shares, with the annotator of each comparison as a number from 0 without gaps.

    None with fewer than `FEWEST` annotators.
    """
    each = np.sort(np.bincount(annotator))[::-1]
    if len(each) < FEWEST:
        return None
    return Concentration(*(float(each[:first].sum() / each.sum()) for first in (1, _FIVE)))
