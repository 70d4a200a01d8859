"""Blocks of votes that share neither an annotator nor a prompt."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.joint_blocks import joint_blocks
from arena.statistics.pair_votes import PairVotes
from arena.statistics.sequential import Claim
from arena.statistics.sequential_blocks import annotator_blocks
from arena.statistics.win_rate import Pair
from tests.statistics.votes import A, B, pair_votes

WON, LOST, TIE = Verdict.A_BETTER, Verdict.B_BETTER, Verdict.TIE
Vote = tuple[Verdict, int, int]

vote_lists = st.lists(
    st.tuples(st.sampled_from([WON, LOST, TIE]), st.integers(0, 5), st.integers(0, 9)),
    min_size=1,
    max_size=80,
)


def _votes(rows: list[Vote]) -> PairVotes:
    return pair_votes(from_rows(Comparison(A, B, *row) for row in rows), Pair(A, B))


def _members(rows: list[Vote], size: int) -> list[list[int]]:
    """Rows of each finished block, found the slow way."""
    blocks: dict[int, list[int]] = {}
    elsewhere: dict[int, int] = {}
    finished: list[list[int]] = []
    for row, (_, annotator, prompt) in enumerate(rows):
        mine = blocks.setdefault(annotator, [])
        if mine in finished:
            continue
        others = [member for who, block in blocks.items() if who != annotator for member in block]
        if any(rows[member][2] == prompt for member in others):
            elsewhere[annotator] = elsewhere.get(annotator, 0) + 1
        else:
            mine.append(row)
        if mine and max(len(mine), elsewhere.get(annotator, 0)) >= size:
            finished.append(mine)
    return finished


@given(vote_lists, st.integers(1, 5))
def test_blocks_share_neither_an_annotator_nor_a_prompt(rows: list[Vote], size: int) -> None:
    members = _members(rows, size)

    blocks = joint_blocks(_votes(rows), size=size)

    worth = {WON: 1, LOST: -1, TIE: 0}
    means = [sum(worth[rows[row][0]] for row in block) / len(block) for block in members]
    assert blocks.claim is Claim.LIKE_BOTH
    assert blocks.scores.tolist() == pytest.approx(means)
    for column in (1, 2):
        used = [{rows[row][column] for row in block} for block in members]
        assert sum(map(len, used)) == len(set().union(*used))


@given(vote_lists)
def test_who_votes_on_what_decides_over_blocks_and_not_how(rows: list[Vote]) -> None:
    other = {WON: LOST, LOST: WON, TIE: TIE}
    mirrored = [(other[verdict], annotator, prompt) for verdict, annotator, prompt in rows]

    scores = joint_blocks(_votes(rows), size=3).scores

    assert np.array_equal(joint_blocks(_votes(mirrored), size=3).scores, -scores)


@given(st.lists(st.tuples(st.sampled_from([WON, LOST, TIE]), st.integers(0, 5)), min_size=1))
def test_where_everybody_has_prompts_of_their_own_they_are_the_blocks_of_annotators(
    votes: list[tuple[Verdict, int]],
) -> None:
    found = _votes([(verdict, annotator, row) for row, (verdict, annotator) in enumerate(votes)])

    assert np.array_equal(
        joint_blocks(found, size=5).scores, annotator_blocks(found, size=5).scores
    )


def test_where_all_judge_the_same_prompts_one_after_another_each_still_gets_a_bet() -> None:
    """Blocks of five alone would use up twelve prompts for two bets, which settle nothing."""
    rows = [(WON, annotator, prompt) for annotator in range(8) for prompt in range(12)]

    assert len(joint_blocks(_votes(rows), size=5).scores) == 8


def test_a_block_has_a_vote() -> None:
    with pytest.raises(ValueError, match="at least one vote"):
        joint_blocks(_votes([(TIE, 0, 0)]), size=0)
