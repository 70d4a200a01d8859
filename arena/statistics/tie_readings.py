"""Ratings under every reading of ties, so that nobody need wonder what another would say."""

from collections.abc import Mapping
from enum import StrEnum

import numpy as np

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparisons
from arena.statistics.ratings import ModelSides, Ratings, rate_models
from arena.statistics.tie_models import Ties


class TieReading(StrEnum):
    """What `tie` and `both_bad` count as."""

    HALF = "half"
    """Both are half a win of either side: the rating of the board."""
    DAVIDSON = "davidson"
    """Both are a third outcome, with a chance of its own."""
    DROPPED = "dropped"
    """Neither counts, as in the win:loss rate."""
    BOTH_BAD_APART = "both_bad_apart"
    """A tie is half a win; «both are bad» says nothing of which is better, and does not count."""


def tie_readings(
    comparisons: Comparisons, *, random: np.random.Generator, sides: ModelSides | None = None
) -> Mapping[TieReading, Ratings]:
    """Rate models under each reading.

    Sources: Bradley & Terry (1952) with half wins, Biometrika 39, 324-345; Davidson (1970), JASA
    65, 317-328. Half wins draw ratings together where ties are many; differences of the others are
    those of decisive votes. With `DAVIDSON` and without ties, ratings are those of half wins.
    """
    both_bad = comparisons.outcome == Verdict.BOTH_BAD.number
    chosen = {
        TieReading.HALF: comparisons,
        TieReading.DAVIDSON: comparisons,
        TieReading.DROPPED: comparisons.decisive,
        TieReading.BOTH_BAD_APART: comparisons.where(~both_bad),
    }
    return {
        reading: rate_models(
            votes,
            random=random,
            ties=Ties.DAVIDSON if reading is TieReading.DAVIDSON else Ties.HALF_WIN,
            sides=sides,
        )
        for reading, votes in chosen.items()
    }
