"""The leaderboard page, called directly: who gets what, and what comes when."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import gradio as gr
import pytest

from arena.domain.accounts import Caller
from arena.domain.board import BoardFilter
from arena.domain.verdict import Verdict
from arena.domain.visibility import Visibility
from arena.services.board.categories import BoardCategories
from arena.services.board.leaderboard import Leaderboards
from arena.storage.database import Database
from arena.web.common.texts import load_texts
from arena.web.leaderboard.page import LeaderboardPage
from arena.web.leaderboard.query import Tab
from arena.web.leaderboard.reader import BoardReader, Statistics
from arena.web.leaderboard.view import PANELS_AT_ONCE
from tests.builders import ADMIN, ANNOTATOR, seed_vote, seed_votes
from tests.fakes.board_statistics import SlowStatistics, statistics_of

TEXTS = load_texts()
VERDICTS = (Verdict.A_BETTER, Verdict.B_BETTER)


def page_of(
    database: Database,
    *,
    statistics: Statistics | None = None,
    leaderboards: Leaderboards | None = None,
    caller: Caller | None = None,
    visibility: Visibility = Visibility.PUBLIC,
    language: str = "en",
) -> LeaderboardPage:
    return LeaderboardPage(
        reader=BoardReader(
            leaderboards=leaderboards or Leaderboards(database, visibility=visibility),
            statistics=statistics or statistics_of(database, visibility),
        ),
        caller_of=lambda _: caller,
        texts_for=lambda _: TEXTS.by_language[language],
        sign_out_for=lambda _: "",
    )


def opened(page: LeaderboardPage, address: str = "") -> list[tuple[str, str, str]]:
    return asyncio.run(all_of(page.opened(address, gr.Request())))


def board_of(page: LeaderboardPage, address: str = "") -> str:
    """The board as it is in the end."""
    return str(asyncio.run(all_of(page.changed(address, gr.Request())))[-1])


async def all_of(frames: AsyncIterator[Any]) -> list[Any]:
    return [frame async for frame in frames]


def judged_twice(database: Database) -> None:
    """Two people on ten prompts, of one mind and of two."""
    for number in range(10):
        for annotator, verdict in (("ada", Verdict.A_BETTER), ("bob", VERDICTS[number % 2])):
            seed_vote(database, verdict, annotator=annotator, prompts=(f"Prompt {number}?",))


def test_before_the_first_request_the_page_holds_no_model(database: Database) -> None:
    seed_votes(database, wins=2)

    async def build() -> gr.Blocks:  # in a loop: outside one Gradio makes its own and leaves it
        return page_of(database).build()

    page = asyncio.run(build())

    assert "alpha" not in json.dumps(page.get_config_file(), default=str)
    assert {handler.api_visibility for handler in page.fns.values()} == {"private"}


def test_the_page_fills_its_filters_and_its_board(database: Database) -> None:
    seed_votes(database, wins=2, category="math")
    seed_vote(database, language="zh")

    head, filters, board = opened(page_of(database))[-1]

    assert "<h1>Leaderboard</h1>" in head
    for value in ("alpha", "math", "zh"):
        assert f'<option value="{value}">' in filters
    assert "Votes: 3" in board


def test_counts_come_first_and_intervals_take_their_place_later(database: Database) -> None:
    seed_votes(database, wins=20, losses=12)

    async def frames() -> tuple[str, str]:
        slow = SlowStatistics(statistics_of(database))
        boards = page_of(database, statistics=slow).changed("?model=alpha", gr.Request())
        first = await anext(boards)
        slow.ready.set()
        return first, await anext(boards)

    first, last = asyncio.run(frames())

    assert ">20<" in first
    assert "Intervals are being computed" in first
    assert "being computed" not in last
    assert first.count("<tr") == last.count("<tr")
    assert "naive" not in first.split("lb-note")[0]


def test_agreement_comes_last_and_is_waited_for_where_it_is_shown(database: Database) -> None:
    judged_twice(database)

    async def frames(address: str) -> list[str]:
        slow = SlowStatistics(statistics_of(database), in_turn=True)
        slow.ready.set()
        boards = page_of(database, statistics=slow).changed(address, gr.Request())
        found = [await anext(boards)]
        while "being computed" in found[-1]:  # as long as the first import of pandas takes
            found = [await anext(boards)]
        slow.agreed.set()
        return found + await all_of(boards)

    rated, complete = asyncio.run(frames("?model=alpha"))
    (other,) = asyncio.run(frames("?tab=matrix"))
    for number in range(PANELS_AT_ONCE):
        seed_vote(database, models=("alpha", f"model {number}"))
    (many,) = asyncio.run(frames(""))

    assert "Intervals are being computed" not in rated
    assert rated.count("lb-wait") == 1
    assert "<small>n " not in rated
    assert "lb-wait" not in complete
    assert "<small>n " in complete
    assert rated.count("<tr") == complete.count("<tr")
    assert "lb-wait" not in other
    assert "Intervals are being computed" not in many


def test_a_worker_that_breaks_over_agreement_leaves_the_intervals_and_says_so(
    database: Database,
) -> None:
    judged_twice(database)

    async def frames() -> list[str]:
        slow = SlowStatistics(statistics_of(database), in_turn=True, broken=True)
        slow.ready.set()
        slow.agreed.set()
        return await all_of(
            page_of(database, statistics=slow).changed("?model=alpha", gr.Request())
        )

    board = asyncio.run(frames())[-1]

    assert "Agreement could not be computed" in board
    assert "intervals and everything else" not in board
    assert "lb-whisker" in board
    assert "lb-wait" not in board


@pytest.mark.parametrize("tab", Tab)
def test_a_vote_while_intervals_are_computed_changes_counts_and_intervals_together(
    database: Database, tab: Tab
) -> None:
    seed_votes(database, wins=20, losses=12, category="math")
    address = f"?tab={tab}&model=alpha"

    async def frames() -> tuple[str, str]:
        slow = SlowStatistics(statistics_of(database))
        boards = page_of(database, statistics=slow).changed(address, gr.Request())
        first = await anext(boards)
        seed_votes(database, wins=9, losses=1, category="math")
        seed_vote(database, models=("gamma", "alpha"), category="coding")
        slow.ready.set()
        return first, await anext(boards)

    first, last = asyncio.run(frames())

    assert "Votes: 32 " in first
    assert "Votes: 43 " in last
    assert last == board_of(page_of(database), address)


def test_a_vote_after_categories_were_computed_is_on_no_part_of_their_page(
    database: Database,
) -> None:
    seed_vote(database, category="math")

    class OvertakenStatistics(SlowStatistics):
        async def by_category(self, caller: Caller | None, chosen: BoardFilter) -> BoardCategories:
            found = await super().by_category(caller, chosen)
            seed_vote(database, models=("gamma", "delta"), category="math")
            return found

    overtaken = OvertakenStatistics(statistics_of(database))
    overtaken.ready.set()
    board = board_of(page_of(database, statistics=overtaken), "?tab=categories")

    assert "Votes: 1 " in board
    assert "gamma" not in board


def test_a_broken_worker_leaves_the_counts_and_says_so(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    seed_votes(database, wins=20, losses=12)

    async def frames() -> list[str]:
        slow = SlowStatistics(statistics_of(database), broken=True)
        slow.ready.set()
        return await all_of(
            page_of(database, statistics=slow).changed("?model=alpha", gr.Request())
        )

    (board,) = asyncio.run(frames())

    assert "could not be computed" in board
    assert ">20<" in board
    assert "being computed…" not in board
    assert "statistics of a board failed" in caplog.text


def test_leaving_the_page_ends_the_waiting(database: Database) -> None:
    seed_vote(database)

    async def left() -> int:
        slow = SlowStatistics(statistics_of(database))
        boards = page_of(database, statistics=slow).changed("", gr.Request())
        await anext(boards)
        await boards.aclose()
        await asyncio.sleep(0)
        return len(asyncio.all_tasks()) - 1

    assert asyncio.run(left()) == 0


def test_a_chosen_value_stays_chosen_and_filters_the_board(database: Database) -> None:
    seed_votes(database, wins=2, category="math")
    seed_vote(database, models=("gamma", "delta"))

    _, filters, board = opened(page_of(database), "?model=gamma&category=math&among=alpha")[-1]

    for chosen in ('value="gamma" selected', 'value="math" selected', 'value="alpha" checked'):
        assert chosen in filters
    assert "No votes match these filters." in board


def test_an_address_that_makes_no_sense_is_answered_with_a_sentence(database: Database) -> None:
    seed_vote(database)

    board = board_of(page_of(database), "?since=soon")

    assert "Part of the address makes no sense and was left out: From." in board
    assert "Votes: 1" in board


def test_the_script_is_told_which_address_a_board_answers(database: Database) -> None:
    seed_vote(database)

    assert 'data-asked="?model=%22x&amp;tab=matrix"' in board_of(
        page_of(database), "?model=%22x&tab=matrix"
    )


@pytest.mark.parametrize(
    ("visibility", "caller", "sentence"),
    [
        (Visibility.ANNOTATORS, None, "Sign in to see it."),
        (Visibility.ADMINS, ANNOTATOR, "Only admins can see it"),
    ],
)
@pytest.mark.parametrize("tab", ["rates", "matrix", "ratings", "categories", "quality"])
def test_who_may_not_read_gets_a_sentence_and_no_data(
    database: Database, visibility: Visibility, caller: Caller | None, sentence: str, tab: str
) -> None:
    seed_votes(database, wins=2, category="math")
    page = page_of(database, caller=caller, visibility=visibility)

    last = opened(page, f"?tab={tab}&model=alpha")[-1]

    assert sentence in last[2]
    assert last[1] == ""
    assert "Name of" not in str(last) + board_of(page, f"?tab={tab}&model=alpha")


def test_the_board_of_a_group_too_small_is_refused_in_words_beside_the_filters(
    database: Database,
) -> None:
    seed_votes(database, wins=2)

    _, filters, board = opened(page_of(database, caller=ANNOTATOR), "?group=of+one")[-1]

    assert TEXTS.by_language["en"]["leaderboard.group_too_small"] in board
    assert 'value="of one" selected' in filters
    assert "Name of" not in board


def test_single_annotators_are_for_admins_alone(database: Database) -> None:
    seed_vote(database, annotator="somebody")

    def quality(caller: Caller) -> str:
        return board_of(page_of(database, caller=caller), "?tab=quality")

    assert "somebody" in quality(ADMIN)
    assert "somebody" not in quality(ANNOTATOR)
    assert 'id="annotators"' not in quality(ANNOTATOR)


def test_an_admin_reads_it_in_chinese(database: Database) -> None:
    seed_votes(database, wins=1)

    page = page_of(database, caller=ADMIN, visibility=Visibility.ADMINS, language="zh")
    _, filters, board = opened(page)[-1]

    assert "投票：1" in board
    assert "<label>模型<select" in filters
