"""Balance of sides: without it, position bias looks like a difference between models."""

from enum import StrEnum
from math import sqrt

CHANCE = 3.0
"""Standard errors from one half beyond which 0.3 % of random orders lie."""
_ROUNDING = 1e-9


class Sides(StrEnum):
    """In which order two models, or a model and its opponents, were shown.

    Between equal models a rate is off one half by (2s - 1) times the position bias, where s is the
    share of votes with the model in the earlier slot. Within `CHANCE` of one half, and with a bias
    of 60:40, that is at most 0.6 of the standard error of the rate; beyond it, no number of votes
    separates position bias from a difference between the models.
    """

    BOTH = "both orders"
    MOSTLY_ONE = "mostly one order"
    ONE = "one order"


def sides_of(share: float, variance: float, trials: float) -> Sides:
    """Classify the share of votes, from 0 to 1, in which the model stood in the earlier slot.

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
