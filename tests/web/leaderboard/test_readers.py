"""Readers of a board's stream neither wait for each other nor leave anything behind."""

import asyncio

from arena.storage.database import Database
from tests.builders import seed_vote, seed_votes
from tests.fakes.board_pages import Visit, pages_of
from tests.fakes.board_statistics import SlowStatistics, statistics_of


def test_the_stream_sends_counts_before_statistics_and_ends(database: Database) -> None:
    seed_votes(database, wins=20, losses=12)

    async def visited() -> tuple[int, list[str]]:
        slow = SlowStatistics(statistics_of(database))
        pages = pages_of(database, statistics=slow)
        async with Visit(pages.app, "/leaderboard/board?model=alpha") as visit:
            status, counts = await visit.status(), await visit.frame()
            slow.ready.set()
            return status, [counts, await visit.frame(), await visit.frame()]

    status, (counts, statistics, end) = asyncio.run(visited())

    assert status == 200
    assert ">20<" in counts
    assert 'data-progress="pending"' in counts
    assert 'data-progress="ready"' in statistics
    assert end == ""


def test_the_page_waits_for_no_statistics(database: Database) -> None:
    seed_votes(database, wins=20, losses=12)

    page = pages_of(database, statistics=SlowStatistics(statistics_of(database))).page()

    assert ">20<" in page
    assert 'data-progress="pending"' in page
    assert "Reload the page to see the intervals" in page


def test_a_reader_who_leaves_leaves_nothing_behind(database: Database) -> None:
    seed_vote(database)

    async def left() -> list[asyncio.Task[object]]:
        pages = pages_of(database, statistics=SlowStatistics(statistics_of(database)))
        async with Visit(pages.app, "/leaderboard/board") as visit:
            assert "Counted 1 of 1" in (await visit.status(), await visit.frame())[1]
        mine = asyncio.current_task()
        return [task for task in asyncio.all_tasks() if task is not mine]

    assert asyncio.run(left()) == []


def test_two_readers_get_the_same_board_and_neither_waits_for_the_other_to_leave(
    database: Database,
) -> None:
    seed_votes(database, wins=20, losses=12)

    async def visited() -> tuple[str, str]:
        slow = SlowStatistics(statistics_of(database))
        pages = pages_of(database, statistics=slow)
        async with Visit(pages.app, "/leaderboard/board") as one:
            async with Visit(pages.app, "/leaderboard/board") as other:
                for visit in (one, other):
                    await visit.status()
                counts = await one.frame()
                assert await other.frame() == counts
            slow.ready.set()
            return counts, await one.frame()

    counts, statistics = asyncio.run(visited())

    assert 'data-progress="pending"' in counts
    assert 'data-progress="ready"' in statistics
