"""The logit of pairs against statsmodels, and what cannot be told from the models."""

from typing import Any

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparisons, Numbers, intersection, renumbered
from arena.statistics.outcomes import WON
from arena.statistics.pair_logit import (
    PairLogit,
    SeparatedError,
    fit_pairs,
    independent_of_models,
)
from tests.endurance.simulated_boards import Campaign, Floats
from tests.statistics.votes import llmfao

CAMPAIGN = Campaign(20, 60, 30, annotator_sd=0.5, prompt_sd=0.5, strengths=(0.6, 0.2, 0.0, -0.8))


def _board(seed: int) -> tuple[Comparisons, Floats]:
    random = np.random.default_rng(seed)
    board = CAMPAIGN.board(random).decisive
    return board, np.column_stack([random.normal(size=(len(board), 2)), np.ones(len(board))])


def _oracle(board: Comparisons, covariates: Floats, cluster: Numbers | None = None) -> Any:
    """Statsmodels' logit with a column for each model but the first."""
    models = np.zeros((len(board), len(board.models)))
    rows = np.arange(len(board))
    models[rows, board.a], models[rows, board.b] = 1, -1
    design = np.hstack([models[:, 1:], covariates])
    fitted = sm.Logit(WON[board.outcome].astype(float), design)
    how = {"maxiter": 100, "tol": 1e-13, "disp": 0}
    if cluster is None:
        return fitted.fit(**how)
    options = {"groups": cluster, "use_correction": True}
    return fitted.fit(cov_type="cluster", cov_kwds=options, **how)


def _relative(found: PairLogit) -> Floats:
    """Turns parameters into what the oracle has: strengths against the first model."""
    size, models = len(found.bread), len(found.strengths)
    turned = np.delete(np.eye(size), 0, axis=0)
    turned[: models - 1, 0] = -1
    return turned


@pytest.mark.parametrize("seed", range(3))
def test_strengths_and_coefficients_are_those_of_statsmodels(seed: int) -> None:
    board, covariates = _board(seed)

    found = fit_pairs(board, covariates)

    expected = _oracle(board, covariates)
    ours = _relative(found) @ np.concatenate([found.strengths, found.coefficients])
    assert_allclose(ours, expected.params, atol=1e-8)
    turned = _relative(found)
    assert_allclose(turned @ found.bread @ turned.T, expected.cov_params(), atol=1e-8)


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("kind", ["annotator", "prompt", "both"])
def test_clustered_covariances_are_those_of_statsmodels(seed: int, kind: str) -> None:
    board, covariates = _board(seed)
    cluster = {
        "annotator": board.annotator,
        "prompt": board.prompt,
        "both": renumbered(intersection(board)),
    }[kind]

    found = fit_pairs(board, covariates).clustered(cluster, jackknife=False)

    turned = _relative(fit_pairs(board, covariates))
    n, k = len(board), len(turned)
    of_oracle = _oracle(board, covariates, cluster).cov_params() * (n - k) / (n - 1)
    assert_allclose(turned @ found @ turned.T, of_oracle, rtol=1e-6, atol=1e-12)


def test_leaving_clusters_out_is_the_usual_form_where_all_are_of_one_size() -> None:
    board, covariates = _board(3)
    even = np.arange(len(board)) < 20 * (len(board) // 20)
    fit = fit_pairs(board.where(even), covariates[even])
    cluster = np.arange(even.sum()) % 20

    assert_allclose(fit.clustered(cluster), fit.clustered(cluster, jackknife=False), rtol=1e-10)


def test_leaving_clusters_out_is_what_it_says() -> None:
    """A cluster's scores, each divided by one minus its share, cluster by cluster."""
    board, covariates = _board(4)
    fit = fit_pairs(board, covariates)
    scores = fit.design.toarray() * fit.residual[:, None]

    expected = np.zeros_like(fit.bread)
    people = np.unique(board.annotator)
    for person in people:
        theirs = board.annotator == person
        moved = fit.bread @ scores[theirs].sum(axis=0) / (1 - theirs.mean())
        expected += np.outer(moved, moved) * (len(people) - 1) / len(people)

    assert_allclose(fit.clustered(board.annotator), expected, rtol=1e-10, atol=1e-15)


def test_one_cluster_has_no_variance() -> None:
    board, covariates = _board(5)

    assert np.isnan(fit_pairs(board, covariates).clustered(np.zeros(len(board), np.int64))).all()


def test_without_covariates_chances_add_up_to_wins() -> None:
    board, covariates = _board(6)

    fit = fit_pairs(board, covariates[:, :0])

    assert fit.coefficients.shape == (0,)
    assert_allclose(fit.design.T @ fit.residual, 0, atol=1e-8)
    assert abs(fit.strengths.mean()) < 1e-12


def test_covariates_that_follow_from_models_or_each_other_are_not_told() -> None:
    board, covariates = _board(7)
    verbosity = np.array([3.0, 1.0, 0.0, 2.0])
    of_models = verbosity[board.a] - verbosity[board.b]
    columns = np.column_stack([of_models, covariates, covariates[:, 0] * 2, np.zeros(len(board))])

    assert independent_of_models(board, columns) == [1, 2, 3]
    assert independent_of_models(board, columns[:, :0]) == []


def test_a_covariate_that_tells_every_vote_is_refused() -> None:
    board, _ = _board(8)
    telling = np.where(WON[board.outcome], 1.0, -1.0)[:, None]

    with pytest.raises(SeparatedError):
        fit_pairs(board, telling)


def test_a_covariate_that_tells_all_votes_where_it_is_not_0_is_refused() -> None:
    board, _ = _board(9)
    telling = np.where(WON[board.outcome], 1.0, -1.0) * (np.arange(len(board)) % 5 == 0)

    with pytest.raises(SeparatedError):
        fit_pairs(board, telling[:, None])


def test_real_votes_with_models_alone_are_those_of_statsmodels() -> None:
    board = llmfao().decisive
    side = np.ones((len(board), 1))
    fit = fit_pairs(board, side)

    expected = _oracle(board, side, board.annotator)
    turned = _relative(fit)
    ours = turned @ np.concatenate([fit.strengths, fit.coefficients])
    n, k = len(board), len(turned)
    covariance = turned @ fit.clustered(board.annotator, jackknife=False) @ turned.T
    assert_allclose(ours, expected.params, atol=1e-6)
    assert_allclose(covariance, expected.cov_params() * (n - k) / (n - 1), rtol=1e-6, atol=1e-9)


def test_mirrored_sides_are_the_same_fit() -> None:
    board, covariates = _board(10)
    mirrored = Comparisons(
        board.models,
        board.b,
        board.a,
        np.where(WON[board.outcome], Verdict.B_BETTER.number, Verdict.A_BETTER.number),
        board.annotator,
        board.prompt,
    )

    assert_allclose(
        fit_pairs(board, covariates).strengths,
        fit_pairs(mirrored, -covariates).strengths,
        atol=1e-9,
    )
