"""Whether one strength for each model fits, and circles of wins."""

from itertools import permutations

import numpy as np
import pytest
import statsmodels.api as sm

from arena.domain.verdict import Verdict
from arena.statistics.comparisons import Comparison, Comparisons, from_rows, sided_counts
from arena.statistics.goodness_of_fit import GoodnessOfFit, goodness_of_fit
from arena.statistics.win_rate import Pair
from tests.endurance import FACTOR
from tests.endurance.goodness import NULL, PLANTED, false_alarms
from tests.endurance.simulated_boards import Campaign
from tests.statistics.votes import A, B, C, llmfao

BOARDS = 60 if FACTOR == 1 else 100 * FACTOR


def _fitted(board: Comparisons) -> GoodnessOfFit:
    found = goodness_of_fit(board)
    assert found is not None
    return found


def _circle(share: float, votes: int = 300) -> Comparisons:
    """A beats B, B beats C and C beats A, each in this share."""
    rows = []
    for first, second in ((A, B), (B, C), (C, A)):
        for number in range(votes):
            wins, exchanged = (number % 100) < 100 * share, number % 2 == 1
            models = (second, first) if exchanged else (first, second)
            verdict = Verdict.A_BETTER if wins != exchanged else Verdict.B_BETTER
            rows.append(Comparison(*models, verdict, number % 20, number % 23))
    return from_rows(rows)


@pytest.mark.parametrize("seed", range(3))
def test_the_statistic_is_that_of_a_binomial_regression(seed: int) -> None:
    board = Campaign(20, 60, strengths=(0.8, 0.3, 0.0, -0.3)).board(np.random.default_rng(seed))
    found = _fitted(board)

    wins = sided_counts(board)[..., 0]
    pairs = [(i, j) for i in range(4) for j in range(i + 1, 4)]
    design = np.array([[(k == i) - (k == j) for k in range(1, 4)] for i, j in pairs], dtype=float)
    counts = np.array([[wins[i, j], wins[j, i]] for i, j in pairs])
    expected = sm.GLM(counts, design, family=sm.families.Binomial()).fit(tol=1e-12)

    assert found.deff is not None
    assert found.statistic * found.deff == pytest.approx(expected.pearson_chi2, rel=1e-6)
    assert found.degrees == 3
    rates = {one.pair: one.expected for one in found.pairs}
    for (i, j), rate in zip(pairs, expected.fittedvalues, strict=True):
        keys = Pair(board.models[i], board.models[j])
        assert rates.get(keys, 1 - rates.get(Pair(*keys[::-1]), 0)) == pytest.approx(rate, rel=1e-6)


def test_votes_that_are_alike_surprise_less() -> None:
    """Every vote is cast four times over by the same person: so many tell no more."""
    strengths = (0.5, 0.0, 0.0, -0.5)
    alone = Campaign(400, 3, strengths=strengths).board(np.random.default_rng(1))
    again = np.tile(np.arange(len(alone)), 4)
    columns = (alone.a, alone.b, alone.outcome, alone.annotator, alone.prompt)
    alike = Comparisons(alone.models, *(column[again] for column in columns))

    once, repeated = _fitted(alone), _fitted(alike)

    assert once.deff == pytest.approx(1, abs=0.3)
    assert repeated.deff == pytest.approx(4 * (once.deff or 0), rel=0.05)
    assert repeated.statistic == pytest.approx(once.statistic, rel=0.05)


def test_a_circle_is_found_and_fits_badly() -> None:
    found = _fitted(_circle(0.7))

    assert found.p is not None
    assert found.p < 0.001
    assert [cycle.models for cycle in found.cycles] == [(A, B, C)]
    assert found.cycles[0].rates == pytest.approx((0.7, 0.7, 0.7))
    assert found.triads == 1
    assert found.expected_cycles < 0.3
    assert all(one.rate > one.expected for one in found.pairs)


def test_an_order_without_circles_has_none() -> None:
    board = Campaign(40, 100, strengths=(1.5, 0.0, -1.5)).board(np.random.default_rng(2))

    found = _fitted(board)

    assert found.cycles == ()
    assert found.expected_cycles < 0.01
    assert found.p is not None
    assert found.p > 0.01


