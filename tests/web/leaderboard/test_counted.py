"""The line that says how much was counted, and the numbers that it unfolds to."""

import re

import pytest

from arena.domain.battle import BattleState
from arena.domain.reply import FlagKind
from arena.domain.verdict import Verdict
from arena.storage.database import Database
from arena.web.leaderboard.body import board_body
from arena.web.leaderboard.parts.counted import counted, counted_words
from arena.web.leaderboard.query import Tab
from tests.builders import seed_battle, seed_farm, seed_vote, seed_votes
from tests.web.leaderboard.boards import TEXTS, text_of, varied_votes, view_of


def numbers(html: str) -> dict[str, str]:
    pairs = re.findall(r"<dt[^>]*>(.*?)</dt><dd>(.*?)</dd>", html)
    return {words.split(":")[0]: number for words, number in pairs}


def one_of_each(database: Database) -> None:
    seed_votes(database, wins=2, ties=1, both_bad=3)
    seed_vote(database, recognised=True, reply_flags={0: [FlagKind.TRUNCATED]})
    seed_vote(database, Verdict.B_BETTER, recognised=True)
    seed_battle(database, failing=0, state=BattleState.VOID)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (
            "en",
            "Counted 6 of 8 comparisons; left out: annotator recognised a model: 2, reply cut at "
            "its length limit: 1. Rates rest on 2 decisive ones, without 1 tie and 3 × «both bad».",
        ),
        (
            "zh",
            "共 8 次比较，计入 6 次；未计入：标注者认出了模型：2，回答因长度上限被截断：1。"
            "胜率依据其中分出胜负的 2 次，不含 1 次平局和 3 次“都不好”。",
        ),
    ],
)
def test_one_line_says_what_was_left_out(database: Database, language: str, said: str) -> None:
    one_of_each(database)
    assert counted_words(view_of(database, language=language)) == said


def test_the_line_unfolds_to_every_number(database: Database) -> None:
    one_of_each(database)

    assert numbers(counted(view_of(database))) == {
        "Comparisons with these filters": "8",
        "Left out": "2",
        "annotator recognised a model": "2",
        "reply cut at its length limit": "1",
        "Counted": "6",
        "decisive": "2",
        "ties": "1",
        "«both bad»": "3",
        "Void battles": "1",
    }


def test_flagged_comparisons_that_are_counted_are_said_to_be(database: Database) -> None:
    one_of_each(database)

    said = counted_words(view_of(database, include_flagged=True))

    assert said.startswith("Counted 8 of 8 comparisons; left out: none, though flagged, counted")
    assert "counted here: 2" in said


def test_votes_of_one_address_are_among_what_was_left_out(database: Database) -> None:
    varied_votes(database, ("alpha", "beta"), 30)
    seed_farm(database)

    with_them, without = (
        counted_words(view_of(database, without_one_address=chosen)) for chosen in (False, True)
    )

    assert "Counted 170 of 170 comparisons; left out: none." in with_them
    assert "Counted 30 of 170 comparisons; left out: from one network address" in without


@pytest.mark.parametrize("tab", Tab)
def test_it_stands_on_every_tab_before_any_interval(database: Database, tab: Tab) -> None:
    seed_vote(database)
    assert 'id="counted"' in board_body(view_of(database, tab, waiting=True))


def test_a_board_of_which_all_is_left_out_says_so_and_an_empty_one_nothing(
    database: Database,
) -> None:
    assert 'id="counted"' not in board_body(view_of(database))
    seed_vote(database, recognised=True)
    assert "Counted 0 of 1 comparisons" in text_of(board_body(view_of(database)))


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_has_its_words(database: Database, language: str) -> None:
    one_of_each(database)
    assert "{" not in text_of(counted(view_of(database, language=language)))
