"""Intervals of a share."""

from dataclasses import dataclass
from math import sqrt

NORMAL_95 = 1.959963984540054
"""97.5 % quantile of the normal distribution: two-sided 95 %."""

WILSON_NAIVE = "wilson, naive"
"""Label of an interval that treats comparisons as independent."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Bounds of a share, each from 0 to 1, and the name of the method that found them."""

    low: float
    high: float
    method: str

    @property
    def half_width(self) -> float:
        """Half of the distance between the bounds."""
        return (self.high - self.low) / 2

    @property
    def mirrored(self) -> "Interval":
        """The same interval for the other side of the share."""
        return Interval(1 - self.high, 1 - self.low, self.method)


def wilson(
    successes: float,
    trials: float,
    *,
    quantile: float = NORMAL_95,
    method: str = WILSON_NAIVE,
) -> Interval:
    """Return the score interval of `successes` out of `trials`, labelled naive by default.

    On plain counts it is too narrow when one annotator cast many of the votes or one prompt was
    judged by many: a nominal 95 % covers 57-83 % there. Both arguments may be effective numbers,
    not whole; `arena.statistics.clustered_rates` finds them.
    Source: Wilson (1927), JASA 22, 209-212. Raises ValueError unless
    0 <= successes <= trials and trials > 0.
    """
    if trials <= 0 or not 0 <= successes <= trials:
        raise ValueError(f"no share of {successes} in {trials}")
    share = successes / trials
    squared = quantile**2
    centre = (share + squared / (2 * trials)) / (1 + squared / trials)
    spread = sqrt(share * (1 - share) / trials + squared / (4 * trials**2))
    half = quantile * spread / (1 + squared / trials)
    return Interval(
        low=min(share, max(0.0, centre - half)),
        high=max(share, min(1.0, centre + half)),
        method=method,
    )
