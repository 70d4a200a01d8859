"""Whether models stood on both sides about as often: else a lean to a side looks like a lead."""

from enum import StrEnum
from math import sqrt

CHANCE = 3.0
"""Standard errors from a half that chance hardly ever gives: 0.3 % of random orders."""
_ROUNDING = 1e-9


class Sides(StrEnum):
    """In which order two models, or a model and its opponents, were shown.

    Between equal models a rate is off one half by (2s - 1) times the lean to the earlier slot,
    where s is the share of votes with the model in it. Within `CHANCE` of a half, and if people
    lean 60:40, that is at most 0.6 of the standard error that the rate has anyway; beyond it, no
    number of votes tells the lean from a lead.
    """

    BOTH = "both orders"
    MOSTLY_ONE = "mostly one order"
    ONE = "one order"


def sides_of(share: float, variance: float, trials: float) -> Sides:
    """Judge the share of votes, from 0 to 1, in which the model stood in the earlier slot.

    `variance` is the clustered one (NaN where unknown): orders may have been drawn once for each
    prompt or person. Taken over to a share of one half it is variance / (4 s (1 - s)), and at
    least 1/(4 trials), as of an order drawn for each vote (the score test, as for rates).
    """
    spread = share * (1 - share)
    if spread < _ROUNDING:
        return Sides.ONE
    least = 1 / (4 * trials)
    clustered = variance / (4 * spread)
    error = sqrt(clustered if clustered > least else least)
    return Sides.MOSTLY_ONE if abs(share - 0.5) > CHANCE * error else Sides.BOTH
