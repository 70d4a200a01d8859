"""What one more battle tells: against a general optimizer, and by what must not matter."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import optimize, special

from arena.domain.conversation import ModelKey
from arena.statistics.information import information_gains
from arena.statistics.win_rate import ComparisonCount, Pair, Record, tally
from tests.statistics.votes import A, B, C, D, Rows, row_lists

PRECISION = (1 / np.log(10)) ** 2
"""Of the prior of ratings: 400 points, the standard deviation, are odds of 10 to 1."""


def records(**wins: tuple[int, int, int]) -> dict[Pair, Record]:
    """Both orders of pairs given as `ab=(wins, losses, ties)`."""
    found = {}
    for pair, (won, lost, tied) in wins.items():
        one, other = (ModelKey(name) for name in pair)
        found[Pair(one, other)] = Record(won, lost, tied)
        found[Pair(other, one)] = Record(won, lost, tied).mirrored
    return found


def narrowed(models: tuple[ModelKey, ...], met: dict[Pair, Record]) -> dict[Pair, float]:
    """The same by a general optimizer and whole inverses, without any formula for one vote."""
    wins = np.array([[met.get(Pair(i, j), Record()).wins for j in models] for i in models])
    total = np.array([[met.get(Pair(i, j), Record()).total for j in models] for i in models])

    def surprise(strengths: np.ndarray) -> float:
        differences = strengths[:, None] - strengths[None, :]
        likely = (wins * np.log(special.expit(differences))).sum()
        return float(-likely + PRECISION / 2 * (strengths**2).sum())

    found = optimize.minimize(surprise, np.zeros(len(models)), tol=1e-12).x
    chance = special.expit(found[:, None] - found[None, :])
    decisive = wins + wins.T
    told = decisive * chance * (1 - chance)
    information = np.diag(told.sum(axis=1)) - told + PRECISION * np.eye(len(models))
    board = (decisive.sum() / 2 + 1) / (total.sum() / 2 + 2)
    gains = {}
    for i, j in combinations(range(len(models)), 2):
        one = np.zeros(len(models))
        one[i], one[j] = 1, -1
        slope = chance[i, j] * chance[j, i]
        more = information + slope * np.outer(one, one)
        before, after = (np.sqrt(one @ np.linalg.inv(each) @ one) for each in (information, more))
        share = (decisive[i, j] + 10 * board) / (total[i, j] + 10)
        gains[Pair(models[i], models[j])] = float(share * slope * (before - after))
    return gains


def test_gains_are_what_a_general_optimizer_and_whole_inverses_give() -> None:
    met = records(ab=(30, 12, 6), bc=(9, 9, 0), ac=(8, 1, 20))
    models = (A, B, C, D)
    found, expected = information_gains(models, met), narrowed(models, met)
    assert found == pytest.approx(expected, rel=1e-5)


def test_without_votes_every_pair_tells_the_same() -> None:
    found = information_gains((A, B, C), {})
    assert list(found) == [(A, B), (A, C), (B, C)]
    assert len({round(gain, 12) for gain in found.values()}) == 1


def test_a_pair_that_was_judged_less_tells_more() -> None:
    found = information_gains((A, B, C), records(ab=(50, 50, 0), bc=(50, 50, 0), ac=(5, 5, 0)))
    assert found[A, C] > found[A, B]


def test_a_close_pair_tells_more_than_a_sure_one() -> None:
    met = records(ab=(20, 20, 0), ac=(39, 1, 0), bc=(39, 1, 0), ad=(20, 20, 0))
    met |= records(bd=(20, 20, 0), cd=(1, 39, 0))
    found = information_gains((A, B, C, D), met)
    assert min(found[A, B], found[A, D]) > found[A, C]


def test_a_pair_that_mostly_ties_tells_less() -> None:
    found = information_gains((A, B, C, D), records(ab=(5, 5, 0), cd=(5, 5, 40)))
    assert found[C, D] < found[A, B]


def test_a_model_that_nobody_saw_yet_is_met_first() -> None:
    found = information_gains((A, B, C), records(ab=(40, 60, 10)))
    assert min(found[A, C], found[B, C]) > found[A, B]


@given(row_lists(models="abcd", max_size=60), st.permutations([A, B, C, D]))
@settings(deadline=None)
def test_neither_the_order_of_models_nor_who_stood_on_which_side_matters(
    rows: Rows, models: list[ModelKey]
) -> None:
    counts = [ComparisonCount(row.model_a, row.model_b, row.verdict, 1) for row in rows]
    met = tally(counts)
    found = information_gains((A, B, C, D), met)
    exchanged = {pair: met[pair] for pair in reversed(met)}
    assert information_gains(models, exchanged) == pytest.approx(found)
    assert all(gain > 0 for gain in found.values())


def test_two_models_that_met_nobody_else_have_the_gain_of_a_plain_rate() -> None:
    """With so many votes that the prior does not matter."""
    won, lost = 3000, 1000
    found = information_gains((A, B), records(ab=(won, lost, 0)))[A, B]
    spread, votes = 0.75 * 0.25, won + lost
    expected = (spread / votes) ** 0.5 - (spread / (votes + 1)) ** 0.5
    assert found == pytest.approx(expected, rel=5e-3)
