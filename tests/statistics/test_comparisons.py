"""Comparisons as columns, and the counts they add up to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import (
    Comparison,
    _hashed_partition,
    count_table,
    from_rows,
    partition,
    renumbered,
    repeated,
    sided_counts,
)
from tests.statistics.votes import A, B, C, Rows, row_lists


@given(st.lists(st.integers(0, 1000) | st.integers(-5, 10**12), max_size=40))
def test_labels_are_renumbered_in_their_order_without_gaps(labels: list[int]) -> None:
    numbers = renumbered(np.array(labels, dtype=np.int64))

    expected = {label: number for number, label in enumerate(sorted(set(labels)))}
    assert numbers.tolist() == [expected[label] for label in labels]


@given(st.lists(st.integers(-(2**63), 2**63 - 1), min_size=1, max_size=300))
def test_labels_that_fall_into_one_cell_of_the_table_are_told_apart(labels: list[int]) -> None:
    rows = np.array(labels, dtype=np.int64)

    distinct, numbers = _hashed_partition(rows)

    assert distinct.tolist() == sorted(set(labels))
    assert (distinct[numbers] == rows).all()


def test_large_labels_that_come_up_often_are_partitioned_like_all_others() -> None:
    random = np.random.default_rng(0)
    labels = random.choice(random.integers(-(2**63), 2**63, 1000), 200_000)

    found = partition(labels)

    expected = np.unique(labels, return_inverse=True)
    assert all((ours == theirs).all() for ours, theirs in zip(found, expected, strict=True))


@given(st.lists(st.integers(0, 40) | st.integers(-2, 10**12), max_size=60))
def test_labels_that_occur_more_than_once_are_found(labels: list[int]) -> None:
    found = repeated(np.array(labels, dtype=np.int64))

    assert found.tolist() == [labels.count(label) > 1 for label in labels]


@given(row_lists())
def test_every_comparison_is_counted_in_its_cell(rows: Rows) -> None:
    board = from_rows(rows)

    table = count_table(board)

    assert table.sum() == len(rows)
    for row in rows:
        cell = board.models.index(row.model_a), board.models.index(row.model_b)
        same = [r for r in rows if r[:3] == row[:3]]
        assert table[cell][list(Verdict).index(Verdict(row.verdict))] == len(same)


@given(row_lists())
def test_sided_counts_of_one_side_are_those_of_the_other_turned_round(rows: Rows) -> None:
    sided = sided_counts(from_rows(rows))

    assert (sided[..., 0] == sided[..., 1].T).all()
    assert (sided[..., 2:] == sided[..., 2:].transpose(1, 0, 2)).all()
    assert sided.sum() == 2 * len(rows)


def test_among_keeps_comparisons_between_the_chosen_models_and_their_names() -> None:
    board = from_rows(
        [
            Comparison(A, B, Verdict.A_BETTER, 7, 1),
            Comparison(C, A, Verdict.TIE, 8, 2),
            Comparison(B, C, Verdict.B_BETTER, 9, 3),
        ]
    )

    chosen = board.among(np.array([0, 2]))

    assert chosen.models == (A, C)
    assert (chosen.a.tolist(), chosen.b.tolist()) == ([1], [0])
    assert chosen.outcome.tolist() == [Verdict.TIE.number]
    assert chosen.annotator.tolist() == [0]
    assert board.among(np.array([0, 1, 2])) is board


def test_an_unknown_verdict_and_a_model_that_meets_itself_raise() -> None:
    with pytest.raises(ValueError, match="is not a valid Verdict"):
        from_rows([Comparison(A, B, "a_beter", 0, 0)])
    with pytest.raises(ValueError, match="meets itself"):
        from_rows([Comparison(A, A, Verdict.TIE, 0, 0)])
