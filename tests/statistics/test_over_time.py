"""Weeks are counted one by one, and drifts are the score test of statsmodels' fit."""

import numpy as np
import pytest
import statsmodels.api as sm

from arena.statistics.bradley_terry import ELO
from arena.statistics.clustered_rates import pooled_rates
from arena.statistics.comparisons import from_rows
from arena.statistics.outcomes import WON
from arena.statistics.over_time import FOUR_WEEKS, over_time
from tests.endurance import FACTOR
from tests.endurance.drifting_models import CAMPAIGNS, DriftingCampaign, drifting
from tests.statistics.votes import from_counts

BOARDS = 40 if FACTOR == 1 else 100 * FACTOR
MONDAY = 4
"""1970-01-05."""


def test_weeks_begin_on_monday_and_have_their_own_rates() -> None:
    board, days = DriftingCampaign(20, 60).board(np.random.default_rng(0))
    days = days - days.min() + MONDAY + 70 - 0.5

    weeks = over_time(board, days).weeks

    assert weeks[0].monday == MONDAY + 63
    assert all((week.monday - MONDAY) % 7 == 0 for week in weeks)
    for week in weeks:
        chosen = (days >= week.monday) & (days < week.monday + 7)
        assert week.rates == pooled_rates(board.where(chosen))
    total = sum(rate.record.wins for week in weeks for rate in week.rates.values())
    assert total == len(board.decisive)


@pytest.mark.parametrize("model", range(3))
def test_a_drift_is_the_score_step_of_statsmodels(model: int) -> None:
    campaign = DriftingCampaign(20, 60, drift=0.1, strengths=(0.5, 0.0, -0.5, 0.2, 0.1))
    board, days = campaign.board(np.random.default_rng(1))
    found = over_time(board, days).drifts[model]

    rows = np.arange(len(board))
    models = np.zeros((len(board), 5))
    models[rows, board.a], models[rows, board.b] = 1, -1
    won = WON[board.outcome].astype(float)
    plain = sm.Logit(won, models[:, 1:]).fit(disp=0, tol=1e-12)
    mine = models[:, model] != 0
    time = models[:, model] * (days - days[mine].mean())
    whole = sm.Logit(won, np.column_stack([models[:, 1:], time]))
    start = np.append(plain.params, 0.0)
    step = np.linalg.solve(-whole.hessian(start), whole.score(start))[-1]
    assert found.change == pytest.approx(ELO * FOUR_WEEKS * step, rel=1e-6)

    fitted = whole.fit(disp=0)
    assert found.change == pytest.approx(ELO * FOUR_WEEKS * fitted.params[-1], rel=0.1, abs=2)


def test_the_error_of_independent_votes_is_that_of_the_fit() -> None:
    board, days = DriftingCampaign(1000, 3).board(np.random.default_rng(2))
    found = over_time(board, days).drifts[0]

    rows = np.arange(len(board))
    models = np.zeros((len(board), 5))
    models[rows, board.a], models[rows, board.b] = 1, -1
    mine = models[:, 0] != 0
    time = models[:, 0] * (days - days[mine].mean())
    fitted = sm.Logit(WON[board.outcome].astype(float), np.column_stack([models[:, 1:], time])).fit(
        disp=0
    )
    assert found.bounds is not None
    width = found.bounds.high - found.bounds.low
    assert width == pytest.approx(2 * 1.97 * ELO * FOUR_WEEKS * fitted.bse[-1], rel=0.1)


def test_votes_of_one_day_tell_no_drift() -> None:
    board, days = DriftingCampaign(20, 60).board(np.random.default_rng(3))

    assert over_time(board, np.full_like(days, 10.25)).drifts == ()
    assert over_time(from_rows([]), np.zeros(0)).weeks == ()


def test_without_a_win_of_both_there_is_no_drift() -> None:
    assert over_time(from_counts(wins=5, losses=0), np.arange(5.0)).drifts == ()


def test_few_prompts_or_votes_give_no_bounds() -> None:
    found = over_time(from_counts(wins=40, losses=20), np.linspace(0, 30, 60))

    assert [drift.bounds for drift in found.drifts] == [None, None]
    assert not any(drift.is_significant for drift in found.drifts)


@pytest.mark.parametrize("name", CAMPAIGNS if FACTOR > 1 else ["40 annotators x 50, sd .5"])
def test_drifts_are_held_and_not_invented(name: str) -> None:
    campaign = CAMPAIGNS[name]
    found = drifting(campaign, BOARDS)

    spread = 3 * (0.05 * 0.95 / BOARDS) ** 0.5
    assert found.held > 0.94 - spread
    if not campaign.drift:
        assert found.found + found.false <= 0.05 + spread


def test_a_strong_drift_is_found() -> None:
    found = drifting(DriftingCampaign(100, 60, drift=0.4), 20)

    assert found.found > 0.8
