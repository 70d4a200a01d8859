"""Variances of weighted means over votes that share annotators and prompts."""

from collections.abc import Iterator

import numpy as np
import pytest
import statsmodels.api as sm
from hypothesis import given
from hypothesis import strategies as st

from arena.statistics.clusters import Floats, Grouping, grouping, two_way, two_way_groupings
from arena.statistics.comparisons import Comparisons, Numbers, intersection, repeated
from tests.endurance.simulated_boards import Campaign

clustered_votes = st.lists(
    st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=60
).filter(lambda votes: len({cluster for cluster, _ in votes}) > 1)


def _groupings(board: Comparisons) -> Iterator[Grouping]:
    return two_way_groupings(
        board,
        slice(None),
        np.zeros_like(board.a),
        estimates=1,
        crowded=repeated(intersection(board)),
    )


def _columns(votes: list[tuple[int, bool]]) -> tuple[Numbers, Floats]:
    return np.array([cluster for cluster, _ in votes]), np.array([won for _, won in votes], float)


def _variance(cluster: Numbers, won: Floats) -> float:
    groups = grouping(np.zeros_like(cluster), cluster, estimates=1)
    weight = np.full(len(won), 1 / len(won))
    return float(groups.one_way(weight=weight, residual=won - won.mean()).variance[0])


@given(clustered_votes)
def test_the_variance_is_that_of_leaving_out_one_cluster_at_a_time(
    votes: list[tuple[int, bool]],
) -> None:
    cluster, won = _columns(votes)
    labels = np.unique(cluster)

    without = np.array([won[cluster != label].mean() for label in labels])

    jackknife = (len(labels) - 1) / len(labels) * ((without - won.mean()) ** 2).sum()
    assert _variance(cluster, won) == pytest.approx(jackknife, abs=1e-12)


@given(st.integers(2, 12), st.integers(1, 8), st.integers(0, 2**32))
def test_for_clusters_of_equal_size_it_is_the_sandwich_of_statsmodels(
    number: int, size: int, seed: int
) -> None:
    won = np.random.default_rng(seed).integers(0, 2, number * size).astype(float)
    cluster = np.repeat(np.arange(number), size)

    sandwich = sm.OLS(won, np.ones_like(won)).fit(
        cov_type="cluster", cov_kwds={"groups": cluster, "use_correction": False}
    )

    expected = number / (number - 1) * sandwich.cov_params()[0, 0]
    assert _variance(cluster, won) == pytest.approx(expected, abs=1e-12)


def test_for_clusters_of_unequal_size_it_is_the_bias_reduced_sandwich_of_gee() -> None:
    random = np.random.default_rng(3)
    cluster = np.repeat(np.arange(9), [40, 20, 10, 5, 5, 4, 3, 2, 1])
    won = (random.random(90) < random.random(9)[cluster]).astype(float)

    gee = sm.GEE(won, np.ones_like(won), groups=cluster, family=sm.families.Binomial())
    reduced = gee.fit(cov_type="bias_reduced").cov_params()[0, 0]

    rate = won.mean()
    expected = 8 / 9 * reduced * (rate * (1 - rate)) ** 2
    assert _variance(cluster, won) == pytest.approx(expected, rel=1e-9)


@given(clustered_votes, st.permutations(range(7)))
def test_names_of_clusters_and_order_of_votes_do_not_matter(
    votes: list[tuple[int, bool]], names: list[int]
) -> None:
    cluster, won = _columns(votes)
    order = np.random.default_rng(len(votes)).permutation(len(votes))

    renamed = np.array(names)[cluster]

    assert _variance(renamed[order], won[order]) == pytest.approx(
        _variance(cluster, won), abs=1e-12
    )


def test_several_estimates_at_once_are_each_on_its_own() -> None:
    random = np.random.default_rng(5)
    cluster, estimate = random.integers(0, 6, 200), random.integers(0, 3, 200)
    won = random.integers(0, 2, 200).astype(float)
    sizes = np.bincount(estimate)
    rates = np.bincount(estimate, won) / sizes

    together = grouping(estimate, cluster, estimates=4).one_way(
        weight=1 / sizes[estimate], residual=won - rates[estimate]
    )

    alone = [_variance(cluster[estimate == k], won[estimate == k]) for k in range(3)]
    assert together.variance[:3] == pytest.approx(alone, abs=1e-12)
    assert together.clusters.tolist() == [6, 6, 6, 0]
    assert together.clusters.dtype == np.int64


def test_an_estimate_without_a_vote_has_no_cluster_and_no_variance() -> None:
    cluster = np.array([0, 1, 1])

    groups = grouping(np.zeros_like(cluster), cluster, estimates=2)
    found = groups.one_way(weight=np.full(3, 1 / 3), residual=np.array([0.5, 0.0, -0.5]))

    assert (found.clusters[1], found.effective[1]) == (0, 0)
    assert np.isnan(found.variance[1])


def test_a_cluster_with_most_of_the_votes_leaves_few_effective_ones() -> None:
    cluster = np.repeat(np.arange(11), [100] + [10] * 10)
    weight = np.full(200, 1 / 200)

    groups = grouping(np.zeros_like(cluster), cluster, estimates=1)
    spread = groups.one_way(weight=weight, residual=np.zeros(200))

    assert spread.clusters[0] == 11
    assert spread.effective[0] == pytest.approx(1 / (0.5**2 + 10 * 0.05**2))


def test_one_cluster_alone_tells_no_variance() -> None:
    assert np.isnan(_variance(np.zeros(5, int), np.array([1.0, 0, 1, 1, 0])))


@given(st.integers(0, 2**32))
def test_the_two_way_variance_is_at_least_each_one_way_variance(seed: int) -> None:
    board = Campaign(9, 12, 12, annotator_sd=0.5).board(np.random.default_rng(seed))
    won = (board.a == board.outcome).astype(float)
    groups = _groupings(board)

    both = two_way(groups, weight=np.full(len(won), 1 / len(won)), residual=won - won.mean())

    largest = max(both.annotator.variance[0], both.prompt.variance[0])
    assert both.variance[0] >= largest
    whole = both.annotator.variance + both.prompt.variance - both.intersection.variance
    assert both.combined[0] == pytest.approx(whole[0])
    assert both.variance[0] == pytest.approx(max(whole[0], largest))


def test_the_combined_variance_is_right_on_average_and_the_larger_of_several_is_not() -> None:
    """Independent votes, 20 people on 20 prompts: p(1-p)/n, which 400 boards tell within 6 %."""
    combined, largest = [], []
    for random in np.random.default_rng(9).spawn(400):
        board = Campaign(20, 20, 20, strengths=(0.0, 0.0)).board(random)
        won = (board.a == board.outcome).astype(float)
        groups = _groupings(board)
        both = two_way(groups, weight=np.full(400, 1 / 400), residual=won - won.mean())
        combined.append(both.combined[0])
        largest.append(both.variance[0])

    assert np.mean(combined) == pytest.approx(0.25 / 400, rel=0.06)
    assert np.mean(largest) > 1.15 * 0.25 / 400


def test_where_every_vote_has_a_prompt_of_its_own_annotators_decide() -> None:
    board = Campaign(10, 20, annotator_sd=1.0).board(np.random.default_rng(1))
    won = (board.a == board.outcome).astype(float)
    groups = _groupings(board)

    both = two_way(groups, weight=np.full(len(won), 1 / len(won)), residual=won - won.mean())

    assert both.variance[0] == pytest.approx(both.annotator.variance[0])
