"""Intervals of rates widen where votes repeat their annotators or prompts."""

from dataclasses import astuple, replace
from random import Random

import pytest
from hypothesis import given
from scipy import stats

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.clustered_intervals import t_quantile
from arena.statistics.clustered_rates import METHODS, clustered_rates, pair_rates
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.thresholds import Scope, Thresholds
from arena.statistics.win_rate import Pair, State
from tests.statistics.clustered import EASY, dealt_out, on_their_own
from tests.statistics.votes import A, B, C, D, Rows, on_both_sides, row_lists

BOTH = Scope.ANNOTATORS_AND_PROMPTS


@given(row_lists(annotators=8, max_size=80))
def test_an_interval_holds_its_rate_and_is_never_narrower_than_the_naive_one(rows: Rows) -> None:
    rates = clustered_rates(from_rows(rows), EASY)

    for rate in [*rates.pairs.values(), *rates.pooled.values()]:
        if rate.interval is None:
            continue
        assert rate.record.interval is not None
        assert rate.rate is not None
        assert 0 <= rate.interval.low <= rate.rate <= rate.interval.high <= 1
        assert rate.interval.half_width >= rate.record.interval.half_width - 1e-12
        assert rate.deff is not None
        assert rate.deff >= 1
        assert rate.effective == pytest.approx(rate.decisive / rate.deff)


def test_votes_that_repeat_their_annotator_say_no_more_than_annotators() -> None:
    rows = [
        Comparison(A, B, Verdict.A_BETTER if who % 2 else Verdict.B_BETTER, who, 100 * who + n)
        for who in range(10)
        for n in range(20)
    ]

    rate = pair_rates(from_rows(rows))[Pair(A, B)]

    assert rate.effective == pytest.approx(9)
    assert rate.decisive == 200


def test_where_annotators_and_prompts_all_say_the_same_the_interval_is_the_naive_one() -> None:
    rows = [
        Comparison(A, B, Verdict.A_BETTER if (who + n) % 2 else Verdict.B_BETTER, who, n)
        for who in range(10)
        for n in range(10)
    ]

    rate = pair_rates(from_rows(rows))[Pair(A, B)]

    assert (rate.rate, rate.deff, rate.effective) == (0.5, 1, 100)
    assert rate.interval is not None
    assert rate.record.interval is not None
    assert rate.interval.low == pytest.approx(rate.record.interval.low)
    assert rate.interval.high == pytest.approx(rate.record.interval.high)
    assert rate.interval.method == METHODS[BOTH]
    assert rate.p == 1


@pytest.mark.parametrize(
    ("annotators", "prompts", "scope", "label"),
    [
        (8, 8, BOTH, "for annotators and prompts like these"),
        (7, 8, Scope.PROMPTS, "for these 7 annotators only"),
        (1, 50, Scope.PROMPTS, "for this one annotator only"),
        (8, 7, Scope.NONE, None),
        (1, 1, Scope.NONE, None),
    ],
)
def test_few_clusters_narrow_what_the_interval_speaks_of(
    annotators: int, prompts: int, scope: Scope, label: str | None
) -> None:
    rows = dealt_out(1000, 800, annotators=annotators, prompts=prompts)
    random = Random(1)
    rows = [row._replace(verdict=random.choice(rows).verdict) for row in rows]

    rate = pair_rates(from_rows(on_both_sides(rows)))[Pair(A, B)]

    assert (rate.annotators, rate.prompts) == (annotators, prompts)
    assert (rate.scope, rate.label) == (scope, label)
    if scope is Scope.NONE:
        assert (rate.interval, rate.deff, rate.state) == (None, None, State.TOO_FEW)
    else:
        assert rate.interval is not None
        assert rate.interval.method == METHODS[scope]
        assert rate.interval.half_width < 0.05
        assert rate.state is (State.ESTABLISHED if scope is BOTH else State.PRELIMINARY)


def test_states_follow_the_thresholds() -> None:
    few, some, many = on_their_own(15, 14), on_their_own(20, 20), on_their_own(600, 500)

    assert pair_rates(few)[Pair(A, B)].state is State.TOO_FEW
    assert pair_rates(some)[Pair(A, B)].state is State.PRELIMINARY
    assert pair_rates(many)[Pair(A, B)].state is State.ESTABLISHED
    strict = Thresholds(decisive=2000)
    assert pair_rates(many, strict)[Pair(A, B)].state is State.TOO_FEW
    assert pair_rates(many, Thresholds(half_width=0.02))[Pair(A, B)].state is State.PRELIMINARY


def test_a_threshold_that_is_just_reached_is_reached() -> None:
    board = on_their_own(22, 18)
    interval = pair_rates(board)[Pair(A, B)].interval
    assert interval is not None
    reached = Thresholds(decisive=40, half_width=interval.half_width)

    assert pair_rates(board, reached)[Pair(A, B)].state is State.ESTABLISHED
    assert pair_rates(board, replace(reached, decisive=41))[Pair(A, B)].state is State.TOO_FEW


