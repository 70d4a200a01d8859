"""Every pair at once: the same as pair by pair, and mirrored from the other side."""

import numpy as np
import pytest
from hypothesis import given

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.fragility import fragility
from arena.statistics.pair_quality import ANNOTATOR_BLOCK, PROMPT_BLOCK, pair_quality
from arena.statistics.pair_votes import votes_of_pairs
from arena.statistics.sequential import Claim, Lead, verdict_of_votes
from arena.statistics.sequential_blocks import annotator_blocks, prompt_blocks, verdict_of_blocks
from arena.statistics.win_rate import Pair
from tests.statistics.votes import A, B, Rows, llmfao, pair_votes, row_lists


@given(row_lists())
def test_the_votes_of_all_pairs_are_those_of_each(rows: Rows) -> None:
    board = from_rows(rows)

    for votes in votes_of_pairs(board):
        alone = pair_votes(board, votes.pair)
        for column in ("position", "score", "annotator", "prompt"):
            assert np.array_equal(getattr(votes, column), getattr(alone, column))
    assert sum(len(votes) for votes in votes_of_pairs(board)) == len(rows)


@given(row_lists())
def test_each_pair_has_its_fragility_and_its_three_verdicts(rows: Rows) -> None:
    board = from_rows(rows)

    for pair, found in pair_quality(board).items():
        votes = pair_votes(board, pair)
        lone = fragility(votes)
        assert (found.fragile is None) == (lone is None)
        if found.fragile and lone:
            assert found.fragile.leader == lone.leader
            assert found.fragile.votes_to_level == len(lone.votes.to_level)
            assert found.fragile.annotators_to_level == len(lone.annotators.to_level)
        of_votes = verdict_of_votes(votes)
        assert (found.by_votes.lead, found.by_votes.units) == (of_votes.lead, of_votes.units)
        for block, verdict in (
            (annotator_blocks(votes, size=ANNOTATOR_BLOCK), found.by_annotators),
            (prompt_blocks(votes, size=PROMPT_BLOCK), found.by_prompts),
        ):
            alone = verdict_of_blocks(block)
            assert verdict.lead == alone.lead
            assert verdict.log_e == pytest.approx(alone.log_e)


@given(row_lists())
def test_a_pair_is_told_from_both_sides(rows: Rows) -> None:
    found = pair_quality(from_rows(rows))

    for pair, one in found.items():
        other = found[Pair(pair.opponent, pair.model)]
        assert (one.pair, other.fragile) == (pair, one.fragile)
        assert other.by_prompts.mirrored == one.by_prompts
        assert other.by_votes.mirrored.lead == one.by_votes.lead
        assert one.by_votes.interval is not None
        assert other.by_votes.interval is not None
        assert other.by_votes.interval.low == pytest.approx(1 - one.by_votes.interval.high)


def test_a_lead_that_many_annotators_share_is_settled_for_annotators_like_them() -> None:
    rows = [Comparison(A, B, Verdict.A_BETTER, n // 5, n) for n in range(200)]

    found = pair_quality(from_rows(rows))[Pair(B, A)]

    assert (found.by_votes.lead, found.by_votes.claim) == (Lead.BEHIND, Claim.THOSE_WHO_VOTED)
    assert (found.by_annotators.lead, found.by_annotators.units) == (Lead.BEHIND, 40)
    assert found.by_annotators.claim is Claim.LIKE_THESE_ANNOTATORS
    assert found.fragile is not None
    assert (found.fragile.leader, found.fragile.lead) == (A, 200)
    assert (found.fragile.annotators_to_level, found.fragile.annotators_to_reverse) == (40, None)


def test_real_votes_have_every_pair_that_met() -> None:
    board = llmfao()

    found = pair_quality(board)

    met = {frozenset(pair) for pair in zip(board.a.tolist(), board.b.tolist(), strict=True)}
    assert len(found) == 2 * len(met)
