"""The pair sampler: fair sides, honest probabilities, nobody against itself."""

from collections import Counter
from itertools import combinations
from math import factorial
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.conversation import ModelKey
from arena.domain.errors import Refusal, Unavailable
from arena.domain.pairing import Draw, Order, draw, lineup_of

seeds = st.integers(min_value=0, max_value=2**32)


def keys(count: int) -> list[ModelKey]:
    return [ModelKey(f"model-{number}") for number in range(count)]


def weights_of(count: int) -> st.SearchStrategy[dict[ModelKey, float]]:
    weight = st.floats(min_value=0.01, max_value=100)
    return st.fixed_dictionaries(dict.fromkeys(keys(count), weight))


def play(
    weights: dict[ModelKey, float], *, slots: int, battles: int, seed: int
) -> tuple[list[Draw], Counter[Order]]:
    """Draw battles one after the other, counting as the database does."""
    random, drawn, draws = Random(seed), Counter[Order](), []
    for _ in range(battles):
        draws.append(draw(weights=weights, slots=slots, drawn=drawn, random=random))
        drawn[draws[-1].order] += 1
    return draws, drawn


@given(seed=seeds, blocks=st.integers(1, 6), slots=st.sampled_from([2, 3]))
def test_after_every_complete_block_each_order_came_equally_often(
    seed: int, blocks: int, slots: int
) -> None:
    block = max(4, factorial(slots))
    _, drawn = play(dict.fromkeys(keys(slots), 1.0), slots=slots, battles=block * blocks, seed=seed)
    assert set(drawn.values()) == {block * blocks // factorial(slots)}
    assert len(drawn) == factorial(slots)


@given(seed=seeds, battles=st.integers(1, 40))
def test_sides_never_drift_apart_by_more_than_half_a_block(seed: int, battles: int) -> None:
    _, drawn = play(dict.fromkeys(keys(2), 1.0), slots=2, battles=battles, seed=seed)
    first, second = keys(2)
    assert abs(drawn[first, second] - drawn[second, first]) <= 2


def test_the_second_side_of_a_block_cannot_be_known_from_the_first() -> None:
    starts = Counter[bool]()
    for seed in range(200):
        draws, _ = play(dict.fromkeys(keys(2), 1.0), slots=2, battles=2, seed=seed)
        starts[draws[0].order == draws[1].order] += 1
    assert min(starts.values()) > 40


@given(weights=weights_of(5), slots=st.integers(2, 5), seed=seeds)
def test_a_model_never_meets_itself(weights: dict[ModelKey, float], slots: int, seed: int) -> None:
    draws, _ = play(weights, slots=slots, battles=10, seed=seed)
    assert all(len(set(drawn.order)) == slots for drawn in draws)
    assert all(set(drawn.order) <= set(weights) for drawn in draws)


class Picking(Random):
    """Picks the line-up at a given place, whatever the dice say."""

    def __init__(self, place: int) -> None:
        super().__init__(0)
        self._place = place

    def choices(self, population: Any, weights: Any = None, **_: Any) -> list[Any]:
        return [population[self._place % len(population)]]


@given(weights=weights_of(4), met=st.lists(st.integers(0, 9), min_size=6, max_size=6))
def test_the_probabilities_of_all_line_ups_sum_to_one(
    weights: dict[ModelKey, float], met: list[int]
) -> None:
    drawn: dict[Order, int] = dict(zip(combinations(keys(4), 2), met, strict=True))
    every = [
        draw(weights=weights, slots=2, drawn=drawn, random=Picking(place)) for place in range(6)
    ]
    assert len({lineup_of(one.order) for one in every}) == 6
    assert sum(one.probability for one in every) == pytest.approx(1)


def test_a_line_up_comes_as_often_as_its_stored_probability_says() -> None:
    first, second, third = keys(3)
    weights = {first: 4.0, second: 1.0, third: 1.0}
    drawn: dict[Order, int] = {(first, second): 3}
    random = Random(7)
    draws = [draw(weights=weights, slots=2, drawn=drawn, random=random) for _ in range(4000)]
    frequency = Counter(lineup_of(one.order) for one in draws)
    expected: dict[Order, float] = {
        (first, second): 1 / 6,
        (first, third): 4 / 6,
        (second, third): 1 / 6,
    }
    for one in draws:
        assert one.probability == pytest.approx(expected[lineup_of(one.order)])
    for lineup, probability in expected.items():
        assert frequency[lineup] / 4000 == pytest.approx(probability, abs=0.03)


def test_pairs_that_are_behind_catch_up() -> None:
    _, drawn = play(dict.fromkeys(keys(4), 1.0), slots=2, battles=300, seed=3)
    met = Counter[Order]()
    for order, count in drawn.items():
        met[lineup_of(order)] += count
    assert len(met) == 6
    assert max(met.values()) - min(met.values()) <= 15


def test_too_few_models_are_refused_with_figures_and_without_names() -> None:
    with pytest.raises(Unavailable) as caught:
        draw(weights={ModelKey("kraken"): 1.0}, slots=2, drawn={}, random=Random(1))
    assert caught.value.refusal is Refusal.TOO_FEW_MODELS
    assert "kraken" not in str(caught.value)
