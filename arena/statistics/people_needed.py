"""How many people, with how many votes each, a question between two models needs."""

from collections.abc import Callable
from math import ceil, inf, sqrt
from statistics import NormalDist

from scipy import special

from arena.statistics.planning import CONFIDENCE, POWER, decisive_votes_for_half_width
from arena.statistics.vote_spread import Layout, Spread

MOST = 2**40
"""More than there are people: where not even so many do, none do."""


def fewest(
    rate: float,
    spread: Spread,
    layout_for: Callable[[int], Layout],
    *,
    power: float = POWER,
    confidence: float = CONFIDENCE,
) -> int | None:
    """Return the smallest number from 1 on whose layout of votes tells `rate` from one half.

    `layout_for` says what so many people, or so many votes of each, make; more of them must
    not be worse. None if no number does: what people differ by does not average out when the same
    ones go on voting, and what prompts differ by not when the same ones are judged again.
    Raises ValueError for a rate of one half or outside (0, 1), and as `standard_errors_needed`.
    """

    _check(rate)

    def margin(number: int) -> float:
        """Return the squared distance from one half over the squared one that is needed."""
        layout = layout_for(number)
        needed = _distance_needed(rate, spread, layout, power=power, confidence=confidence)
        return ((rate - 0.5) / needed) ** 2

    return _fewest(margin) if margin(MOST) >= 1 else None


def fewest_for_half_width(
    half_width: float,
    spread: Spread,
    layout_for: Callable[[int], Layout],
    *,
    rate: float = 0.5,
    confidence: float = CONFIDENCE,
) -> int | None:
    """Return the smallest number whose layout makes the board's interval so narrow.

    The interval is that of `clustered_intervals.clustered_interval` with the spread as given. None
    if no number does. Raises ValueError as `planning.decisive_votes_for_half_width`.
    """
    needed = decisive_votes_for_half_width(half_width, rate=rate, confidence=confidence)

    def margin(number: int) -> float:
        """Return the effective votes over those that are needed."""
        layout = layout_for(number)
        clustered = rate * (1 - rate) / spread.variance(layout, rate)
        ratio = _quantile(inf, confidence) / _quantile(max(layout.clusters - 1, 1.0), confidence)
        return min(layout.votes, clustered * ratio**2) / needed

    return _fewest(margin) if margin(MOST) >= 1 else None


def _distance_needed(
    rate: float, spread: Spread, layout: Layout, *, power: float, confidence: float
) -> float:
    """Return how far from one half the rate has to be."""
    variance = spread.variance(layout, rate)
    errors = standard_errors_needed(
        rate,
        degrees=layout.clusters - 1,
        doubt=spread.error_of_variance(layout) / variance,
        power=power,
        confidence=confidence,
    )
    return errors * sqrt(variance)


def standard_errors_needed(
    rate: float,
    *,
    degrees: float = inf,
    doubt: float = 0.0,
    power: float = POWER,
    confidence: float = CONFIDENCE,
) -> float:
    """Return c such that |rate - 1/2| = c standard errors is found with that power.

    The board's interval leaves out one half if |seen - 1/2| > t w S error, with the t quantile of
    `degrees`, w = 1 / (2 sqrt(rate (1 - rate))) and S the estimated over the true error, about
    normal with mean 1 - 1/4k and variance 1/2k for k = `degrees`. The error planned with is itself
    P times the true one, where the relative standard error of its square is `doubt`: k_P =
    2 / doubt^2. So c solves (c P - t w S - Z >= 0 with the power), by normal approximation

        c (1 - 1/4k_P) - t w (1 - 1/4k) = z_power sqrt(1 + c^2/2k_P + (t w)^2/2k).

    With infinite degrees and no doubt it is z w + z_power, the formula of
    `planning.decisive_votes_for_rate`. Sources: Julious & Owen (2006), Pharmaceutical Statistics 5,
    29-37, for plans on estimated variances; Johnson & Kotz (1970), ch. 31, for the approximation.
    Infinite where the doubt is so large that no number can be promised. Raises ValueError for a
    power below one half or not below 1.
    """
    if not 0.5 <= power < 1:
        raise ValueError(f"the power must be from 0.5 to below 1, got {power}")
    found = NormalDist().inv_cdf(power)
    own, pilot = 1 / (2 * max(degrees, 1.0)), doubt**2 / 4
    bound = _quantile(max(degrees, 1.0), confidence) / (2 * sqrt(rate * (1 - rate)))
    mean, pilot_mean = bound * (1 - own / 2), 1 - pilot / 2
    # A quadratic in c, of which the larger root is asked for.
    square = pilot_mean**2 - found**2 * pilot
    if square <= 0 or pilot_mean <= 0:
        return inf
    spread = pilot * mean**2 + square * (1 + bound**2 * own)
    return (mean * pilot_mean + found * sqrt(spread)) / square


def _quantile(degrees: float, confidence: float) -> float:
    """Return the two-sided quantile of Student's t."""
    probability = (1 + confidence) / 2
    if degrees == inf:
        return NormalDist().inv_cdf(probability)
    return float(special.stdtrit(degrees, probability))


_SECANTS = 8
"""Steps after which halving takes over."""


def _fewest(margin: Callable[[int], float]) -> int:
    """Return the smallest number up to `MOST` whose margin is at least 1, where that of `MOST` is.

    Margins grow about in proportion to the people in all, so that secants find it in few steps.
    """
    low, high = 0, MOST
    (before, its), number = (0, 0.0), 1
    for step in range(2 * MOST.bit_length()):
        found = margin(number)
        low, high = (low, number) if found >= 1 else (number, high)
        if high - low == 1:
            break
        slope = (found - its) / (number - before)
        before, its = number, found
        aim = number + (1 - found) / slope if slope > 0 and step < _SECANTS else inf
        number = min(max(ceil(aim), low + 1), high - 1) if aim < inf else (low + high) // 2
    return high


def _check(rate: float) -> None:
    if not 0 < rate < 1:
        raise ValueError(f"the rate must be above 0 and below 1, got {rate}")
    if rate == 0.5:
        raise ValueError("no number of votes tells a rate of one half from one half")
