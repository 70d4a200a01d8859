"""How many votes a question needs if votes are independent; see `people_needed` for people's."""

from math import ceil, sqrt
from statistics import NormalDist

POWER = 0.8
"""Chance that a difference as large as assumed is found."""

CONFIDENCE = 0.95
"""Two-sided."""

_ROUNDING = 1e-9
"""Keeps a whole number of votes from becoming one more by the last digit of a float."""


def decisive_votes_for_rate(
    rate: float, *, power: float = POWER, confidence: float = CONFIDENCE
) -> int:
    """Return the independent decisive votes that tell a win rate from one half, in one test.

    n = ((z_c/2 + z_p sqrt(p(1-p))) / (p - 1/2))^2, the one-sample test of a share. Source:
    Fleiss, Levin and Paik (2003), Statistical Methods for Rates and Proportions, 3rd ed.,
    section 2.5, without continuity correction. Raises ValueError for a rate of one half or
    outside (0, 1), and for a power below one half.
    """
    _open_share(rate, "the rate")
    if rate == 0.5:
        raise ValueError("no number of votes tells a rate of one half from one half")
    if not 0.5 <= power < 1:
        raise ValueError(f"the power must be from 0.5 to below 1, got {power}")
    found = NormalDist().inv_cdf(power) * sqrt(rate * (1 - rate))
    return _whole(((_two_sided(confidence) / 2 + found) / (rate - 0.5)) ** 2)


def decisive_votes_for_half_width(
    half_width: float, *, rate: float = 0.5, confidence: float = CONFIDENCE
) -> int:
    """Return the independent decisive votes for a Wilson interval of at most that half-width.

    Solves z sqrt(pq/n + z^2/4n^2) / (1 + z^2/n) = w for n. Source: Wilson (1927), as in
    `intervals.wilson`. Raises ValueError for a half-width outside (0, 0.5) or a rate outside
    (0, 1).
    """
    _open_share(rate, "the rate")
    if not 0 < half_width < 0.5:
        raise ValueError(f"the half-width must be above 0 and below 0.5, got {half_width}")
    z2, w2 = _two_sided(confidence) ** 2, half_width**2
    half_linear = z2 * (w2 - rate * (1 - rate) / 2)
    constant = z2 * z2 * (w2 - 0.25)
    return _whole((sqrt(half_linear**2 - w2 * constant) - half_linear) / w2)


def _open_share(share: float, name: str) -> None:
    if not 0 < share < 1:
        raise ValueError(f"{name} must be above 0 and below 1, got {share}")


def _two_sided(confidence: float) -> float:
    """Return the normal quantile. Raises ValueError for a confidence outside (0, 1)."""
    _open_share(confidence, "the confidence")
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _whole(votes: float) -> int:
    return ceil(votes * (1 - _ROUNDING))


def two_digits_up(number: int) -> int:
    """Round up to two significant digits: no plan is more precise."""
    unit: int = 10 ** max(0, len(str(number)) - 2)
    return -(-number // unit) * unit
