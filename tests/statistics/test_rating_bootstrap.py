"""Errors of ratings from counts alone."""

import numpy as np
import pytest

from arena.statistics.bradley_terry import fit
from arena.statistics.comparisons import Comparisons, Numbers, sided_counts
from arena.statistics.rating_bootstrap import bootstrap_errors
from arena.statistics.rating_errors import RatingErrors, clustered_errors
from arena.statistics.thresholds import Scope
from arena.statistics.tie_models import Ties, results_of
from tests.endurance.simulated_boards import Campaign


def _bootstrapped(sided: Numbers, ties: Ties, seed: int = 0, rounds: int = 1000) -> RatingErrors:
    random = np.random.default_rng(seed)
    return bootstrap_errors(fit(sided, ties), results_of(sided), random=random, rounds=rounds)


@pytest.mark.parametrize("ties", Ties)
def test_errors_are_those_of_the_sandwich_of_independent_votes(ties: Ties) -> None:
    campaign = Campaign(1000, 1, strengths=(0.8, 0.3, 0.0, -0.6), tie_share=0.25)
    board = campaign.board(np.random.default_rng(0))
    sided = sided_counts(board)

    sandwich = clustered_errors(
        fit(sided, ties), sided, board, Scope.ANNOTATORS_AND_PROMPTS, np.full(4, np.inf)
    )

    drawn = _bootstrapped(sided, ties)
    assert drawn.error == pytest.approx(sandwich.error, rel=0.1)
    assert drawn.difference_error == pytest.approx(sandwich.difference_error, rel=0.1)
    assert np.isinf(drawn.clusters).all()


@pytest.mark.parametrize("ties", Ties)
def test_resamples_without_a_finite_rating_are_finite(ties: Ties) -> None:
    board = Campaign(60, 1, strengths=(3.0, 0.0, -0.5), tie_share=0.1)
    sided = sided_counts(board.board(np.random.default_rng(2)))
    assert len(fit(sided, ties).rated) == 3

    drawn = _bootstrapped(sided, ties)

    assert np.isfinite(drawn.error).all()
    assert drawn.error[0] > drawn.error[1]


def test_the_same_seed_gives_the_same_errors() -> None:
    board: Comparisons = Campaign(50, 4).board(np.random.default_rng(0))
    sided = sided_counts(board)

    one, same, other = (
        _bootstrapped(sided, Ties.HALF_WIN, seed, 100).error.tolist() for seed in (1, 1, 2)
    )

    assert one == same != other
