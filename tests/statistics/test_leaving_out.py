"""Leaving out one cluster at a time is counting the votes of all the others."""

import numpy as np
import pytest
from hypothesis import given

from arena.statistics.clustered_rates import pooled_rates
from arena.statistics.comparisons import Comparisons, Numbers, from_rows
from arena.statistics.leaving_out import leaving_out
from arena.statistics.win_rate import State
from tests.endurance import FACTOR
from tests.endurance.simulated_boards import Campaign
from tests.statistics.clustered import dealt_out
from tests.statistics.votes import A, B, C, Rows, llmfao, row_lists

BOARDS = 60 if FACTOR == 1 else 100 * FACTOR


def _rates(board: Comparisons) -> dict[str, float]:
    found = pooled_rates(board).items()
    return {key: rate.rate for key, rate in found if rate.rate is not None}


def _recounted(board: Comparisons, labels: Numbers) -> dict[str, list[float]]:
    """Rates by model without each label of its decisive votes, one by one."""
    decisive = board.decisive
    theirs = labels[np.isin(board.outcome, np.unique(decisive.outcome))]
    found: dict[str, list[float]] = {}
    for label in np.unique(theirs).tolist():
        rates = _rates(decisive.where(theirs != label))
        mine = decisive.where(theirs == label)
        for key in {mine.models[number] for number in (*mine.a.tolist(), *mine.b.tolist())}:
            found.setdefault(key, []).append(rates.get(key, np.nan))
    return {key: rates for key, rates in found.items() if np.isfinite(rates).all()}


@given(row_lists())
def test_ranges_are_those_of_recounts(rows: Rows) -> None:
    board = from_rows(rows)

    found = leaving_out(board, board.annotator)

    expected = _recounted(board, board.annotator)
    assert {key: (one.low, one.high) for key, one in found.ranges.items()} == {
        key: pytest.approx((min(rates), max(rates))) for key, rates in expected.items()
    }


@pytest.mark.parametrize("kind", ["annotator", "prompt"])
def test_real_votes_without_each_cluster_are_recounted(kind: str) -> None:
    board = llmfao()
    labels = 100 + getattr(board, kind)

    found = leaving_out(board, labels)

    expected = _recounted(board, labels)
    assert found.ranges.keys() == expected.keys()
    for key, one in found.ranges.items():
        assert (one.low, one.high) == pytest.approx((min(expected[key]), max(expected[key])))
        without = _rates(board.where(labels != one.lowest))[key]
        assert without == pytest.approx(one.low)
    for label in np.unique(labels).tolist():
        rates = _rates(board.where(labels != label))
        best = max(rates[key] for key in found.ranges)
        still = rates[found.first[0]] == pytest.approx(best)
        assert still == (label not in found.changing)


def test_the_one_annotator_who_makes_a_model_first_is_named() -> None:
    loyal = dealt_out(30, 0, annotators=1, prompts=5)
    others = [
        *dealt_out(45, 55, annotators=10, prompts=10),
        *dealt_out(10, 10, annotators=10, prompts=10, opponent=C),
    ]
    rows = [*(row._replace(annotator=99) for row in loyal), *others]
    board = from_rows(rows)

    found = leaving_out(board, np.array([row.annotator for row in rows]))

    assert found.first == (A,)
    assert found.changing == (99,)
    assert found.ranges[A].lowest == 99
    assert found.ranges[B].highest == 99
    assert found.clusters == 11


def test_a_model_that_one_cluster_alone_judged_has_no_range() -> None:
    board = from_rows([*dealt_out(5, 5, annotators=2, prompts=5)])

    found = leaving_out(board, np.zeros(len(board), np.int64))

    assert (found.ranges, found.first, found.changing) == ({}, (), ())
    assert leaving_out(from_rows([]), np.zeros(0, np.int64)).clusters == 0


def test_the_jackknife_holds_the_true_rate_as_often_as_it_says() -> None:
    """With annotators who differ, rate ± t(G-1) errors of the jackknife over annotators."""
    campaign = Campaign(20, 40, annotator_sd=0.7, strengths=(0.4, 0.0, -0.4))
    truth, first = float(campaign.true_rates[0, 1:].mean()), campaign.models[0]
    held = []
    for random in np.random.default_rng(11).spawn(BOARDS):
        board = campaign.board(random)
        error = leaving_out(board, board.annotator).ranges[first].error
        rate = pooled_rates(board)[first]
        assert error is not None
        assert rate.rate is not None
        assert rate.state is not State.TOO_FEW
        held.append(abs(rate.rate - truth) <= 2.093 * error)

    spread = 3 * (0.05 * 0.95 / BOARDS) ** 0.5
    assert 0.95 - spread - 0.02 <= np.mean(held) <= 0.97 + spread
