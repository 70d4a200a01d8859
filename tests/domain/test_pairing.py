"""The pair sampler: fair sides, honest probabilities, nobody against itself."""

from collections import Counter
from collections.abc import Mapping
from itertools import combinations, permutations, product
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from arena.domain.conversation import ModelKey
from arena.domain.errors import Refusal, Unavailable
from arena.domain.pairing import Draw, Met, Order, draw, pairs_of

seeds = st.integers(min_value=0, max_value=2**32)


def keys(count: int) -> list[ModelKey]:
    return [ModelKey(f"model-{number}") for number in range(count)]


def weights_of(count: int) -> st.SearchStrategy[dict[ModelKey, float]]:
    weight = st.floats(min_value=0.01, max_value=100)
    return st.fixed_dictionaries(dict.fromkeys(keys(count), weight))


def lineup_of(order: Order) -> frozenset[ModelKey]:
    return frozenset(order)


def met_in(orders: Mapping[Order, int]) -> Met:
    """Count battles by pair of models, as the database does."""
    met = Counter[Order]()
    for order, count in orders.items():
        for pair in pairs_of(order):
            met[pair] += count
    return met


def play(
    weights: dict[ModelKey, float], *, slots: int, battles: int, seed: int
) -> tuple[list[Draw], Counter[Order]]:
    """Draw battles one after the other, counting as the database does."""
    random, drawn, draws = Random(seed), Counter[Order](), []
    for _ in range(battles):
        draws.append(draw(weights=weights, slots=slots, met=met_in(drawn), random=random))
        drawn[draws[-1].order] += 1
    return draws, drawn


class Quantile(Random):
    """Always throws the same number: over many of them, a rule's chances can be read off."""

    def __init__(self, thrown: float) -> None:
        super().__init__(0)
        self._thrown = thrown

    def random(self) -> float:
        return self._thrown


THROWS = 40
LIKELIEST = 0.65


def chances(drawn: Mapping[Order, int], *, slots: int) -> Counter[Order]:
    """How many of `THROWS` equally likely throws give each order of `slots` models."""
    weights = dict.fromkeys(keys(slots), 1.0)
    thrown = (Quantile((number + 0.5) / THROWS) for number in range(THROWS))
    return Counter(
        draw(weights=weights, slots=slots, met=met_in(drawn), random=random).order
        for random in thrown
    )


def test_no_side_is_ever_likelier_than_65_percent_whatever_came_before() -> None:
    first, second = keys(2)
    for one, other in product(range(14), repeat=2):
        drawn: dict[Order, int] = {(first, second): one, (second, first): other}
        assert max(chances(drawn, slots=2).values()) <= LIKELIEST * THROWS, drawn


@given(counts=st.lists(st.integers(0, 9), min_size=6, max_size=6))
@settings(max_examples=60, deadline=None)
def test_no_place_of_three_is_ever_likelier_than_65_percent_for_a_model(counts: list[int]) -> None:
    orders = chances(dict(zip(permutations(keys(3)), counts, strict=True)), slots=3)
    for place, key in product(range(3), keys(3)):
        assert sum(orders[order] for order in orders if order[place] == key) <= LIKELIEST * THROWS


@given(counts=st.lists(st.integers(0, 9), min_size=2, max_size=2, unique=True))
def test_the_order_that_is_behind_is_the_likelier_one(counts: list[int]) -> None:
    orders = list(permutations(keys(2)))
    found = chances(dict(zip(orders, counts, strict=True)), slots=2)
    behind = orders[counts.index(min(counts))]
    assert found[behind] == pytest.approx(LIKELIEST * THROWS)


def test_who_knows_every_earlier_battle_is_right_about_65_percent_of_the_next_sides() -> None:
    right, guesses, certain = 0, 0, Counter[tuple[int, ...]]()
    first, second = keys(2)
    for seed in range(400):
        draws, _ = play(dict.fromkeys(keys(2), 1.0), slots=2, battles=12, seed=seed)
        sides = [one.order == (first, second) for one in draws]
        for number, side in enumerate(sides):
            lead = 2 * sum(sides[:number]) - number
            guesses += lead != 0
            right += (lead > 0) != side if lead else 0
        certain[tuple(sides[:4])] += 1
    assert right / guesses == pytest.approx(0.65, abs=0.03)
    assert len(certain) == 16, "every course of four sides is possible"


@given(seed=seeds)
@settings(max_examples=20, deadline=None)
def test_sides_do_not_drift_apart(seed: int) -> None:
    _, drawn = play(dict.fromkeys(keys(2), 1.0), slots=2, battles=600, seed=seed)
    first, second = keys(2)
    assert abs(drawn[first, second] - drawn[second, first]) <= 30


@given(weights=weights_of(5), slots=st.integers(2, 5), seed=seeds)
def test_a_model_never_meets_itself(weights: dict[ModelKey, float], slots: int, seed: int) -> None:
    draws, _ = play(weights, slots=slots, battles=10, seed=seed)
    assert all(len(set(drawn.order)) == slots for drawn in draws)
    assert all(set(drawn.order) <= set(weights) for drawn in draws)


