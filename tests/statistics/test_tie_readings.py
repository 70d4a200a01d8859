"""Readings of ties: each is the rating of other votes, or by another likelihood."""

import choix
import numpy as np
import pytest

from arena.domain.verdict import Verdict
from arena.statistics.bradley_terry import ELO, MEAN_ELO
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Comparisons
from arena.statistics.outcomes import DECISIVE, WON
from arena.statistics.ratings import Ratings
from arena.statistics.tie_readings import TieReading, tie_readings
from tests.endurance import FACTOR
from tests.endurance.coverage import true_elo
from tests.endurance.simulated_boards import Campaign
from tests.statistics.votes import llmfao

BOARDS = 40 if FACTOR == 1 else 100 * FACTOR


def _board(seed: int = 0) -> Comparisons:
    board = Campaign(20, 90, strengths=(0.6, 0.1, -0.4), tie_share=0.3).board(
        np.random.default_rng(seed)
    )
    random = np.random.default_rng(seed + 100)
    bad = ~DECISIVE[board.outcome] & (random.random(len(board)) < 0.5)
    outcome = np.where(bad, Verdict.BOTH_BAD.number, board.outcome)
    return Comparisons(board.models, board.a, board.b, outcome, board.annotator, board.prompt)


def _elo(found: Ratings) -> Floats:
    return np.array([one.elo for one in found.ratings])


def _readings(board: Comparisons) -> dict[TieReading, Floats]:
    found = tie_readings(board, random=np.random.default_rng(0))
    return {reading: _elo(ratings) for reading, ratings in found.items()}


@pytest.mark.parametrize("seed", range(3))
def test_dropped_ties_are_those_of_choix_on_decisive_votes(seed: int) -> None:
    board = _board(seed)
    decisive = board.decisive
    first = WON[decisive.outcome]
    winners = np.where(first, decisive.a, decisive.b).tolist()
    losers = np.where(first, decisive.b, decisive.a).tolist()
    strengths = choix.opt_pairwise(3, list(zip(winners, losers, strict=True)), alpha=0)

    expected = MEAN_ELO + ELO * (strengths - strengths.mean())
    assert _readings(board)[TieReading.DROPPED] == pytest.approx(expected, abs=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_half_wins_are_those_of_choix_with_every_vote_twice(seed: int) -> None:
    board = _board(seed)
    found = _readings(board)

    for reading, kept in (
        (TieReading.HALF, np.ones(len(board), np.bool_)),
        (TieReading.BOTH_BAD_APART, board.outcome != Verdict.BOTH_BAD.number),
    ):
        data = []
        for a, b, outcome in zip(board.a[kept], board.b[kept], board.outcome[kept], strict=True):
            if not DECISIVE[outcome]:
                data += [(a, b), (b, a)]
            else:
                data += [(a, b) if WON[outcome] else (b, a)] * 2
        strengths = choix.opt_pairwise(3, data, alpha=0)
        expected = MEAN_ELO + ELO * (strengths - strengths.mean())
        assert found[reading] == pytest.approx(expected, abs=0.01)


def test_half_wins_draw_models_together_and_the_other_readings_less() -> None:
    found = _readings(_board())

    spread = {reading: float(np.ptp(elo)) for reading, elo in found.items()}
    assert spread[TieReading.HALF] < spread[TieReading.BOTH_BAD_APART] < spread[TieReading.DROPPED]
    assert spread[TieReading.DAVIDSON] == pytest.approx(spread[TieReading.DROPPED], rel=0.1)


def test_without_ties_all_readings_are_one() -> None:
    board = _board().decisive

    found = _readings(board)

    for elo in found.values():
        assert elo == pytest.approx(found[TieReading.HALF])


def test_real_votes_have_a_rating_by_every_reading() -> None:
    found = tie_readings(llmfao(), random=np.random.default_rng(0))

    assert list(found) == list(TieReading)
    assert all(len(ratings.ratings) == 59 for ratings in found.values())


@pytest.mark.parametrize("reading", [TieReading.HALF, TieReading.DROPPED])
def test_intervals_hold_the_strength_that_a_reading_speaks_of(reading: TieReading) -> None:
    """Half wins those that ties draw together, dropped ties those of decisive votes."""
    campaign = Campaign(
        30, 40, annotator_sd=0.5, strengths=(0.8, 0.4, 0.0, -0.4, -0.8), tie_share=0.2
    )
    ties = campaign.tie_share if reading is TieReading.HALF else 0.0
    truth = true_elo(
        Campaign(30, 40, annotator_sd=0.5, strengths=campaign.strengths, tie_share=ties)
    )
    held = []
    for random in np.random.default_rng(7).spawn(BOARDS):
        found = tie_readings(campaign.board(random), random=random)[reading]
        interval = found.ratings[0].interval
        assert interval is not None
        held.append(interval.low <= truth[0] <= interval.high)

    assert np.mean(held) > 0.93 - (3 * (0.05 * 0.95 / BOARDS) ** 0.5 if FACTOR == 1 else 0)
