"""Votes that were cast in one order of the two models are never a verdict on the models."""

from math import nan

import numpy as np
import pytest

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.clustered_rates import ClusteredRates, clustered_rates
from arena.statistics.comparisons import Comparisons, Numbers
from arena.statistics.pair_plans import Outlook, pair_plans
from arena.statistics.ratings import rate_models
from arena.statistics.sides import Sides, sides_of
from arena.statistics.win_rate import Pair, State

KEYS = tuple(ModelKey(name) for name in "abc")
LEAN = 0.6
"""Share of the earlier slot between equal models."""


def _equal_models(
    *,
    first: float,
    votes: int = 6000,
    annotators: int = 60,
    prompts: int = 120,
    order: str = "vote",
    models: int = 2,
    seed: int = 1,
) -> Comparisons:
    """Votes by people who lean left. The model with the smaller number stands on the left with
    chance `first`, drawn anew for each `order`: vote, prompt or annotator."""
    random, number = np.random.default_rng(seed), np.arange(votes)
    annotator, prompt = number % annotators, number // annotators % prompts
    a = random.integers(0, models, votes)
    b = (a + random.integers(1, models, votes)) % models
    one, other = np.minimum(a, b), np.maximum(a, b)
    drawn: dict[str, Numbers] = {"vote": number, "prompt": prompt, "annotator": annotator}
    stays = (random.random(votes) < first)[drawn[order]]
    left = random.random(votes) < LEAN
    return Comparisons(
        KEYS[:models],
        np.where(stays, one, other),
        np.where(stays, other, one),
        np.where(left, Verdict.A_BETTER.number, Verdict.B_BETTER.number),
        annotator,
        prompt,
    )


def _verdicts(rates: ClusteredRates) -> tuple[State, bool]:
    pair = rates.pairs[Pair(*KEYS[:2])]
    return pair.state, pair.is_significant


@pytest.mark.parametrize("first", [1.0, 0.95, 0.8, 0.7, 0.6, 0.0, 0.3])
def test_equal_models_are_not_established_and_not_told_apart_where_one_stood_left_too_often(
    first: float,
) -> None:
    board = _equal_models(first=first)

    rates = clustered_rates(board)

    pair = rates.pairs[Pair(*KEYS[:2])]
    assert pair.interval is not None
    assert pair.interval.half_width < 0.05
    assert pair.sides is (Sides.ONE if first in (0.0, 1.0) else Sides.MOSTLY_ONE)
    assert _verdicts(rates) == (State.PRELIMINARY, False)
    assert rates.pooled[KEYS[0]].state is State.PRELIMINARY
    assert pair_plans(rates.pairs)[Pair(*KEYS[:2])].outlook is Outlook.ONE_ORDER


@pytest.mark.parametrize("first", [1.0, 0.7])
def test_their_ratings_are_in_no_order(first: float) -> None:
    ratings = rate_models(_equal_models(first=first), random=np.random.default_rng(0))

    assert [rating.sides is Sides.BOTH for rating in ratings.ratings] == [False, False]
    assert abs(ratings.differences.difference[0, 1]) > ratings.differences.half_width[0, 1]
    assert not ratings.differences.above.any()
    assert {(one.rank.best, one.rank.worst) for one in ratings.ratings if one.rank} == {(1, 2)}


@pytest.mark.parametrize("order", ["vote", "prompt", "annotator"])
def test_orders_that_were_drawn_by_chance_pass(order: str) -> None:
    """Also where one draw holds for all votes on a prompt, or by a person."""
    refused = 0
    for seed in range(60):
        rates = clustered_rates(_equal_models(first=0.5, order=order, seed=seed, votes=1200))
        refused += rates.pairs[Pair(*KEYS[:2])].sides is not Sides.BOTH

    assert refused <= 2


def test_a_lean_makes_no_lead_where_orders_were_drawn_by_chance() -> None:
    apart = sum(
        _verdicts(clustered_rates(_equal_models(first=0.5, seed=seed, votes=2400)))[1]
        for seed in range(60)
    )

    assert apart <= 8


def test_the_model_in_the_middle_of_an_alphabet_is_judged_by_both_of_its_sides() -> None:
    """Every pair in one order, but b to the right of a and to the left of c."""
    rates = clustered_rates(_equal_models(first=1.0, models=3))

    assert [rates.pooled[key].sides for key in KEYS] == [Sides.ONE, Sides.BOTH, Sides.ONE]
    assert {rate.sides for rate in rates.pairs.values()} == {Sides.ONE}


def test_seen_from_the_other_model_the_sides_are_exchanged() -> None:
    rates = clustered_rates(_equal_models(first=0.7, votes=1000))
    one, other = (rates.pairs[Pair(*keys)] for keys in (KEYS[:2], KEYS[1::-1]))

    assert one.earlier + other.earlier == one.decisive == 1000
    assert one.sides is other.sides
    assert other.earlier < 400


@pytest.mark.parametrize(
    ("share", "variance", "sides"),
    [
        (0.5, 0.0, Sides.BOTH),
        (0.6, 0.0, Sides.BOTH),
        (0.7, 0.0, Sides.MOSTLY_ONE),
        (0.7, 0.01, Sides.BOTH),
        (0.3, nan, Sides.MOSTLY_ONE),
        (1.0, 9.0, Sides.ONE),
        (0.0, nan, Sides.ONE),
    ],
)
def test_a_share_of_a_hundred_votes_is_judged_against_chance(
    share: float, variance: float, sides: Sides
) -> None:
    assert sides_of(share, variance, trials=100) is sides
