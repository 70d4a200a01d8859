"""Notes say what was left out, and what the board holds besides."""

import re

import pytest

from arena.domain.battle import BattleState
from arena.domain.board import BoardFilter
from arena.domain.verdict import Verdict
from arena.storage.database import Database
from arena.web.leaderboard.body import board_body
from arena.web.leaderboard.parts.filters import filter_form
from arena.web.leaderboard.query import BoardQuery, Tab
from tests.builders import seed_battle, seed_farm, seed_vote, seed_votes
from tests.web.leaderboard.boards import TEXTS, row_of, text_of, varied_votes, view_of


@pytest.mark.parametrize(
    ("language", "counted", "left_out"),
    [
        ("en", "no rate here is called «established». Leave them out", "70). Count them"),
        ("zh", "没有比率标为“可靠”。 不计入这些投票", "70）。 计入这些投票"),
    ],
)
@pytest.mark.parametrize("tab", Tab)
def test_votes_from_one_address_are_said_and_can_be_left_out(
    database: Database, tab: Tab, language: str, counted: str, left_out: str
) -> None:
    varied_votes(database, ("alpha", "beta"), 30)
    seed_farm(database)

    with_them = board_body(view_of(database, tab, language=language))
    without = board_body(view_of(database, tab, language=language, without_one_address=True))

    assert counted in text_of(with_them)
    assert "140" in text_of(with_them)
    assert 'without=one_address" data-board>' in with_them
    assert left_out in text_of(without)
    assert re.search(r'class="lb-warning".*?<a href="\?[^"]*" data-board>', without)


def test_without_such_votes_nothing_is_said_of_them(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 30)
    assert "lb-warning" not in board_body(view_of(database))


def test_the_filter_form_has_a_box_for_them(database: Database) -> None:
    query = BoardQuery(filter=BoardFilter(without_one_address=True))
    form = filter_form(query, {}, {}, TEXTS["en"])
    assert 'name="without" id="filter-without" value="one_address" checked>' in form
    assert form.count(" checked") == 1


def test_flags_and_void_battles_are_counted_by_model(database: Database) -> None:
    seed_votes(database, wins=2)
    seed_vote(database, Verdict.B_BETTER, recognised=True)
    seed_battle(database, failing=0, state=BattleState.VOID)

    row = row_of(board_body(view_of(database, Tab.QUALITY)), "Name of alpha", "flags")

    assert row.startswith("4 1 25.0 % 1 1 0 0 0 (100.0 %) too few (66.7 %) too few -33.3")


def test_mixed_configurations_are_named(database: Database) -> None:
    seed_vote(database)
    seed_vote(database, fingerprint="2")

    assert "configuration changed" in board_body(view_of(database))


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "Pairs drawn where votes tell most: 1 comparisons."),
        ("zh", "按信息量抽取的组合：1 次比较。"),
    ],
)
@pytest.mark.parametrize("tab", Tab)
def test_pairs_drawn_by_votes_are_said_on_every_tab(
    database: Database, tab: Tab, language: str, said: str
) -> None:
    seed_vote(database, chances=(0.5, 0.1))
    assert said in text_of(board_body(view_of(database, tab, language=language)))


def test_where_none_were_nothing_is_said(database: Database) -> None:
    seed_vote(database)
    assert "board-informed" not in board_body(view_of(database))
