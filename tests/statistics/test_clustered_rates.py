"""Win:loss rates that know the annotator and the prompt of each vote."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
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
    ClusteredRate,
    clustered_rates,
    pair_rates,
    pooled_rates,
    uneven_pairs,
)
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.outcomes import DECISIVE
from arena.statistics.sides import Sides
from arena.statistics.thresholds import Scope, Thresholds
from arena.statistics.win_rate import ComparisonCount, Pair, Record, State, model_results, tally
from tests.endurance.simulated_boards import Campaign
from tests.statistics.clustered import EASY, dealt_out, on_their_own
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
    rate = pair_rates(on_their_own(wins, losses))[Pair(A, B)]

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
    rate = pair_rates(on_their_own(wins, n - wins), Thresholds(decisive=1))[Pair(A, B)]
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
    rows = dealt_out(1200, 800, annotators=20, prompts=50)

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
    alone = dealt_out(30, 20, annotators=10, prompts=10)
    mostly = dealt_out(180, 120, annotators=10, prompts=10, opponent=C)
    rows = [
        *alone,
        *mirrored(mostly[:180]),
        *mostly[180:],
        *on_both_sides(dealt_out(30, 20, annotators=10, prompts=10, opponent=D)),
        *dealt_out(20, 9, annotators=10, prompts=10, opponent=ModelKey("e")),
        Comparison(B, C, Verdict.TIE, 0, 0),
    ]

    rates = clustered_rates(from_rows(rows))

    assert rates.pairs[Pair(A, C)].sides is Sides.MOSTLY_ONE
    assert uneven_pairs(rates) == (Pair(A, B), Pair(C, A))


def test_pooled_rate_of_a_model_with_one_opponent_is_that_of_the_pair() -> None:
    board = Campaign(12, 30, 30, annotator_sd=0.7, tie_share=0.2).board(np.random.default_rng(2))

    rates = clustered_rates(board)

    assert _same(rates.pooled[board.models[0]], rates.pairs[Pair(*board.models)])
