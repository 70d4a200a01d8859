"""Which differences between ratings are significant when all are looked at together."""

import numpy as np
import pytest
from scipy import stats

from arena.domain.conversation import ModelKey
from arena.statistics.clusters import Floats
from arena.statistics.ranking import (
    Differences,
    RankRange,
    max_t_quantile,
    simultaneous_differences,
)
from arena.statistics.rating_errors import RatingErrors, errors_of


def _quantile(covariance: Floats) -> float:
    return max_t_quantile(covariance, random=np.random.default_rng(0), draws=40_000)


def _errors(variances: list[float], clusters: float = np.inf) -> RatingErrors:
    covariance = np.diag(np.array(variances))
    return errors_of(covariance, [], np.full(len(variances), clusters))


def _differences(elo: list[float], errors: RatingErrors) -> Differences:
    models = tuple(ModelKey(f"model-{number}") for number in range(len(elo)))
    return simultaneous_differences(models, np.array(elo), errors, np.random.default_rng(0))


@pytest.mark.parametrize("models", [3, 5, 12])
def test_of_independent_ratings_the_quantile_is_that_of_the_studentized_range(models: int) -> None:
    expected = stats.studentized_range.ppf(0.95, models, 1e6) / np.sqrt(2)

    assert _quantile(np.eye(models)) == pytest.approx(expected, rel=0.02)


def test_of_two_models_it_is_that_of_one_difference() -> None:
    assert _quantile(np.array([[1.0, -1.0], [-1.0, 1.0]])) == pytest.approx(1.96, rel=0.02)


def test_it_lies_between_one_difference_and_bonferroni() -> None:
    random = np.random.default_rng(1)
    root = random.normal(size=(8, 8))

    quantile = _quantile(root @ root.T)

    assert 1.96 < quantile < stats.norm.ppf(1 - 0.025 / 28)


def test_where_nothing_varies_it_is_no_less_than_that_of_one_difference() -> None:
    assert _quantile(np.zeros((3, 3))) == pytest.approx(1.96, rel=1e-3)


def test_a_rank_is_one_more_than_the_number_of_models_surely_above() -> None:
    ranks = _differences([1200, 1190, 1000, 800], _errors([25.0] * 4)).ranks

    assert ranks == (RankRange(1, 2), RankRange(1, 2), RankRange(3, 3), RankRange(4, 4))


def test_one_uncertain_model_leaves_the_others_their_order() -> None:
    ranks = _differences([1200, 1000, 800], _errors([25.0, 1e6, 25.0])).ranks

    assert ranks == (RankRange(1, 2), RankRange(1, 3), RankRange(2, 3))


def test_few_clusters_widen_all_differences() -> None:
    elo = [1100.0, 1050.0, 1000.0]

    many, few = (_differences(elo, _errors([25.0] * 3, clusters)) for clusters in (np.inf, 9))

    ratio = (few.half_width / np.where(many.half_width > 0, many.half_width, 1))[0, 1:]
    tail = stats.norm.sf(many.half_width[0, 1] / np.sqrt(50))
    assert ratio == pytest.approx(stats.t.isf(tail, 8) / stats.norm.isf(tail))
    assert (ratio > 1.2).all()


def test_one_model_is_first_and_last() -> None:
    assert _differences([1000], _errors([25.0])).ranks == (RankRange(1, 1),)


@pytest.mark.parametrize(("clusters", "known"), [(2.0, False), (3.9, False), (4.0, True)])
def test_a_difference_that_too_few_clusters_judged_has_no_bounds(
    clusters: float, known: bool
) -> None:
    found = _differences([1200, 1000], _errors([1.0, 1.0], clusters))

    for one in found.by_pair().values():
        assert abs(one.difference) == 200
        assert (one.low is not None, one.high is not None) == (known, known)
        assert one.is_significant is known
