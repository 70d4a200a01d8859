"""Win:loss rates without ties."""

from collections.abc import Iterable
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.statistics.win_rate import (
    FEWEST_DECISIVE,
    ComparisonCount,
    Pair,
    Record,
    State,
    model_results,
    pair_results,
    side_share,
    tally,
)

A, B, C = ModelKey("a"), ModelKey("b"), ModelKey("c")

count_rows = st.lists(
    st.builds(
        lambda pair, verdict, count: ComparisonCount(pair[0], pair[1], verdict.value, count),
        st.permutations([A, B, C]),
        st.sampled_from(Verdict),
        st.integers(0, 500),
    ),
    max_size=30,
)


def _counts(model: ModelKey, opponent: ModelKey, record: Record) -> list[ComparisonCount]:
    numbers = {
        Verdict.A_BETTER: record.wins,
        Verdict.B_BETTER: record.losses,
        Verdict.TIE: record.ties,
        Verdict.BOTH_BAD: record.both_bad,
    }
    return [
        ComparisonCount(model, opponent, verdict.value, number)
        for verdict, number in numbers.items()
    ]


def _decisive(rows: Iterable[ComparisonCount]) -> int:
    return sum(row.count for row in rows if Verdict(row.verdict).decisive)


@pytest.mark.parametrize(
    ("wins", "losses", "ties", "percent"),
    [(90, 52, 76, 63.4), (90, 63, 65, 58.8), (61, 89, 68, 40.7)],
)
def test_wizardlm_v1_counts_give_their_rate_without_ties(
    wins: int, losses: int, ties: int, percent: float
) -> None:
    records = tally(_counts(A, B, Record(wins, losses, ties, 0)))

    assert records[Pair(A, B)].rate == pytest.approx(percent / 100, abs=5e-4)
    assert records[Pair(A, B)].total == 218


@given(count_rows)
def test_wins_of_one_side_are_losses_of_the_other(rows: list[ComparisonCount]) -> None:
    records = tally(rows)

    for pair, record in records.items():
        assert records[Pair(pair.opponent, pair.model)] == record.mirrored
    assert sum(record.wins for record in records.values()) == _decisive(rows)


@given(count_rows)
def test_exchanging_sides_and_verdicts_changes_no_record(rows: list[ComparisonCount]) -> None:
    mirrored = [
        ComparisonCount(row.model_b, row.model_a, Verdict(row.verdict).mirrored, row.count)
        for row in rows
    ]

    assert tally(mirrored) == tally(rows)


@given(count_rows, st.randoms(use_true_random=False), st.integers(0, 30))
def test_order_and_splitting_of_the_data_change_nothing(
    rows: list[ComparisonCount], random: Random, cut: int
) -> None:
    shuffled = random.sample(rows, len(rows))
    first, second = tally(shuffled[:cut]), tally(shuffled[cut:])
    added = {
        pair: first.get(pair, Record()) + second.get(pair, Record()) for pair in {*first, *second}
    }

    assert added == tally(rows)


@given(count_rows)
def test_renaming_models_renames_results(rows: list[ComparisonCount]) -> None:
    name = {A: ModelKey("x"), B: ModelKey("k"), C: ModelKey("z")}
    renamed = [
        ComparisonCount(name[row.model_a], name[row.model_b], row.verdict, row.count)
        for row in rows
    ]

    expected = {Pair(name[p.model], name[p.opponent]): record for p, record in tally(rows).items()}
    assert tally(renamed) == expected


@given(count_rows)
def test_a_models_pool_is_the_sum_of_its_pairs(rows: list[ComparisonCount]) -> None:
    records = tally(rows)

    for result in model_results(records):
        mine = [pair.record for pair in pair_results(records) if pair.model == result.model]
        rates = [record.rate for record in mine if record.rate is not None]
        assert result.pooled == sum(mine, Record())
        assert result.opponents == len(rates)
        if rates:
            assert result.mean_over_opponents == pytest.approx(sum(rates) / len(rates))
        else:
            assert result.mean_over_opponents is None


def test_pooled_and_mean_over_opponents_differ_when_opponents_are_met_unequally() -> None:
    rows = [*_counts(A, B, Record(wins=90, losses=10)), *_counts(A, C, Record(wins=1, losses=9))]

    result = model_results(tally(rows))[0]

    assert result.pooled.rate == pytest.approx(91 / 110)
    assert result.mean_over_opponents == pytest.approx(0.5)


def test_without_a_decisive_comparison_there_is_no_rate() -> None:
    record = Record(ties=5, both_bad=1)

    assert record.rate is None
    assert record.interval is None
    assert record.tie_rate == 1
    assert record.state is State.TOO_FEW
    assert Record().tie_rate is None


def test_the_state_changes_at_the_threshold_and_is_never_established() -> None:
    assert Record(wins=FEWEST_DECISIVE - 1, ties=900).state is State.TOO_FEW
    assert Record(wins=FEWEST_DECISIVE).state is State.PRELIMINARY
    assert Record(wins=50_000, losses=50_000).state is State.PRELIMINARY


@pytest.mark.parametrize("verdict", ["a_beter", "", "A_BETTER", None])
def test_an_unknown_verdict_raises(verdict: str) -> None:
    rows = [ComparisonCount(A, B, verdict, 1)]

    with pytest.raises(ValueError, match="is not a valid Verdict"):
        tally(rows)
    with pytest.raises(ValueError, match="is not a valid Verdict"):
        side_share(rows)


def test_a_model_that_meets_itself_and_a_negative_count_raise() -> None:
    with pytest.raises(ValueError, match="not a comparison"):
        tally([ComparisonCount(A, A, Verdict.TIE, 1)])
    with pytest.raises(ValueError, match="not a comparison"):
        tally([ComparisonCount(A, B, Verdict.TIE, -1)])


def test_the_side_share_counts_the_earlier_slot_among_decisive_comparisons() -> None:
    rows = [
        *_counts(A, B, Record(wins=3, losses=1, ties=9)),
        *_counts(B, A, Record(wins=3, losses=1)),
    ]

    side = side_share(rows)

    assert (side.share, side.decisive) == (0.75, 8)
    assert side.interval == Record(wins=6, losses=2).interval
    assert side_share([]).share is None
