"""The tab of robustness: every table under its heading, in every language."""

import re

import pytest

from arena.domain.style import StyleFeature
from arena.domain.verdict import Verdict
from arena.statistics.style_control import SIDE, NoControl
from arena.storage.database import Database
from arena.web.leaderboard.body import board_body
from arena.web.leaderboard.query import Tab
from tests.builders import seed_vote, seed_votes
from tests.services.board.test_robustness import styled_votes
from tests.web.leaderboard.boards import TEXTS, row_of, text_of, view_of


def test_a_model_has_its_rate_without_and_with_style_control(database: Database) -> None:
    styled_votes(database)

    body = board_body(view_of(database, Tab.ROBUSTNESS))

    row = row_of(body, "Name of alpha", "robustness-style")
    assert row.count("%") == 2
    assert "length in characters" in text_of(body)
    assert "Rests on 180 of 180 decisive votes" in text_of(body)


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_has_its_words(database: Database, language: str) -> None:
    styled_votes(database)

    body = board_body(view_of(database, Tab.ROBUSTNESS, language=language))

    assert TEXTS[language]["leaderboard.robustness.style"] in text_of(body)
    assert "{" not in text_of(body)


def test_everything_that_may_be_said_has_a_sentence() -> None:
    about = "leaderboard.robustness"
    wanted = {
        *(f"{about}.note.style_{reason.name.lower()}" for reason in NoControl),
        *(f"{about}.word.{feature.value}" for feature in StyleFeature),
        f"{about}.word.{SIDE}",
    }
    assert wanted <= TEXTS["en"].keys()


def test_while_it_is_computed_the_tab_says_so(database: Database) -> None:
    seed_votes(database, wins=3, losses=1)

    body = text_of(board_body(view_of(database, Tab.ROBUSTNESS, waiting=True)))

    assert TEXTS["en"]["leaderboard.computing"] in body


def test_few_votes_give_reasons_and_no_numbers(database: Database) -> None:
    seed_votes(database, wins=3, losses=1)

    body = text_of(board_body(view_of(database, Tab.ROBUSTNESS)))

    assert "Cannot be said: replies of the same two models never differ in length" in body


def test_a_long_table_is_folded_behind_what_it_says(database: Database) -> None:
    keys = [f"model-{number:02}" for number in range(12)]
    with database.writing() as connection:
        for number in range(240):
            first = number % 12
            pair = (keys[first], keys[(first + 1 + number // 24) % 12])
            verdict = Verdict.A_BETTER if number % 5 < 3 else Verdict.B_BETTER
            seed_vote(connection, verdict, models=pair, annotator=f"annotator-{number % 9}")

    body = board_body(view_of(database, Tab.ROBUSTNESS))

    folded = re.findall(r'<details class="lb-folded" id="rows-of-robustness-(\w+)">', body)
    assert {"ties", "left_out", "weights"} <= set(folded)
    assert "style" not in folded
    ids = re.findall(r' id="([^"]+)"', body)
    assert len(ids) == len(set(ids))
