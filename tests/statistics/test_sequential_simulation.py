"""How often verdicts err, and when they come, in simulated campaigns watched after every vote.

A thousand campaigns each, ten thousand under `make endurance`, which prints the figures.
"""

from collections.abc import Callable
from math import log

import numpy as np
import pytest
from numpy.polynomial.hermite_e import hermegauss
from numpy.typing import NDArray
from scipy.optimize import brentq
from scipy.special import expit

from arena.statistics.sequential import ALPHA, log_e_of_votes
from tests.endurance import FACTOR
from tests.endurance.evidence_paths import evidence_of_blocks

CAMPAIGNS = 1000
VOTES = 2000
SPREAD = 0.7
"""Standard deviation of annotators, in logits."""
THRESHOLD = -log(ALPHA)

Reals = NDArray[np.float64]
Flags = NDArray[np.bool_]


def _looks(settled: Callable[[np.random.Generator], Flags], seed: int) -> Reals:
    """Looks until the verdict in each campaign; infinite if there never was one."""
    looks = []
    for batch in range(FACTOR):
        flags = settled(np.random.default_rng([seed, batch]))
        looks.append(np.where(flags.any(axis=-1), flags.argmax(axis=-1) + 1.0, np.inf))
    found = np.concatenate(looks)
    print(f"{len(found)} campaigns: verdict in {_ever(found):.2%}, median {np.median(found)} looks")
    return found


def _ever(looks: Reals) -> float:
    """Share of campaigns with a verdict at any of the looks."""
    return float(np.isfinite(looks).mean())


def _chances(rate: float, annotators: int, rng: np.random.Generator) -> Reals:
    """Chances of annotators to prefer the first model: logit-normal with mean `rate`."""
    points, weights = hermegauss(61)
    weights = weights / weights.sum()
    centre = brentq(lambda c: float(weights @ expit(c + SPREAD * points)) - rate, -9, 9)
    chances: Reals = expit(centre + SPREAD * rng.standard_normal((CAMPAIGNS, annotators)))
    return chances


def _cast(chances: Reals, rng: np.random.Generator) -> Flags:
    return rng.random(chances.shape) < chances


def _running(won: Flags) -> tuple[Reals, Reals]:
    wins = np.cumsum(won, axis=-1).astype(np.float64)
    return wins, np.arange(1, won.shape[-1] + 1) - wins


def _settled_by_votes(won: Flags) -> Flags:
    return log_e_of_votes(*_running(won)) >= THRESHOLD


def _independent(rate: float) -> Callable[[np.random.Generator], Flags]:
    return lambda rng: _settled_by_votes(_cast(np.full((CAMPAIGNS, VOTES), rate), rng))


def _by_annotator(rate: float, annotators: int, size: int) -> Callable[..., Flags]:
    """Blocks of `size` votes, watched whenever one is finished."""

    def settled(rng: np.random.Generator) -> Flags:
        chances = np.repeat(_chances(rate, annotators, rng)[..., None], size, axis=-1)
        return evidence_of_blocks(2 * _cast(chances, rng).mean(axis=-1) - 1).log_e >= THRESHOLD

    return settled


def test_equal_models_are_told_apart_in_at_most_one_campaign_of_twenty() -> None:
    assert _ever(_looks(_independent(0.5), seed=1)) <= ALPHA


def test_a_fixed_test_that_is_watched_errs_in_a_third_of_campaigns_or_more() -> None:
    def settled(rng: np.random.Generator) -> Flags:
        wins, losses = _running(_cast(np.full((CAMPAIGNS, VOTES), 0.5), rng))
        significant: Flags = np.abs(wins - losses) >= 1.96 * np.sqrt(wins + losses)
        return significant[:, 30:]

    assert _ever(_looks(settled, seed=1)) > 0.33


def test_a_true_60_percent_is_found_after_about_200_decisive_votes() -> None:
    looks = _looks(_independent(0.6), seed=2)

    assert _ever(looks) == 1
    assert 150 <= np.median(looks) <= 332


@pytest.mark.parametrize(("annotators", "size"), [(10, 50), (100, 5)])
def test_bets_on_annotators_err_in_at_most_one_campaign_of_twenty_though_annotators_differ(
    annotators: int, size: int
) -> None:
    assert _ever(_looks(_by_annotator(0.5, annotators, size), seed=3)) <= ALPHA


def test_bets_on_annotators_find_a_true_60_percent_after_some_40_annotators() -> None:
    looks = _looks(_by_annotator(0.6, 100, 10), seed=4)

    assert _ever(looks) > 0.9
    assert 25 <= np.median(looks) <= 60


def test_single_votes_of_few_annotators_do_not_generalise() -> None:
    """Ten annotators take turns, 50 votes each: why the claim of single votes is a narrower one."""

    def settled(rng: np.random.Generator) -> Flags:
        return _settled_by_votes(_cast(np.tile(_chances(0.5, 10, rng), 50), rng))

    assert _ever(_looks(settled, seed=5)) > 0.15


def test_the_interval_of_single_votes_holds_for_the_annotators_who_voted() -> None:
    """It covers the mean chance of the votes so far at all moments, one annotator after another."""

    def missed(rng: np.random.Generator) -> Flags:
        chances = np.repeat(_chances(0.5, 10, rng), 50, axis=-1)
        wins, losses = _running(_cast(chances, rng))
        mean = np.cumsum(chances, axis=-1) / np.arange(1, chances.shape[-1] + 1)
        against = log_e_of_votes(wins, losses) - (wins + losses) * np.log(2)
        log_e: Reals = against - wins * np.log(mean) - losses * np.log1p(-mean)
        return log_e >= THRESHOLD

    assert _ever(_looks(missed, seed=6)) <= ALPHA
