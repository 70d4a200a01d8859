"""Items: one prompt with one pair of models."""

import numpy as np
from hypothesis import given

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.items import item_votes
from tests.statistics.votes import A, B, C, Rows, llmfao, mirrored, row_lists


def test_the_real_votes_have_the_items_that_their_authors_count() -> None:
    votes = item_votes(llmfao())

    assert votes.items == 2139
    assert int((np.bincount(votes.item) >= 2).sum()) == 2124
    assert not votes.exchanged.any()


def test_a_verdict_is_told_in_the_order_that_most_votes_on_the_item_saw() -> None:
    rows = [
        Comparison(B, A, Verdict.A_BETTER, 0, 0),
        Comparison(B, A, Verdict.TIE, 1, 0),
        Comparison(A, B, Verdict.B_BETTER, 2, 0),
        Comparison(A, B, Verdict.A_BETTER, 0, 1),
    ]

    votes = item_votes(from_rows(rows))

    assert votes.item.tolist() == [0, 0, 0, 1]
    assert votes.exchanged.tolist() == [False, False, True, False]
    assert votes.verdict.tolist() == [
        Verdict.A_BETTER.number,
        Verdict.TIE.number,
        Verdict.A_BETTER.number,
        Verdict.A_BETTER.number,
    ]


def test_other_models_and_other_prompts_are_other_items() -> None:
    rows = [
        Comparison(A, B, Verdict.TIE, 0, 0),
        Comparison(A, C, Verdict.TIE, 0, 0),
        Comparison(C, A, Verdict.TIE, 0, 0),
        Comparison(A, B, Verdict.TIE, 0, 1),
    ]

    votes = item_votes(from_rows(rows))

    assert votes.items == 3
    assert votes.item[1] == votes.item[2]


def test_other_answers_to_a_prompt_are_another_item() -> None:
    rows = [
        Comparison(A, B, Verdict.TIE, 0, 0, answers=7),
        Comparison(B, A, Verdict.TIE, 1, 0, answers=7),
        Comparison(A, B, Verdict.TIE, 2, 0, answers=8),
    ]

    assert item_votes(from_rows(rows)).item.tolist() == [0, 0, 1]


@given(row_lists())
def test_exchanging_all_sides_leaves_who_saw_the_same_order_together(rows: Rows) -> None:
    votes, other = item_votes(from_rows(rows)), item_votes(from_rows(mirrored(rows)))

    assert votes.item.tolist() == other.item.tolist()
    for item in range(votes.items):
        here = votes.item == item
        same = votes.exchanged[here] == other.exchanged[here]
        assert same.all() or not same.any()
