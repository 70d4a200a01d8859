"""Significance of differences between pairs, with Holm's adjustment for multiple testing."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

LEVEL = 0.05
"""Family-wise error rate: this share of boards of equal models has any significant pair."""


class Adjusted(NamedTuple):
    """An adjusted p-value, and the number of pairs that it was multiplied by."""

    p: float
    pairs: int


def p_of_rate(rate: float, effective: float, degrees: float) -> float:
    """Return the two-sided p-value of a rate of one half, the test that its interval inverts.

    `effective` is the number of independent votes that say as much. The score statistic
    (p - 1/2) / sqrt(1 / (4 n)) has the tails of Student's t with `degrees` of freedom, at least
    one; below 0.05 just where the 95 % interval leaves one half out. Source: Wilson (1927).
    """
    score = abs(2 * rate - 1) * effective**0.5
    return float(2 * special.stdtr(max(degrees, 1.0), -score))


def holm(p_values: Sequence[float]) -> tuple[Adjusted, ...]:
    """Adjust p-values, in the order given, for a family-wise error rate of `LEVEL`.

    The k-th smallest of m is multiplied by m - k + 1, and none is below a smaller one's. Holds
    however pairs depend on each other, as those that share models and annotators do. Source:
    Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    pairs = np.empty(len(p), dtype=np.int64)
    pairs[order] = len(p) - np.arange(len(p))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(pairs[order] * p[order]), 1.0)
    return tuple(map(Adjusted, adjusted.tolist(), pairs.tolist()))
