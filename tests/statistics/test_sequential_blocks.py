"""Verdicts that speak of annotators, or prompts, like those seen."""

from itertools import product
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.pair_votes import PairVotes
from arena.statistics.sequential import VOTE_PRIOR, Claim, Lead, log_e_of_votes
from arena.statistics.sequential_blocks import (
    Blocks,
    annotator_blocks,
    final_evidence,
    prompt_blocks,
    verdict_of_blocks,
)
from arena.statistics.win_rate import Pair
from tests.endurance.evidence_paths import evidence_of_blocks
from tests.statistics.votes import A, B, pair_votes

scores = st.lists(st.floats(-1, 1), min_size=1, max_size=60)


def _votes(*rows: tuple[Verdict, int, int]) -> PairVotes:
    return pair_votes(from_rows(Comparison(A, B, *row) for row in rows), Pair(A, B))


def test_a_block_is_the_first_votes_of_an_annotator_once_there_are_enough() -> None:
    won, lost, tie = Verdict.A_BETTER, Verdict.B_BETTER, Verdict.TIE
    votes = _votes((won, 0, 0), (lost, 1, 0), (lost, 1, 1), (won, 2, 0), (tie, 0, 1), (lost, 0, 2))

    blocks = annotator_blocks(votes, size=2)

    assert blocks.claim is Claim.LIKE_THESE_ANNOTATORS
    assert blocks.scores.tolist() == [-1.0, 0.5]
    by_prompt = prompt_blocks(votes, size=2)
    assert by_prompt.claim is Claim.LIKE_THESE_PROMPTS
    assert by_prompt.scores.tolist() == [0.0, -0.5]


@given(st.lists(st.booleans(), min_size=1, max_size=100))
def test_blocks_of_one_vote_are_single_votes(won: list[bool]) -> None:
    score = np.where(won, 1.0, -1.0)
    wins = np.cumsum(won)

    evidence = evidence_of_blocks(score, prior=VOTE_PRIOR)

    losses = np.arange(1, len(won) + 1) - wins
    assert evidence.log_e == pytest.approx(log_e_of_votes(wins, losses), abs=1e-9)


@pytest.mark.parametrize("values", [(-1, 1), (-0.5, 0.5), (-1, -0.5, 0.5, 1), (-0.5, 0, 0.5)])
def test_while_scores_are_fair_the_expected_evidence_is_one(values: tuple[float, ...]) -> None:
    sequences = np.array(list(product(values, repeat=6)))

    assert float(np.exp(evidence_of_blocks(sequences).log_e[:, -1]).mean()) == pytest.approx(1)


def test_unfair_odds_that_are_even_in_the_mean_are_fair_too() -> None:
    sequences = np.array(list(product((1.0, -0.25), repeat=6)))
    chance = np.where(sequences > 0, 0.2, 0.8).prod(axis=1)
    evidence = np.exp(evidence_of_blocks(sequences).log_e[:, -1])

    assert float(chance @ evidence) == pytest.approx(1)


@given(scores, st.randoms(use_true_random=False))
def test_neither_order_nor_level_blocks_change_the_evidence(
    values: list[float], random: Random
) -> None:
    last = evidence_of_blocks(values).log_e[-1]
    shuffled = random.sample([*values, 0.0, 0.0], len(values) + 2)

    assert evidence_of_blocks(shuffled).log_e[-1] == pytest.approx(last, abs=1e-9)


@given(scores)
def test_exchanging_the_models_exchanges_the_players(values: list[float]) -> None:
    evidence, other = evidence_of_blocks(values), evidence_of_blocks(-np.array(values))

    assert evidence.ahead == pytest.approx(other.behind)
    assert evidence.log_e == pytest.approx(other.log_e)


@pytest.mark.parametrize(
    ("blocks", "score", "lead"),
    [
        (0, 1.0, Lead.OPEN),
        (7, 1.0, Lead.OPEN),
        (8, 1.0, Lead.AHEAD),
        (8, -1.0, Lead.BEHIND),
        (40, 0.2, Lead.AHEAD),
        (40, 0.0, Lead.OPEN),
    ],
)
def test_at_least_eight_annotators_settle_a_pair(blocks: int, score: float, lead: Lead) -> None:
    verdict = verdict_of_blocks(Blocks(Claim.LIKE_THESE_ANNOTATORS, np.full(blocks, score)))

    assert (verdict.lead, verdict.units) == (lead, blocks)
    assert verdict.claim is Claim.LIKE_THESE_ANNOTATORS
    assert verdict.interval is None


def test_impossible_blocks_are_refused() -> None:
    for score in (1.5, float("nan")):
        with pytest.raises(ValueError, match="net score"):
            evidence_of_blocks([0.0, score])
    with pytest.raises(ValueError, match="at least one vote"):
        annotator_blocks(_votes((Verdict.TIE, 0, 0)), size=0)


@given(st.lists(st.sampled_from([-1.0, -0.6, -0.2, 0.0, 0.2, 0.6, 1.0]), min_size=1, max_size=60))
def test_the_last_evidence_is_the_end_of_the_path(scores: list[float]) -> None:
    path, last = evidence_of_blocks(scores), final_evidence(scores)

    assert last.log_e == pytest.approx(path.log_e[-1], abs=1e-9)
    assert last.ahead - last.behind == pytest.approx(path.ahead[-1] - path.behind[-1], abs=1e-9)
