"""Errors of ratings when votes share annotators and prompts."""

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.verdict import Verdict
from arena.statistics.bradley_terry import ELO, fit
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Comparisons, Numbers, sided_counts
from arena.statistics.rating_errors import RatingErrors, clustered_errors, model_clusters
from arena.statistics.thresholds import Scope
from arena.statistics.tie_models import Ties
from tests.endurance.simulated_boards import Campaign

FOUR = (0.8, 0.3, 0.0, -0.6)
MANY = np.full(4, np.inf)


def _board(campaign: Campaign, seed: int = 0) -> Comparisons:
    return campaign.board(np.random.default_rng(seed))


def _errors(board: Comparisons, scope: Scope, ties: Ties = Ties.HALF_WIN) -> RatingErrors:
    sided = sided_counts(board)
    return clustered_errors(fit(sided, ties), sided, board, scope, MANY)


def _theirs(board: Comparisons, groups: Numbers) -> Floats:
    """Errors of differences by statsmodels' logistic regression, with G/(G-1)."""
    design = np.eye(4)[board.a] - np.eye(4)[board.b]
    won = (board.outcome == Verdict.A_BETTER.number).astype(float)
    model = sm.GLM(won, design[:, 1:], family=sm.families.Binomial())
    sandwich = model.fit(cov_type="cluster", cov_kwds={"groups": groups, "use_correction": False})
    covariance = np.zeros((4, 4))
    number = np.unique(groups).size
    covariance[1:, 1:] = sandwich.cov_params() * number / (number - 1)
    variance = np.diag(covariance)
    return np.asarray(ELO * np.sqrt(variance[:, None] + variance[None, :] - 2 * covariance))


def test_with_prompts_of_their_own_errors_are_those_of_statsmodels_by_annotator() -> None:
    board = _board(Campaign(15, 40, annotator_sd=1.5, strengths=FOUR))

    ours = _errors(board, Scope.ANNOTATORS_AND_PROMPTS).difference_error

    assert ours == pytest.approx(_theirs(board, board.annotator), rel=1e-2)
    assert ours.min() >= 0


def test_with_annotators_as_they_are_errors_are_those_of_statsmodels_by_prompt() -> None:
    board = _board(Campaign(4, 60, 20, prompt_sd=1.5, strengths=FOUR))

    ours = _errors(board, Scope.PROMPTS).difference_error

    by_prompt, naive = _theirs(board, board.prompt), _theirs(board, np.arange(len(board)))
    assert ours == pytest.approx(np.maximum(by_prompt, naive), rel=1e-2)


def test_by_annotator_and_prompt_variances_are_added_and_the_common_part_taken_off() -> None:
    board = _board(Campaign(20, 20, 20, annotator_sd=1.5, prompt_sd=1.5, strengths=FOUR))

    ours = _errors(board, Scope.ANNOTATORS_AND_PROMPTS).difference_error

    annotator, prompt = (_theirs(board, labels) for labels in (board.annotator, board.prompt))
    both = _theirs(board, np.arange(len(board)))
    whole = annotator**2 + prompt**2 - both**2
    largest = np.maximum(np.maximum(annotator, prompt), both) ** 2
    assert ours == pytest.approx(np.sqrt(np.maximum(whole, largest)), rel=2e-2)


@given(st.integers(0, 2**32), st.sampled_from(Ties))
def test_errors_are_at_least_those_of_independent_votes(seed: int, ties: Ties) -> None:
    board = _board(Campaign(10, 30, 10, strengths=FOUR, tie_share=0.2), seed)
    own = Comparisons(
        board.models,
        board.a,
        board.b,
        board.outcome,
        np.arange(len(board)),
        np.arange(len(board)),
    )

    shared = _errors(board, Scope.ANNOTATORS_AND_PROMPTS, ties)
    independent = _errors(own, Scope.ANNOTATORS_AND_PROMPTS, ties)

    assert (shared.error >= 0.99 * independent.error).all()
    assert (shared.difference_error >= 0.99 * independent.difference_error).all()
    assert np.linalg.eigvalsh(shared.covariance).min() > -1e-6


@given(st.integers(0, 2**32), st.permutations(range(10)), st.sampled_from(Ties))
def test_names_of_clusters_and_order_of_votes_do_not_matter(
    seed: int, names: list[int], ties: Ties
) -> None:
    board = _board(Campaign(10, 30, 10, annotator_sd=1, strengths=FOUR, tie_share=0.2), seed)
    order = np.random.default_rng(seed).permutation(len(board))
    other = Comparisons(
        board.models,
        board.a[order],
        board.b[order],
        board.outcome[order],
        np.array(names)[board.annotator][order],
        np.array(names)[board.prompt][order],
    )

    one, two = (_errors(each, Scope.ANNOTATORS_AND_PROMPTS, ties) for each in (board, other))

    assert one.error == pytest.approx(two.error)
    assert one.difference_error == pytest.approx(two.difference_error)


def test_errors_of_davidson_strengths_are_those_seen_over_many_campaigns() -> None:
    campaign = Campaign(20, 30, annotator_sd=1.0, strengths=(0.5, 0.0, -0.5), tie_share=0.3)
    boards = [_board(campaign, seed) for seed in range(150)]
    elo = np.array([fit(sided_counts(board), Ties.DAVIDSON).elo for board in boards])
    errors = [
        clustered_errors(
            fit(sided_counts(board), Ties.DAVIDSON),
            sided_counts(board),
            board,
            Scope.ANNOTATORS_AND_PROMPTS,
            np.full(3, np.inf),
        ).error
        for board in boards
    ]

    assert np.mean(errors, axis=0) == pytest.approx(elo.std(axis=0, ddof=1), rel=0.2)


def test_clusters_are_counted_for_each_model() -> None:
    a, b = np.array([0, 0, 0, 0, 1]), np.array([1, 1, 1, 2, 2])
    board = Comparisons(
        Campaign(1, 1, strengths=(0, 0, 0)).models,
        a,
        b,
        np.zeros(5, int),
        np.array([0, 0, 1, 1, 1]),
        np.arange(5),
    )

    judged = model_clusters(board, board.annotator)

    assert judged.number.tolist() == [2, 2, 1]
    assert judged.effective == pytest.approx([16 / (2**2 + 2**2), 16 / (2**2 + 2**2), 1])
