"""Style control: real votes, made-up ones, and how often its intervals hold."""

import csv
from functools import cache

import numpy as np
import pytest
import statsmodels.api as sm
from numpy.testing import assert_allclose

from arena.domain.style import StyleFeature
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Comparisons
from arena.statistics.outcomes import DECISIVE, WON
from arena.statistics.pair_logit import fit_pairs
from arena.statistics.style_control import (
    SIDE,
    NoControl,
    StyleControl,
    style_control,
    style_difference,
)
from arena.statistics.thresholds import Scope
from tests.endurance import FACTOR
from tests.endurance.simulated_boards import Campaign
from tests.endurance.styled_boards import CAMPAIGNS, StyledCampaign, style_coverage
from tests.statistics.votes import LLMFAO, llmfao

BOARDS = 30 if FACTOR == 1 else 100 * FACTOR


def _controlled(board: Comparisons, **covariates: Floats) -> StyleControl:
    return style_control(board, covariates, random=np.random.default_rng(0))


@cache
def llmfao_styles() -> dict[str, Floats]:
    """Differences of the published replies, for each row of the real votes."""
    with LLMFAO.with_name("styles.csv").open(newline="", encoding="utf-8") as file:
        counts = {(row["id"], row["model"]): row for row in csv.DictReader(file)}
    with LLMFAO.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return {
        feature.value: style_difference(
            *(
                np.array([int(counts[row["id"], row[side]][feature.value]) for row in rows])
                for side in ("left", "right")
            )
        )
        for feature in StyleFeature
    }


def test_the_odds_of_real_votes_are_those_of_statsmodels() -> None:
    styles = {name: column for name, column in llmfao_styles().items() if name != "tokens"}

    found = _controlled(llmfao(), **styles)

    decisive = DECISIVE[llmfao().outcome]
    columns = [styles[name][decisive] for name in styles if name not in found.untold]
    covariates = np.column_stack([*columns, np.ones(decisive.sum())])
    board = llmfao().decisive
    assert found.votes == len(board)
    models = np.zeros((len(board), len(board.models)))
    rows = np.arange(len(board))
    models[rows, board.a], models[rows, board.b] = 1, -1
    options = {"groups": board.annotator, "use_correction": True}
    logit = sm.Logit(WON[board.outcome].astype(float), np.hstack([models[:, 1:], covariates]))
    expected = logit.fit(cov_type="cluster", cov_kwds=options, maxiter=100, tol=1e-13, disp=0)
    effects = len(covariates.T)
    odds = np.exp(expected.params[-effects:])
    assert_allclose([effect.odds for effect in found.effects], odds, rtol=1e-6)
    clustered = fit_pairs(board, covariates).clustered(board.annotator, jackknife=False)
    ours = np.sqrt(np.diag(clustered)[-effects:])
    n, k = len(board), len(expected.params)
    assert_allclose(ours, expected.bse[-effects:] * np.sqrt((n - k) / (n - 1)), rtol=1e-6)


def test_real_annotators_like_the_left_side_and_no_headings() -> None:
    styles = llmfao_styles()
    found = _controlled(llmfao(), characters=styles["characters"], headings=styles["headings"])

    length, headings, side = found.effects
    assert (length.name, headings.name, side.name) == ("characters", "headings", SIDE)
    assert length.bounds is not None
    assert length.bounds.low < 1 < length.bounds.high
    assert headings.bounds is not None
    assert headings.bounds.high < 1
    assert side.odds == pytest.approx(1.2, abs=0.05)
    assert found.scope is Scope.ANNOTATORS_AND_PROMPTS
    assert len(found.models) == 59


@pytest.mark.parametrize(
    "name", list(CAMPAIGNS) if FACTOR > 1 else ["30 annotators x 40, liking sd .2, annotator sd .4"]
)
def test_equal_models_look_unequal_and_style_control_sets_it_right(name: str) -> None:
    found = style_coverage(CAMPAIGNS[name], BOARDS)

    spread = 3 * (0.05 * 0.95 / BOARDS) ** 0.5
    assert found.plain < 0.75
    assert found.leads > 0.1
    assert abs(found.left) < 0.02
    assert found.controlled > 0.93 - (spread if FACTOR == 1 else 0)
    if FACTOR > 1:
        assert found.controlled < 0.97


