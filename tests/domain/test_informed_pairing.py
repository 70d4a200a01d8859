"""Pairs drawn where a vote tells most: honest probabilities, a floor, sides as fair as ever."""

from collections import Counter
from itertools import combinations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.conversation import ModelKey
from arena.domain.errors import Refusal, Unavailable
from arena.domain.informed_pairing import FLOOR, Gains, draw_informed, pair_chances
from arena.domain.pairing import Order, draw

A, B, C = (ModelKey(name) for name in "abc")
GAINS: Gains = {(A, B): 3.0, (A, C): 1.0, (B, C): 0.0}
ALIKE = dict.fromkeys((A, B, C), 1.0)


def keys(count: int) -> list[ModelKey]:
    return [ModelKey(f"model-{number}") for number in range(count)]


@st.composite
def drawings(each: st.DrawFn) -> tuple[dict[ModelKey, float], dict[Order, float]]:
    """Weights of some models, and gains of their pairs of which one at least tells something."""
    models = keys(each(st.integers(2, 6)))
    weights = {key: each(st.floats(0.01, 100)) for key in models}
    pairs: list[Order] = list(combinations(models, 2))
    gains = {pair: each(st.floats(0, 1e3)) for pair in pairs}
    gains[models[0], models[1]] += 0.01
    return weights, gains


@given(drawings())
def test_chances_add_up_to_one_and_keep_the_floor(
    drawing: tuple[dict[ModelKey, float], dict[Order, float]],
) -> None:
    found = pair_chances(*drawing).values()
    assert sum(one.drawn for one in found) == pytest.approx(1)
    assert sum(one.even for one in found) == pytest.approx(1)
    for one in found:
        assert one.drawn >= FLOOR * one.even > 0
        assert one.even / one.drawn <= 1 / FLOOR + 1e-9


@given(drawings(), st.randoms(use_true_random=False))
def test_the_order_in_which_models_are_given_changes_nothing(
    drawing: tuple[dict[ModelKey, float], dict[Order, float]], random: Random
) -> None:
    weights, gains = drawing
    shuffled, told = list(weights.items()), list(gains.items())
    random.shuffle(shuffled)
    random.shuffle(told)
    assert pair_chances(dict(shuffled), dict(told)) == pair_chances(weights, gains)


def test_a_pair_that_tells_more_is_likelier_in_proportion_above_the_floor() -> None:
    found = pair_chances(ALIKE, GAINS)
    above = {pair: one.drawn - FLOOR / 3 for pair, one in found.items()}
    assert above[A, B] == pytest.approx(3 * above[A, C])
    assert above[B, C] == pytest.approx(0)
    assert [one.even for one in found.values()] == [pytest.approx(1 / 3)] * 3


def test_where_all_pairs_tell_the_same_they_are_drawn_evenly() -> None:
    found = pair_chances({A: 4.0, B: 1.0, C: 1.0}, dict.fromkeys(GAINS, 0.7))
    assert all(one.drawn == pytest.approx(one.even) for one in found.values())


def test_the_even_chance_is_what_drawing_by_weight_and_need_comes_to() -> None:
    weights, met, random = {A: 9.0, B: 1.0, C: 1.0}, Counter[Order](), Random(3)
    for _ in range(6000):
        met[draw(weights=weights, slots=2, met=met, random=random).order] += 1
    for pair, one in pair_chances(weights, GAINS).items():
        share = (met[pair] + met[pair[::-1]]) / 6000
        assert share == pytest.approx(one.even, abs=0.02)


def test_a_pair_comes_as_often_as_its_stored_probability_says() -> None:
    random, chances = Random(5), pair_chances(ALIKE, GAINS)
    draws = [draw_informed(weights=ALIKE, gains=GAINS, met={}, random=random) for _ in range(6000)]
    for drawn in draws:
        one = chances[tuple(sorted(drawn.order))]
        assert (drawn.probability, drawn.even_probability) == (one.drawn, one.even)
    seen = Counter(tuple(sorted(drawn.order)) for drawn in draws)
    for pair, one in chances.items():
        assert seen[pair] / 6000 == pytest.approx(one.drawn, abs=0.025)


def test_inverse_probabilities_make_up_for_the_draw() -> None:
    """The expected weight of a pair is its even share, whatever it tells."""
    random, weighed = Random(6), Counter[Order]()
    for _ in range(6000):
        drawn = draw_informed(weights=ALIKE, gains=GAINS, met={}, random=random)
        assert drawn.even_probability is not None
        first, second = sorted(drawn.order)
        weighed[first, second] += drawn.even_probability / drawn.probability / 6000  # type: ignore[assignment]
    assert [weighed[pair] for pair in GAINS] == [pytest.approx(1 / 3, abs=0.06)] * 3


def test_sides_are_balanced_as_in_every_other_battle() -> None:
    random, met = Random(7), Counter[Order]()
    for _ in range(900):
        met[draw_informed(weights=ALIKE, gains=GAINS, met=met, random=random).order] += 1
    for pair in GAINS:
        assert abs(met[pair] - met[pair[::-1]]) <= 30


def test_models_that_cannot_answer_are_not_drawn() -> None:
    drawn = draw_informed(weights={A: 1.0, C: 1.0}, gains=GAINS, met={}, random=Random(1))
    assert set(drawn.order) == {A, C}
    assert (drawn.probability, drawn.even_probability) == (1, 1)


def test_too_few_models_are_refused_without_names() -> None:
    with pytest.raises(Unavailable) as caught:
        draw_informed(weights={A: 1.0}, gains=GAINS, met={}, random=Random(1))
    assert caught.value.refusal is Refusal.TOO_FEW_MODELS
    assert caught.value.details == {"ready": 1, "needed": 2}


def test_without_votes_in_the_draw_there_is_no_even_probability() -> None:
    assert draw(weights=ALIKE, slots=2, met={}, random=Random(1)).even_probability is None
