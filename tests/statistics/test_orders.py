"""Measures that put the same models in different orders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.conversation import ModelKey
from arena.statistics.orders import first_of, orders_differ


def measure(**values: float) -> dict[ModelKey, float]:
    return {ModelKey(key): value for key, value in values.items()}


@pytest.mark.parametrize(
    ("measures", "differ"),
    [
        ([], False),
        ([measure(a=1, b=2)], False),
        ([measure(a=1, b=2), measure(a=3, b=9)], False),
        ([measure(a=1, b=2), measure(a=9, b=3)], True),
        ([measure(a=1, b=1), measure(a=9, b=3)], False),
        ([measure(a=0.1 + 0.2, b=0.3), measure(a=1, b=2)], False),
        ([measure(a=1, b=2, c=0), measure(a=1, b=2, d=5)], False),
        ([measure(a=1, b=2, c=3), measure(b=1, c=2, a=0), measure(c=2, b=1)], False),
        ([measure(a=1, b=2, c=3), measure(a=0, b=1, c=2), measure(a=1, b=3, c=2)], True),
        ([measure(a=0.0, b=-1.0), measure(a=-5.0, b=5.0)], True),
    ],
)
def test_a_pair_in_two_orders_makes_the_difference(
    measures: list[dict[ModelKey, float]], differ: bool
) -> None:
    assert orders_differ(measures) is differ
    assert orders_differ(measures[::-1]) is differ


def test_all_models_that_are_equally_high_come_first() -> None:
    assert first_of(measure(a=0.3, b=0.1 + 0.2, c=0.2)) == ("a", "b")
    assert first_of({}) == ()


@given(st.dictionaries(st.sampled_from("abcde").map(ModelKey), st.floats(-9, 9)))
def test_a_measure_never_differs_from_itself(values: dict[ModelKey, float]) -> None:
    assert not orders_differ([values, values])
