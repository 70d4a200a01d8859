"""The allowance for many pairs."""

from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from arena.statistics.clustered_intervals import t_quantile
from arena.statistics.holm import holm, p_of_rate
from arena.statistics.intervals import wilson

shares = st.floats(0, 1)


@given(st.lists(shares, min_size=1, max_size=30))
def test_holms_p_values_are_those_of_statsmodels(p_values: list[float]) -> None:
    with patch("gc.collect"):  # statsmodels runs it each time, a second in a large process
        expected = multipletests(p_values, method="holm")[1]

    assert [one.p for one in holm(p_values)] == pytest.approx(expected.tolist())


def test_the_smallest_p_value_answers_for_all_pairs_and_the_largest_for_itself() -> None:
    assert [one.pairs for one in holm([0.2, 0.001, 0.01])] == [1, 3, 2]
    assert holm([]) == ()


@given(shares, st.floats(1, 1e5), st.floats(0, 500))
def test_a_p_value_is_below_five_percent_where_the_interval_leaves_out_one_half(
    rate: float, effective: float, degrees: float
) -> None:
    interval = wilson(rate * effective, effective, quantile=t_quantile(degrees), method="")

    p = p_of_rate(rate, effective, degrees)

    if abs(p - 0.05) > 1e-6:
        assert (p < 0.05) == (not interval.low <= 0.5 <= interval.high)


def test_equal_wins_and_losses_say_nothing_against_one_half() -> None:
    assert p_of_rate(0.5, 1e6, 100) == 1.0
    assert np.isclose(p_of_rate(0.6, 400, np.inf), 6.33e-5, rtol=1e-2)
