"""The likelihoods behind ratings, by their derivatives."""

import numpy as np
import pytest
from scipy import special

from arena.statistics.clusters import Floats
from arena.statistics.comparisons import sided_counts
from arena.statistics.tie_models import Davidson, HalfWin, Results, TieModel, results_of
from tests.endurance.simulated_boards import Campaign

STEP = 1e-5
BOARD = Campaign(10, 60, strengths=(0.8, 0.1, -0.3), tie_share=0.3).board(np.random.default_rng(4))
RESULTS = results_of(sided_counts(BOARD))
HALF_WIN_POINT = np.array([0.3, -0.2, -0.4])
DAVIDSON_POINT = np.array([0.3, -0.2, -0.4, -0.5])
MODELS = [(HalfWin(), HALF_WIN_POINT), (Davidson(), DAVIDSON_POINT)]


def _log_likelihood(model: TieModel, point: Floats, results: Results) -> float:
    """Written out by its definition, pair by pair."""
    total = 0.0
    for i in range(3):
        for j in range(3):
            difference = point[i] - point[j]
            if isinstance(model, HalfWin):
                half_wins = results.wins[i, j] + results.ties[i, j] / 2
                total += half_wins * special.log_expit(difference)
                continue
            weights = np.array([difference / 2, -difference / 2, point[3]])
            logs = weights - special.logsumexp(weights)
            total += results.wins[i, j] * logs[0] + results.ties[i, j] * logs[2] / 2
    return total


@pytest.mark.parametrize(("model", "point"), MODELS)
def test_the_gradient_is_the_slope_of_the_log_likelihood(model: TieModel, point: Floats) -> None:
    slopes = [
        (
            _log_likelihood(model, point + STEP * unit, RESULTS)
            - _log_likelihood(model, point - STEP * unit, RESULTS)
        )
        / (2 * STEP)
        for unit in np.eye(len(point))
    ]

    assert model.gradient(point, RESULTS) == pytest.approx(slopes, rel=1e-6, abs=1e-5)


@pytest.mark.parametrize(("model", "point"), MODELS)
def test_the_information_is_minus_the_slope_of_the_gradient(model: TieModel, point: Floats) -> None:
    slopes = [
        (
            model.gradient(point + STEP * unit, RESULTS)
            - model.gradient(point - STEP * unit, RESULTS)
        )
        / (2 * STEP)
        for unit in np.eye(len(point))
    ]

    assert model.information(point, RESULTS) == pytest.approx(-np.array(slopes), abs=1e-5)


@pytest.mark.parametrize(("model", "point"), MODELS)
def test_residuals_of_single_votes_add_up_to_the_gradient(model: TieModel, point: Floats) -> None:
    residuals = model.residuals(point, BOARD)

    strengths = np.bincount(BOARD.a, residuals.strength) - np.bincount(BOARD.b, residuals.strength)
    extra = [] if residuals.tie is None else [residuals.tie.sum()]
    assert model.gradient(point, RESULTS) == pytest.approx([*strengths, *extra])


@pytest.mark.parametrize(("model", "point"), MODELS)
def test_gradients_of_several_data_sets_are_those_of_each(model: TieModel, point: Floats) -> None:
    both = Results(np.stack([RESULTS.wins, RESULTS.wins.T]), np.stack([RESULTS.ties] * 2))

    together = model.gradient(np.stack([point, point]), both)

    assert together[0] == pytest.approx(model.gradient(point, RESULTS))
    assert together[1] == pytest.approx(
        model.gradient(point, Results(RESULTS.wins.T, RESULTS.ties))
    )
