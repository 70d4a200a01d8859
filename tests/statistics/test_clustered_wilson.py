"""Wilson's interval for an effective number of votes that is itself an estimate."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from arena.statistics.clustered_intervals import EffectiveVotes, clustered_interval, clustered_p
from arena.statistics.intervals import wilson

rates, numbers, degrees = st.floats(0.01, 0.99), st.floats(5, 1e4), st.floats(1, 200)


@given(rates, numbers, numbers, degrees)
def test_it_is_the_wider_of_statsmodels_wilson_with_students_t_and_the_naive_one(
    rate: float, clustered: float, independent: float, freedom: float
) -> None:
    alpha = 2 * stats.norm.sf(stats.t.ppf(0.975, freedom))
    by_clusters, naive = (
        proportion_confint(rate * n, n, alpha=level, method="wilson")
        for n, level in ((clustered, alpha), (independent, 0.05))
    )

    found = clustered_interval(rate, EffectiveVotes(clustered, independent, freedom), method="")

    assert found.low == pytest.approx(min(by_clusters[0], naive[0]))
    assert found.high == pytest.approx(max(by_clusters[1], naive[1]))


def test_the_number_of_votes_is_the_one_of_the_standards_for_official_statistics() -> None:
    """Adjusted for the degrees of freedom first, and then capped at the votes there are."""
    for clustered, votes in ((50.0, 50 * (1.95996 / stats.t.ppf(0.975, 19)) ** 2), (70.0, 60.0)):
        found = clustered_interval(0.7, EffectiveVotes(clustered, 60, 19), method="capped")

        expected = wilson(0.7 * votes, votes)
        assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-6)
        assert found.method == "capped"


@given(rates, numbers, numbers, degrees)
def test_its_p_value_is_below_five_percent_where_it_leaves_out_one_half(
    rate: float, clustered: float, independent: float, freedom: float
) -> None:
    votes = EffectiveVotes(clustered, independent, freedom)
    found = clustered_interval(rate, votes, method="")

    p = clustered_p(rate, votes)

    if abs(p - 0.05) > 1e-6:
        assert (p < 0.05) == (not found.low <= 0.5 <= found.high)
