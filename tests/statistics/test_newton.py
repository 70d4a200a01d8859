"""Newton's method for concave functions."""

import numpy as np
import pytest

from arena.statistics.newton import NoConvergenceError, maximum


def test_the_maximum_of_a_parabola_is_found() -> None:
    found = maximum(lambda x: -2 * (x - 3), lambda _: np.array([[2.0]]), np.array([0.0]))

    assert found == pytest.approx([3])


def test_a_gradient_that_rounds_is_close_enough() -> None:
    found = maximum(
        lambda x: np.round(3 - x, 9) + 2e-9, lambda _: np.array([[1.0]]), np.array([0.0])
    )

    assert found == pytest.approx([3], abs=1e-6)


def test_a_function_without_a_maximum_is_an_error() -> None:
    with pytest.raises(NoConvergenceError, match="no maximum"):
        maximum(lambda _: np.ones(1), lambda _: np.eye(1), np.zeros(1))
