"""The tab of time: wins by week, as charts and as a table, and drifts."""

import re
from datetime import timedelta

import pytest

from arena.domain.verdict import Verdict
from arena.storage.database import Database
from arena.web.leaderboard.body import board_body
from arena.web.leaderboard.query import Tab
from tests.builders import NOON, seed_vote, seed_votes
from tests.web.leaderboard.boards import TEXTS, text_of, view_of


def votes_of_weeks(database: Database, *won: int) -> None:
    """Twelve votes in each week, of which alpha wins so many."""
    with database.writing() as connection:
        for week, wins in enumerate(won):
            for number in range(12):
                seed_vote(
                    connection,
                    Verdict.A_BETTER if number < wins else Verdict.B_BETTER,
                    annotator=f"annotator-{number}",
                    prompts=(f"prompt {week} {number}",),
                    at=NOON + timedelta(weeks=week),
                )


def body_of(database: Database, tab: Tab = Tab.TIME, language: str = "en") -> str:
    return str(board_body(view_of(database, tab, language=language)))


def test_each_model_has_a_chart_with_a_dot_for_each_week(database: Database) -> None:
    votes_of_weeks(database, 6, 12, 3)

    body = body_of(database)

    charts = re.findall(r"<svg .*?</svg>", body, re.DOTALL)
    assert [chart.count("<circle") for chart in charts] == [3, 3]
    heights = [float(one) for one in re.findall(r'cy="([\d.]+)"', charts[0])]
    assert heights == [30.0, 6.0, 42.0]  # 50, 100 and 25 % between the edges
    places = [float(one) for one in re.findall(r'cx="([\d.]+)"', charts[0])]
    assert places == [6.0, 100.0, 194.0]


def test_a_chart_is_told_in_words(database: Database) -> None:
    votes_of_weeks(database, 6, 12, 3)

    assert (
        'aria-label="Name of alpha, weeks with decisive comparisons: 3; 50.0 % in the week of '
        '2026-02-23, 25.0 % in the week of 2026-03-09"'
    ) in body_of(database)


def test_a_single_week_is_a_table_without_a_chart(database: Database) -> None:
    votes_of_weeks(database, 6)

    body = body_of(database)

    assert "<svg" not in body
    assert 'id="robustness-weeks"' in body


def test_change_over_time_is_on_this_tab_and_no_longer_among_other_choices(
    database: Database,
) -> None:
    votes_of_weeks(database, 6, 12, 3)

    time, choices = body_of(database), body_of(database, Tab.ROBUSTNESS)

    for heading in ("Change over time", "Wins by week"):
        assert heading in time
        assert heading not in choices


@pytest.mark.parametrize("language", TEXTS)
def test_every_language_has_its_words(database: Database, language: str) -> None:
    votes_of_weeks(database, 6, 12)

    said = text_of(body_of(database, language=language))

    assert TEXTS[language]["leaderboard.robustness.drift"] in said
    assert "{" not in said


def test_while_it_is_computed_the_tab_says_so(database: Database) -> None:
    seed_votes(database, wins=3, losses=1)

    body = text_of(board_body(view_of(database, Tab.TIME, waiting=True)))

    assert TEXTS["en"]["leaderboard.computing"] in body