def test_two_models_are_told_apart_when_chance_alone_would_hardly_part_them_so_far() -> None:
    clear, even = (pair_rates(on_their_own(wins, 120 - wins))[Pair(A, B)] for wins in (80, 62))

    for rate in (clear, even):
        assert rate.rate is not None
        assert rate.effective is not None
        score = (rate.rate - 0.5) * 2 * rate.effective**0.5
        assert rate.p == pytest.approx(2 * stats.t.sf(score, 119))
    assert (clear.is_significant, even.is_significant) == (True, False)


def test_pairs_of_one_board_make_allowance_for_each_other_but_not_for_those_without_a_say() -> None:
    rows = [
        *on_both_sides(dealt_out(60, 30, annotators=30, prompts=30)),
        *on_both_sides(dealt_out(55, 35, annotators=30, prompts=30, opponent=C)),
        *dealt_out(60, 30, annotators=30, prompts=30, opponent=D),
        *on_both_sides(dealt_out(6, 4, annotators=10, prompts=10, opponent=ModelKey("e"))),
    ]

    rates = pair_rates(from_rows(rows))

    first, second = rates[Pair(A, B)], rates[Pair(A, C)]
    assert first.adjusted is not None
    assert second.adjusted is not None
    assert (first.adjusted.pairs, second.adjusted.pairs) == (2, 1)
    assert first.adjusted.p == pytest.approx(2 * (first.p or 0))
    assert rates[Pair(A, D)].adjusted is rates[Pair(A, ModelKey("e"))].adjusted is None


@pytest.mark.parametrize(
    ("degrees", "quantile"), [(0, 12.7062), (1, 12.7062), (7, 2.3646), (1e9, 1.95996)]
)
def test_an_intervals_quantile_is_students_with_one_degree_of_freedom_at_least(
    degrees: float, quantile: float
) -> None:
    assert t_quantile(degrees) == pytest.approx(quantile, abs=5e-5)


def test_few_annotators_who_disagree_widen_no_interval_that_speaks_of_them_alone() -> None:
    disagreeing = [
        Comparison(B, C, Verdict.A_BETTER if who % 2 else Verdict.B_BETTER, who, 100 * who + n)
        for who in range(4)
        for n in range(40)
    ]
    unanimous = [
        Comparison(A, C, Verdict.A_BETTER, who, 1000 + 100 * who + n)
        for who in range(4)
        for n in range(40)
    ]

    rates = clustered_rates(from_rows([*disagreeing, *unanimous]))

    for pair in (Pair(B, C), Pair(A, C)):
        model = pair.model
        for rate in (rates.pairs[pair], rates.pooled[model], rates.mean_over_opponents[model]):
            assert rate.scope is Scope.PROMPTS
            assert rate.deff == pytest.approx(1, abs=0.02)


def test_a_pairs_rate_with_an_interval_tells_how_its_votes_were_laid_out_and_spread() -> None:
    rows = [
        *on_both_sides(dealt_out(30, 10, annotators=8, prompts=8)),
        *dealt_out(30, 10, annotators=10, prompts=4, opponent=C),
    ]

    rates = clustered_rates(from_rows(rows))

    rate = rates.pairs[Pair(A, B)]
    assert rate.layout is not None
    assert rate.spread is not None
    assert astuple(rate.layout) == pytest.approx((40, 8, 8, 8 * 5**2, 8 * 5**2))
    assert 0 <= rate.spread.annotator <= 0.75 * 0.25
    assert rate.spread.annotator_error > 0
    for other in (rates.pairs[Pair(A, C)], rates.pooled[A]):
        assert (other.layout, other.spread) == (None, None)


def test_a_model_that_never_lost_has_no_more_effective_votes_than_annotators() -> None:
    rate = pair_rates(from_rows(dealt_out(200, 0, annotators=10, prompts=20)))[Pair(A, B)]

    assert rate.rate == 1
    assert rate.effective == pytest.approx(10)
    assert rate.deff == pytest.approx(20)
    assert rate.interval is not None
    assert (rate.interval.low < 0.7, rate.interval.high) == (True, 1)
    assert rate.state is State.PRELIMINARY


def test_a_model_that_never_lost_takes_the_design_effect_of_the_board() -> None:
    disagreeing = [
        Comparison(B, C, Verdict.A_BETTER if who % 2 else Verdict.B_BETTER, who, 100 * who + n)
        for who in range(10)
        for n in range(40)
    ]
    unanimous = dealt_out(20, 0, annotators=10, prompts=20, opponent=C)

    rate = pair_rates(from_rows([*disagreeing, *unanimous]))[Pair(A, C)]

    assert rate.deff == pytest.approx(400 / 9)


def test_always_against_one_and_never_against_another_is_not_certain_on_average() -> None:
    rows = [
        *dealt_out(50, 0, annotators=10, prompts=50),
        *dealt_out(0, 50, annotators=10, prompts=50, opponent=C),
    ]

    mean = clustered_rates(from_rows(rows)).mean_over_opponents[A]

    assert mean.rate == 0.5
    assert mean.interval is not None
    assert mean.interval.half_width > 0.08
    assert mean.effective is not None
    assert mean.effective <= mean.decisive
