"""Win:loss rates whose intervals know the annotator and the prompt of each vote."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import astuple, replace
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.clustered_rates import (
    METHODS,
    ClusteredRate,
    clustered_rates,
    pair_rates,
    pooled_rates,
    t_quantile,
    uneven_pairs,
)
from arena.statistics.comparisons import Comparison, Comparisons, from_rows
from arena.statistics.outcomes import DECISIVE
from arena.statistics.sides import Sides
from arena.statistics.thresholds import Scope, Thresholds
from arena.statistics.win_rate import (
    ComparisonCount,
    Pair,
    Record,
    State,
    model_results,
    tally,
)
from tests.endurance.simulated_boards import Campaign
from tests.statistics.votes import (
    A,
    B,
    C,
    D,
    Rows,
    from_counts,
    llmfao,
    mirrored,
    on_both_sides,
    row_lists,
)

EASY = Thresholds(decisive=1, clusters=2)
BOTH = Scope.ANNOTATORS_AND_PROMPTS


def _spread(
    wins: int, losses: int, *, annotators: int, prompts: int, opponent: ModelKey = B
) -> Rows:
    """Votes of model a against another, dealt out to annotators and prompts in turn."""
    verdicts = [Verdict.A_BETTER] * wins + [Verdict.B_BETTER] * losses
    return [
        Comparison(
            A, opponent, verdict, n % annotators, (n % annotators + n // annotators) % prompts
        )
        for n, verdict in enumerate(verdicts)
    ]


def _own(wins: int, losses: int) -> Comparisons:
    """Votes of which each has its own annotator and prompt."""
    verdicts = [Verdict.A_BETTER] * wins + [Verdict.B_BETTER] * losses
    rows = [Comparison(A, B, verdict, n, n) for n, verdict in enumerate(verdicts)]
    return from_rows(on_both_sides(rows))


def _same(one: ClusteredRate, other: ClusteredRate) -> bool:
    """Whether two rates agree but for the last digits."""
    if one.interval is None or other.interval is None:
        return replace(one, rate=None) == replace(other, rate=None)
    exact = [
        (rate.record, rate.annotators, rate.prompts, rate.scope, rate.state)
        for rate in (one, other)
    ]
    return exact[0] == exact[1] and _numbers(one) == pytest.approx(_numbers(other), abs=1e-9)


def _numbers(rate: ClusteredRate) -> list[float]:
    assert rate.interval is not None
    assert rate.rate is not None
    assert rate.deff is not None
    assert rate.effective is not None
    return [rate.rate, rate.interval.low, rate.interval.high, rate.deff, rate.effective]


@pytest.mark.parametrize(
    ("wins", "losses", "percent", "low", "high"),
    [(90, 52, 63.4, 55.2, 70.9), (90, 63, 58.8, 50.9, 66.3), (61, 89, 40.7, 33.1, 48.7)],
)
def test_wizardlm_v1_counts_of_independent_votes_come_out_as_published(
    wins: int, losses: int, percent: float, low: float, high: float
) -> None:
    rate = pair_rates(_own(wins, losses))[Pair(A, B)]

    assert rate.rate == pytest.approx(percent / 100, abs=5e-4)
    assert rate.deff == pytest.approx(1, abs=0.01)
    assert rate.record.interval is not None
    assert rate.record.interval.low == pytest.approx(low / 100, abs=5e-4)
    assert rate.record.interval.high == pytest.approx(high / 100, abs=5e-4)
    assert rate.interval is not None
    assert rate.interval.low == pytest.approx(low / 100, abs=2e-3)
    assert rate.interval.high == pytest.approx(high / 100, abs=2e-3)


@given(st.integers(8, 400), st.data())
def test_wilson_of_the_effective_number_is_that_of_statsmodels(n: int, data: st.DataObject) -> None:
    wins = data.draw(st.integers(1, n - 1))
    rate = pair_rates(_own(wins, n - wins), Thresholds(decisive=1))[Pair(A, B)]
    assert rate.interval is not None
    assert rate.rate is not None
    assert rate.effective is not None
    alpha = 2 * stats.norm.sf(stats.t.ppf(0.975, n - 1))

    low, high = proportion_confint(
        rate.rate * rate.effective, rate.effective, alpha=alpha, method="wilson"
    )

    assert (rate.interval.low, rate.interval.high) == pytest.approx((low, high))


def test_rates_of_real_votes_equal_a_naive_recount() -> None:
    votes = llmfao()
    rows = zip(votes.a, votes.b, votes.outcome, strict=True)
    words = [verdict.value for verdict in Verdict]
    seen = Counter((votes.models[a], votes.models[b], words[number]) for a, b, number in rows)
    records = tally(ComparisonCount(*compared, n) for compared, n in seen.items())

    rates = clustered_rates(votes)

    assert {pair: rate.record for pair, rate in rates.pairs.items()} == records
    for result in model_results(records):
        pooled, mean = rates.pooled[result.model], rates.mean_over_opponents[result.model]
        assert pooled.record == mean.record == result.pooled
        assert pooled.rate == pytest.approx(result.pooled.rate)
        assert mean.rate == pytest.approx(result.mean_over_opponents)


def test_annotators_and_prompts_of_real_votes_are_counted_among_decisive_ones() -> None:
    votes = llmfao()
    first = votes.models[0]
    mine = ((votes.a == 0) | (votes.b == 0)) & DECISIVE[votes.outcome]

    rate = clustered_rates(votes).pooled[first]

    assert rate.annotators == len(set(votes.annotator[mine].tolist()))
    assert rate.prompts == len(set(votes.prompt[mine].tolist()))
    assert rate.decisive == mine.sum()


@given(row_lists())
def test_wins_of_one_side_are_losses_of_the_other(rows: Rows) -> None:
    rates = pair_rates(from_rows(rows), EASY)

    for pair, rate in rates.items():
        assert _same(rates[Pair(pair.opponent, pair.model)], rate.mirrored)
        assert rate.rate == pytest.approx(rate.record.rate)


@given(row_lists())
def test_exchanging_all_sides_changes_nothing_but_who_stood_first(rows: Rows) -> None:
    one, other = (clustered_rates(from_rows(each), EASY) for each in (rows, mirrored(rows)))

    for name in ("pairs", "pooled", "mean_over_opponents"):
        assert _with_sides_exchanged(getattr(one, name)) == getattr(other, name)


def _with_sides_exchanged(rates: Mapping[Any, ClusteredRate]) -> dict[Any, ClusteredRate]:
    return {key: replace(rate, earlier=rate.decisive - rate.earlier) for key, rate in rates.items()}


@given(row_lists(), st.randoms(use_true_random=False))
def test_order_of_votes_and_names_of_clusters_change_nothing(rows: Rows, random: Random) -> None:
    names = random.sample(range(100), 10)
    shuffled = [
        row._replace(annotator=names[row.annotator], prompt=names[-1 - row.prompt])
        for row in random.sample(rows, len(rows))
    ]

    one, other = (clustered_rates(from_rows(each), EASY) for each in (rows, shuffled))

    for name in ("pairs", "pooled", "mean_over_opponents"):
        before, after = getattr(one, name), getattr(other, name)
        assert before.keys() == after.keys()
        assert all(_same(before[key], after[key]) for key in before)


@given(row_lists())
def test_renaming_models_renames_results(rows: Rows) -> None:
    name = {A: ModelKey("z"), B: ModelKey("k"), C: ModelKey("x")}
    renamed = [row._replace(model_a=name[row.model_a], model_b=name[row.model_b]) for row in rows]

    one, other = (clustered_rates(from_rows(each), EASY) for each in (rows, renamed))

    for pair, rate in one.pairs.items():
        assert _same(other.pairs[Pair(name[pair.model], name[pair.opponent])], rate)
    for model in one.pooled:
        assert _same(other.pooled[name[model]], one.pooled[model])
        assert _same(other.mean_over_opponents[name[model]], one.mean_over_opponents[model])


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
    rows = _spread(1000, 800, annotators=annotators, prompts=prompts)
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
    few, some, many = _own(15, 14), _own(20, 20), _own(600, 500)

    assert pair_rates(few)[Pair(A, B)].state is State.TOO_FEW
    assert pair_rates(some)[Pair(A, B)].state is State.PRELIMINARY
    assert pair_rates(many)[Pair(A, B)].state is State.ESTABLISHED
    strict = Thresholds(decisive=2000)
    assert pair_rates(many, strict)[Pair(A, B)].state is State.TOO_FEW
    assert pair_rates(many, Thresholds(half_width=0.02))[Pair(A, B)].state is State.PRELIMINARY


def test_a_threshold_that_is_just_reached_is_reached() -> None:
    board = _own(22, 18)
    interval = pair_rates(board)[Pair(A, B)].interval
    assert interval is not None
    reached = Thresholds(decisive=40, half_width=interval.half_width)

    assert pair_rates(board, reached)[Pair(A, B)].state is State.ESTABLISHED
    assert pair_rates(board, replace(reached, decisive=41))[Pair(A, B)].state is State.TOO_FEW


def test_two_models_are_told_apart_when_chance_alone_would_hardly_part_them_so_far() -> None:
    clear, even = (pair_rates(_own(wins, 120 - wins))[Pair(A, B)] for wins in (80, 62))

    for rate in (clear, even):
        assert rate.rate is not None
        assert rate.effective is not None
        score = (rate.rate - 0.5) * 2 * rate.effective**0.5
        assert rate.p == pytest.approx(2 * stats.t.sf(score, 119))
    assert (clear.is_significant, even.is_significant) == (True, False)


def test_pairs_of_one_board_make_allowance_for_each_other_but_not_for_those_without_a_say() -> None:
    rows = [
        *on_both_sides(_spread(60, 30, annotators=30, prompts=30)),
        *on_both_sides(_spread(55, 35, annotators=30, prompts=30, opponent=C)),
        *_spread(60, 30, annotators=30, prompts=30, opponent=D),
        *on_both_sides(_spread(6, 4, annotators=10, prompts=10, opponent=ModelKey("e"))),
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
        *on_both_sides(_spread(30, 10, annotators=8, prompts=8)),
        *_spread(30, 10, annotators=10, prompts=4, opponent=C),
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
    rate = pair_rates(from_rows(_spread(200, 0, annotators=10, prompts=20)))[Pair(A, B)]

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
    unanimous = _spread(20, 0, annotators=10, prompts=20, opponent=C)

    rate = pair_rates(from_rows([*disagreeing, *unanimous]))[Pair(A, C)]

    assert rate.deff == pytest.approx(400 / 9)


def test_always_against_one_and_never_against_another_is_not_certain_on_average() -> None:
    rows = [
        *_spread(50, 0, annotators=10, prompts=50),
        *_spread(0, 50, annotators=10, prompts=50, opponent=C),
    ]

    mean = clustered_rates(from_rows(rows)).mean_over_opponents[A]

    assert mean.rate == 0.5
    assert mean.interval is not None
    assert mean.interval.half_width > 0.08
    assert mean.effective is not None
    assert mean.effective <= mean.decisive


def test_without_a_decisive_vote_there_are_counts_and_nothing_else() -> None:
    rows = [Comparison(A, B, verdict, n, n) for n in range(50) for verdict in ("tie", "both_bad")]

    rates = clustered_rates(from_rows(rows))

    for rate in (rates.pairs[Pair(A, B)], rates.pooled[A], rates.mean_over_opponents[B]):
        assert rate.record == Record(ties=50, both_bad=50)
        assert (rate.rate, rate.interval, rate.deff, rate.effective) == (None, None, None, None)
        assert (rate.annotators, rate.prompts, rate.scope) == (0, 0, Scope.NONE)
        assert rate.state is State.TOO_FEW


def test_one_annotator_on_one_prompt_gets_no_interval() -> None:
    rate = clustered_rates(from_counts(wins=300, losses=200)).pooled[A]

    assert (rate.rate, rate.interval, rate.state) == (0.6, None, State.TOO_FEW)


def test_a_model_seen_on_one_side_only_has_a_rate_and_an_interval_that_establish_nothing() -> None:
    rows = _spread(1200, 800, annotators=20, prompts=50)

    for each in (rows, mirrored(rows)):
        rates = clustered_rates(from_rows(each))
        for rate in (rates.pairs[Pair(A, B)], rates.pooled[A], rates.mean_over_opponents[A]):
            assert rate.interval is not None
            assert rate.interval.half_width < 0.05
            assert (rate.sides, rate.state) == (Sides.ONE, State.PRELIMINARY)
            assert not rate.is_significant


def test_no_votes_give_no_rates() -> None:
    rates = clustered_rates(from_rows([]))

    assert (rates.pairs, rates.pooled, rates.mean_over_opponents) == ({}, {}, {})
    assert (pair_rates(from_rows([])), pooled_rates(from_rows([]))) == ({}, {})


@given(row_lists())
def test_rates_of_pairs_or_of_models_alone_are_those_of_the_whole_board(rows: Rows) -> None:
    board = from_rows(rows)

    rates = clustered_rates(board, EASY)

    assert pair_rates(board, EASY) == rates.pairs
    assert pooled_rates(board, EASY) == rates.pooled


def test_pairs_in_one_order_are_named_once_with_the_earlier_model_first() -> None:
    alone = _spread(30, 20, annotators=10, prompts=10)
    mostly = _spread(180, 120, annotators=10, prompts=10, opponent=C)
    rows = [
        *alone,
        *mirrored(mostly[:180]),
        *mostly[180:],
        *on_both_sides(_spread(30, 20, annotators=10, prompts=10, opponent=D)),
        *_spread(20, 9, annotators=10, prompts=10, opponent=ModelKey("e")),
        Comparison(B, C, Verdict.TIE, 0, 0),
    ]

    rates = clustered_rates(from_rows(rows))

    assert rates.pairs[Pair(A, C)].sides is Sides.MOSTLY_ONE
    assert uneven_pairs(rates) == (Pair(A, B), Pair(C, A))


def test_pooled_rate_of_a_model_with_one_opponent_is_that_of_the_pair() -> None:
    board = Campaign(12, 30, 30, annotator_sd=0.7, tie_share=0.2).board(np.random.default_rng(2))

    rates = clustered_rates(board)

    assert _same(rates.pooled[board.models[0]], rates.pairs[Pair(*board.models)])