def test_a_better_model_stays_better() -> None:
    """One that writes as long as the others keeps its lead."""
    random = np.random.default_rng(5)
    board = Campaign(30, 60, strengths=(1.0, 0.0, 0.0)).board(random)

    found = _controlled(board, characters=random.normal(size=len(board)))

    for model in found.models:
        assert model.plain.rate is not None
        assert abs(model.rate - model.plain.rate) < 0.01
    assert found.models[0].rank == found.models[0].plain_rank
    assert abs(found.models[0].elo - found.models[0].plain_elo) < 10


def test_without_known_replies_there_is_no_control() -> None:
    board, length = StyledCampaign(10, 20).board(np.random.default_rng(1))

    found = _controlled(board, characters=np.full_like(length, np.nan))

    assert (found.votes, found.reason) == (0, NoControl.NO_REPLIES)
    assert found.decisive == len(board.decisive)


def test_votes_with_an_unknown_reply_are_left_out() -> None:
    board, length = StyledCampaign(10, 60).board(np.random.default_rng(1))
    some = np.arange(len(board)) % 2 == 0

    found = _controlled(board, characters=np.where(some, length, np.nan))

    alone = _controlled(board.where(some), characters=length[some])
    assert found.effects == alone.effects
    assert found.votes == alone.votes == alone.decisive < found.decisive


def test_a_model_that_nobody_beat_has_no_controlled_rate() -> None:
    board, length = StyledCampaign(10, 60).board(np.random.default_rng(2))
    first = (board.a == 0) | (board.b == 0)
    wins = WON[board.outcome] == (board.a == 0)
    kept = ~first | (wins & DECISIVE[board.outcome])

    found = _controlled(board.where(kept), characters=length[kept])

    assert [model.model for model in found.models] == ["model-1", "model-2", "model-3"]


def test_a_board_of_winners_alone_has_no_control() -> None:
    board, length = StyledCampaign(10, 20, verbosity=(0.0, 0.0)).board(np.random.default_rng(3))
    kept = WON[board.outcome] == (board.a == 0)
    kept &= DECISIVE[board.outcome]

    assert _controlled(board.where(kept), characters=length[kept]).reason is NoControl.NO_CYCLE


def test_what_cannot_be_told_from_the_models_is_named() -> None:
    board, length = StyledCampaign(10, 60).board(np.random.default_rng(4))
    verbosity = np.array([2.0, 1.0, 0.0, 0.0])

    found = _controlled(board, bold=verbosity[board.a] - verbosity[board.b], characters=length)

    assert found.untold == ("bold",)
    assert [effect.name for effect in found.effects] == ["characters", SIDE]


def test_where_nothing_differs_there_is_no_control() -> None:
    board, length = StyledCampaign(10, 60).board(np.random.default_rng(4))

    assert _controlled(board, code=0 * length).reason is NoControl.NO_FEATURE


def test_a_style_that_always_wins_is_no_style_to_control() -> None:
    board, _ = StyledCampaign(10, 60).board(np.random.default_rng(4))
    telling = np.where(WON[board.outcome], 1.0, -1.0)

    assert _controlled(board, emoji=telling).reason is NoControl.SEPARATED


def test_few_annotators_speak_for_themselves_and_few_prompts_for_nobody() -> None:
    board, length = StyledCampaign(4, 100).board(np.random.default_rng(6))
    found = _controlled(board, characters=length)
    assert (found.scope, found.annotators) == (Scope.PROMPTS, 4)
    assert found.models[0].interval is not None

    board, length = StyledCampaign(20, 30, prompts=4).board(np.random.default_rng(6))
    found = _controlled(board, characters=length)
    assert found.scope is Scope.NONE
    assert found.effects[0].bounds is None
    model = found.models[0]
    assert [model.interval, model.rank, model.plain_rank] == [None] * 3


def test_an_empty_board_has_no_control() -> None:
    board, length = StyledCampaign(2, 1).board(np.random.default_rng(6))
    none = np.zeros(len(board), np.bool_)

    found = _controlled(board.where(none), characters=length[none])

    assert (found.votes, found.decisive, found.reason) == (0, 0, NoControl.NO_REPLIES)


def test_differences_are_doublings_of_counts_plus_one() -> None:
    earlier, later = np.array([7, 0, 3, -1, 5]), np.array([0, 1, 3, 5, -1])

    assert_allclose(style_difference(earlier, later), [3, -1, 0, np.nan, np.nan])
