"""The leaderboard frame by frame: what comes when, and what a new vote changes."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from arena.domain.accounts import Caller
from arena.domain.board import BoardFilter
from arena.domain.verdict import Verdict
from arena.services.board.categories import BoardCategories
from arena.storage.database import Database
from arena.web.leaderboard.query import Tab
from arena.web.leaderboard.view import PANELS_AT_ONCE
from tests.builders import seed_vote, seed_votes
from tests.fakes.board_pages import pages_of
from tests.fakes.board_statistics import SlowStatistics, statistics_of

VERDICTS = (Verdict.A_BETTER, Verdict.B_BETTER)


async def all_of(frames: AsyncIterator[str]) -> list[str]:
    return [frame async for frame in frames]


def judged_twice(database: Database) -> None:
    """Two people on ten prompts, of one mind and of two."""
    for number in range(10):
        for annotator, verdict in (("ada", Verdict.A_BETTER), ("bob", VERDICTS[number % 2])):
            seed_vote(database, verdict, annotator=annotator, prompts=(f"Prompt {number}?",))


def test_counts_come_first_and_intervals_take_their_place_later(database: Database) -> None:
    seed_votes(database, wins=20, losses=12)

    async def frames() -> tuple[str, str]:
        slow = SlowStatistics(statistics_of(database))
        boards = pages_of(database, statistics=slow).frames("?model=alpha")
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
        boards = pages_of(database, statistics=slow).frames(address)
        found = [await anext(boards)]
        while 'data-progress="pending"' in found[-1]:  # as long as the first import of pandas takes
            found = [await anext(boards)]
        slow.agreed.set()
        return found + await all_of(boards)

    rated, complete = asyncio.run(frames("?tab=head&model=alpha"))
    for number in range(PANELS_AT_ONCE):
        seed_vote(database, models=("alpha", f"model {number}"))
    many, most = asyncio.run(frames(""))

    assert "Intervals are being computed" not in rated
    assert 'data-progress="rated"' in rated
    assert rated.count("lb-wait") == 3, "agreement of the pair, and of all with its interval"
    assert "<small>n " not in rated
    assert "lb-wait" not in complete
    assert "<small>n " in complete
    assert rated.count("<tr") == complete.count("<tr")
    assert "Intervals are being computed" not in many
    assert many.count("lb-wait") == 2
    assert "lb-wait" not in most


def test_a_worker_that_breaks_over_agreement_leaves_the_intervals_and_says_so(
    database: Database,
) -> None:
    judged_twice(database)

    async def frames() -> list[str]:
        slow = SlowStatistics(statistics_of(database), in_turn=True, broken=True)
        slow.ready.set()
        slow.agreed.set()
        return await all_of(pages_of(database, statistics=slow).frames("?model=alpha"))

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
        boards = pages_of(database, statistics=slow).frames(address)
        first = await anext(boards)
        seed_votes(database, wins=9, losses=1, category="math")
        seed_vote(database, models=("gamma", "alpha"), category="coding")
        slow.ready.set()
        return first, (await all_of(boards))[-1]

    first, last = asyncio.run(frames())

    assert "Counted 32 of 32 " in first
    assert "Counted 43 of 43 " in last
    assert last == pages_of(database).board(address)


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
    board = pages_of(database, statistics=overtaken).board("?tab=categories")

    assert "Counted 1 of 1 " in board
    assert "gamma" not in board


def test_a_broken_worker_leaves_the_counts_and_says_so(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    seed_votes(database, wins=20, losses=12)

    async def frames() -> list[str]:
        slow = SlowStatistics(statistics_of(database), broken=True)
        slow.ready.set()
        return await all_of(pages_of(database, statistics=slow).frames("?model=alpha"))

    (board,) = asyncio.run(frames())

    assert "could not be computed" in board
    assert ">20<" in board
    assert "being computed…" not in board
    assert "statistics of a board failed" in caplog.text


def test_leaving_the_page_ends_the_waiting(database: Database) -> None:
    seed_vote(database)

    async def left() -> int:
        slow = SlowStatistics(statistics_of(database))
        boards = pages_of(database, statistics=slow).frames()
        await anext(boards)
        await boards.aclose()
        await asyncio.sleep(0)
        return len(asyncio.all_tasks()) - 1

    assert asyncio.run(left()) == 0


@pytest.mark.parametrize("tab", [Tab.CATEGORIES, Tab.ROBUSTNESS, Tab.QUALITY, Tab.TIME])
def test_the_figures_on_top_stay_while_another_tab_is_computed(
    database: Database, tab: Tab
) -> None:
    judged_twice(database)

    async def frames() -> tuple[str, str]:
        statistics = statistics_of(database)
        await all_of(pages_of(database, statistics=statistics).frames())
        slow = SlowStatistics(statistics)
        shown = await anext(pages_of(database, statistics=slow).frames(f"?tab={tab}"))
        seed_vote(database)
        later = await anext(pages_of(database, statistics=slow).frames(f"?tab={tab}"))
        return shown, later

    shown, later = (tiles_in(frame) for frame in asyncio.run(frames()))

    assert "lb-wait" not in shown
    assert "votes until" in shown
    assert "lb-wait" in later, "of other votes nothing is remembered"


def tiles_in(frame: str) -> str:
    (head,) = re.findall(r'<div class="lb-head">.*?</dl>', frame, re.DOTALL)
    return str(head)


def test_nothing_is_remembered_of_votes_that_were_overtaken(database: Database) -> None:
    judged_twice(database)

    async def frames() -> list[str]:
        statistics = statistics_of(database)
        await all_of(pages_of(database, statistics=statistics).frames())
        slow = SlowStatistics(statistics)
        coming = pages_of(database, statistics=slow).frames("?tab=robustness")
        found = [await anext(coming)]
        seed_vote(database, annotator="eve")
        slow.ready.set()
        return [*found, *(await all_of(coming))]

    first, *_, last = asyncio.run(frames())

    assert 'id="tile-annotators"' in first
    assert "on average 10 votes each" in tiles_in(first)
    assert "on average 7 votes each" in tiles_in(last)