def test_circles_of_real_votes_are_those_found_one_by_one() -> None:
    board = llmfao()
    found = _fitted(board)

    decisive = sided_counts(board)[..., :2]
    met = decisive.sum(axis=2)
    rates = decisive[..., 0] / np.maximum(met, 1)
    enough = (met >= 30) & (rates > 0.5)
    expected = {
        tuple(board.models[k] for k in circle)
        for circle in permutations(range(12), 3)
        if circle[0] == min(circle)
        if enough[circle[0], circle[1]]
        and enough[circle[1], circle[2]]
        and enough[circle[2], circle[0]]
    }
    small = set(board.models[:12])
    assert {cycle.models for cycle in found.cycles if set(cycle.models) <= small} == expected
    assert found.models > 50
    assert found.pairs[0].surprise == max(one.surprise for one in found.pairs)


def test_the_expected_square_is_what_leaving_out_the_strengths_gives() -> None:
    """The projection as a matrix over pairs, and votes that are all their own clusters."""
    board = Campaign(30, 20, strengths=(0.4, 0.0, -0.4, 0.1)).board(np.random.default_rng(3))
    found = _fitted(board)
    assert found.deff is not None

    decisive = board.decisive
    size = len(decisive.models)
    pairs = [(i, j) for i in range(size) for j in range(i + 1, size)]
    place = {pair: number for number, pair in enumerate(pairs)}
    expected = {one.pair: one.expected for one in found.pairs}
    chance = np.array(
        [
            expected.get(Pair(decisive.models[i], decisive.models[j]))
            or 1 - expected[Pair(decisive.models[j], decisive.models[i])]
            for i, j in pairs
        ]
    )
    cell = np.array(
        [place[min(a, b), max(a, b)] for a, b in zip(decisive.a, decisive.b, strict=True)]
    )
    votes = np.bincount(cell)
    scale = np.sqrt(votes * chance * (1 - chance))
    design = np.array(
        [[(k == i) - (k == j) for k in range(1, size)] for i, j in pairs], dtype=float
    )
    weighted = design * scale[:, None]
    off = np.eye(len(pairs)) - weighted @ np.linalg.pinv(weighted)
    won = (decisive.outcome == Verdict.A_BETTER.number) == (decisive.a < decisive.b)
    standard = (won - chance[cell]) / scale[cell]
    total = 0.0
    for sign, column in (
        (1, decisive.annotator),
        (1, decisive.prompt),
        (-1, np.arange(len(decisive))),
    ):
        labels, size_of = np.unique(column, return_counts=True)
        factor = 1 - 1 / len(labels)
        for label, votes_of in zip(labels, size_of, strict=True):
            sums = np.bincount(cell[column == label], standard[column == label], len(pairs))
            left = 1 - votes_of / len(decisive)
            total += sign * factor * float(((off @ sums) ** 2).sum()) / left**2
    assert found.deff == pytest.approx(max(1, total / found.degrees), rel=1e-6)


def test_two_models_always_fit() -> None:
    board = Campaign(20, 30).board(np.random.default_rng(4))
    found = _fitted(board)

    assert (found.degrees, found.p, found.deff) == (0, None, None)
    assert found.statistic == pytest.approx(0, abs=1e-9)


def test_a_board_without_circles_of_wins_has_no_fit() -> None:
    rows = [Comparison(A, B, Verdict.A_BETTER, n, n) for n in range(20)]

    assert goodness_of_fit(from_rows(rows)) is None
    assert goodness_of_fit(from_rows([])) is None


def test_few_prompts_give_no_p_value() -> None:
    board = Campaign(20, 60, 5, strengths=(0.3, 0.0, -0.3)).board(np.random.default_rng(5))

    assert _fitted(board).p is None


@pytest.mark.parametrize("name", NULL if FACTOR > 1 else [next(iter(NULL))])
def test_boards_of_one_strength_for_each_model_rarely_fit_badly(name: str) -> None:
    rate = false_alarms(NULL[name], BOARDS)

    assert rate <= 0.05 + 3 * (0.05 * 0.95 / BOARDS) ** 0.5


def test_a_planted_circle_is_mostly_found() -> None:
    assert false_alarms(PLANTED, BOARDS // 2) > 0.8