class Picking(Random):
    """Picks the model at a given place, whatever the dice say."""

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
    every = {
        lineup_of(one.order): one.probability
        for one in (
            draw(weights=weights, slots=2, met=drawn, random=Picking(place)) for place in range(12)
        )
    }
    assert len(every) == 6
    assert sum(every.values()) == pytest.approx(1)


def test_a_line_up_comes_as_often_as_its_stored_probability_says() -> None:
    first, second, third = keys(3)
    weights = {first: 4.0, second: 1.0, third: 1.0}
    drawn: dict[Order, int] = {(first, second): 3}
    random = Random(7)
    draws = [draw(weights=weights, slots=2, met=met_in(drawn), random=random) for _ in range(4000)]
    frequency = Counter(lineup_of(one.order) for one in draws)
    expected = {
        frozenset((first, second)): 1 / 6,
        frozenset((first, third)): 4 / 6,
        frozenset((second, third)): 1 / 6,
    }
    for one in draws:
        assert one.probability == pytest.approx(expected[lineup_of(one.order)])
    for lineup, probability in expected.items():
        assert frequency[lineup] / 4000 == pytest.approx(probability, abs=0.03)


def test_pairs_that_are_behind_catch_up() -> None:
    """Six pairs drawn evenly 300 times lie 17.5 apart on average, these 11."""

    def spread(seed: int) -> int:
        _, drawn = play(dict.fromkeys(keys(4), 1.0), slots=2, battles=300, seed=seed)
        met = Counter[frozenset[ModelKey]]()
        for order, count in drawn.items():
            met[lineup_of(order)] += count
        assert len(met) == 6
        return max(met.values()) - min(met.values())

    assert sum(map(spread, range(30))) / 30 < 13.5


def test_a_line_up_counts_in_all_orders_of_its_models() -> None:
    a, b, c = keys(3)
    drawn: dict[Order, int] = {(a, b): 3, (b, a): 4, (c, a): 1}
    chosen = [
        draw(weights=dict.fromkeys(keys(3), 1.0), slots=2, met=met_in(drawn), random=Random(seed))
        for seed in range(60)
    ]
    chances = {lineup_of(one.order): one.probability for one in chosen}
    whole = 1 / 8 + 1 / 2 + 1
    assert chances == pytest.approx(
        {
            frozenset((a, b)): 1 / 8 / whole,
            frozenset((a, c)): 1 / 2 / whole,
            frozenset((b, c)): 1 / whole,
        }
    )


def test_an_order_that_never_came_is_behind_one_that_came_once() -> None:
    first, second = keys(2)
    found = chances({(first, second): 1}, slots=2)
    assert found[second, first] == pytest.approx(LIKELIEST * THROWS)


def test_too_few_models_are_refused_with_figures_and_without_names() -> None:
    with pytest.raises(Unavailable) as caught:
        draw(weights={ModelKey("kraken"): 1.0}, slots=2, met={}, random=Random(1))
    assert caught.value.refusal is Refusal.TOO_FEW_MODELS
    assert caught.value.details == {"ready": 1, "needed": 2}
    assert "kraken" not in str(caught.value)


@given(weights=weights_of(5), counts=st.lists(st.integers(0, 9), min_size=20, max_size=20))
@settings(max_examples=30, deadline=None)
def test_the_probabilities_of_all_line_ups_of_three_sum_to_one(
    weights: dict[ModelKey, float], counts: list[int]
) -> None:
    met: Met = dict(zip(permutations(keys(5), 2), counts, strict=True))
    every = {
        lineup_of(one.order): one.probability
        for one in (
            draw(weights=weights, slots=3, met=met, random=Picking(place)) for place in range(60)
        )
    }
    assert len(every) == 10
    assert sum(every.values()) == pytest.approx(1)


def test_a_line_up_of_three_comes_as_often_as_its_stored_probability_says() -> None:
    weights = dict(zip(keys(4), (3.0, 1.0, 1.0, 2.0), strict=True))
    first, second, third, _ = keys(4)
    met: Met = {(first, second): 4, (third, first): 1}
    random = Random(11)
    draws = [draw(weights=weights, slots=3, met=met, random=random) for _ in range(6000)]
    frequency = Counter(lineup_of(one.order) for one in draws)
    for lineup, probability in {lineup_of(one.order): one.probability for one in draws}.items():
        assert frequency[lineup] / 6000 == pytest.approx(probability, abs=0.025)


def test_pairs_within_larger_battles_catch_up_too() -> None:
    _, drawn = play(dict.fromkeys(keys(5), 1.0), slots=3, battles=300, seed=5)
    met = Counter[frozenset[ModelKey]]()
    for pair, count in met_in(drawn).items():
        met[frozenset(pair)] += count
    assert len(met) == 10
    assert max(met.values()) - min(met.values()) <= 20


def test_a_draw_of_four_among_fifty_models_lists_no_line_ups() -> None:
    class Counting(dict[Order, int]):
        asked = 0

        def get(self, key: Order, default: int = 0) -> int:  # type: ignore[override]
            self.asked += 1
            return super().get(key, default)

    met = Counting()
    draw(weights=dict.fromkeys(keys(50), 1.0), slots=4, met=met, random=Random(1))
    assert met.asked < 20_000, "230,300 line-ups have 1.4 million pairs"
