"""Orders are balanced over a campaign, and no earlier ones tell the next."""

from collections import Counter
from random import Random

import pytest

from arena.services.campaigns.evaluation.orders import balanced_order


def drawn(models: tuple[int, ...], number: int, seed: int) -> list[tuple[int, ...]]:
    """Orders of so many assignments, each counted before the next."""
    random, times = Random(seed), Counter[tuple[int, int]]()
    orders = []
    for place in range(number):
        order = balanced_order(models, times, places=number - place, random=random)
        times.update((position, slot) for slot, position in enumerate(order))
        orders.append(order)
    return orders


@pytest.mark.parametrize("number", [1, 2, 7, 60, 61])
@pytest.mark.parametrize("seed", range(5))
def test_both_orders_of_a_pair_come_equally_often_within_one(number: int, seed: int) -> None:
    counts = Counter(drawn((1, 3), number, seed))
    assert abs(counts[1, 3] - counts[3, 1]) <= 1


def test_on_the_way_they_differ_little() -> None:
    worst = 0
    for seed in range(20):
        lead = 0
        for order in drawn((0, 1), 100, seed):
            lead += 1 if order == (0, 1) else -1
            worst = max(worst, abs(lead))
    assert worst <= 12


def test_whoever_knows_all_earlier_orders_guesses_few_of_the_next() -> None:
    """The order that came less often is guessed: right in at most 65 %, but for the very last."""
    right = tries = 0
    for seed in range(200):
        lead = 0
        for order in drawn((0, 1), 60, seed)[:50]:
            if lead:
                tries += 1
                right += (order == (0, 1)) == (lead < 0)
            lead += 1 if order == (0, 1) else -1
    assert 0.6 < right / tries < 0.68


@pytest.mark.parametrize("models", [3, 4, 6, 8])
def test_more_models_stand_in_every_slot_about_equally_often(models: int) -> None:
    counts = Counter(
        (position, slot)
        for order in drawn(tuple(range(models)), 120, seed=models)
        for slot, position in enumerate(order)
    )
    assert len(counts) == models * models
    assert max(counts.values()) - min(counts.values()) <= 8


def test_the_order_of_more_models_is_not_foreseeable() -> None:
    assert len(set(drawn((0, 1, 2, 3), 100, seed=1))) == 24
