"""The leaderboard page under many readers and impatient ones."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from arena.domain.accounts import Caller
from arena.domain.board import BoardFilter
from arena.domain.visibility import Visibility
from arena.services.board.leaderboard import EVERYTHING, Board, Leaderboards
from arena.services.board.on_request import BoardStatistics
from arena.storage.database import Database
from tests.builders import seed_vote
from tests.fakes.board_pages import Visit, pages_of
from tests.fakes.board_statistics import SlowStatistics, statistics_of

PATHS = ("/leaderboard", "/leaderboard/board")


@pytest.mark.parametrize("path", PATHS)
def test_a_board_that_takes_long_holds_no_thread_of_the_votes(
    database: Database, path: str
) -> None:
    seed_vote(database)
    held = _HeldLeaderboards(database, visibility=Visibility.PUBLIC)

    async def other_work() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        pages = pages_of(database, leaderboards=held)
        reading = asyncio.create_task(pages.get(path))
        try:
            while not held.counting.is_set():
                await asyncio.wait({reading}, timeout=0.01)
            await asyncio.wait_for(asyncio.to_thread(int), 5)
        finally:
            held.ready.set()
            await reading

    asyncio.run(other_work())


class _HeldLeaderboards(Leaderboards):
    """Counts nothing before it is `ready`."""

    def __init__(self, database: Database, *, visibility: Visibility) -> None:
        super().__init__(database, visibility=visibility)
        self.counting, self.ready = Event(), Event()

    def board(self, caller: Caller | None, chosen: BoardFilter = EVERYTHING) -> Board:
        self.counting.set()
        assert self.ready.wait(30)
        return super().board(caller, chosen)


@pytest.mark.parametrize("leaving", [0, 1])
def test_a_reader_who_leaves_ends_the_waiting_of_no_other(database: Database, leaving: int) -> None:
    seed_vote(database)

    async def waiting() -> int:
        slow = _CountedWaiting(statistics_of(database))
        app = pages_of(database, statistics=slow).app
        board = "/leaderboard/board"
        async with Visit(app, board) as one, Visit(app, board) as two, Visit(app, board) as three:
            readers = (one, two, three)
            for reader in readers:
                await reader.status()
                await reader.frame()
            assert slow.waiting == 3
            await readers[leaving].leave()
            return slow.waiting

    assert asyncio.run(waiting()) == 2


class _CountedWaiting(SlowStatistics):
    """Knows how many wait for it."""

    def __init__(self, behind: BoardStatistics) -> None:
        super().__init__(behind)
        self.waiting = 0

    async def _wait(self) -> None:
        self.waiting += 1
        try:
            await super()._wait()
        finally:
            self.waiting -= 1


def test_the_page_itself_waits_no_longer_once_it_is_sent(database: Database) -> None:
    seed_vote(database)

    async def waiting() -> int:
        slow = _CountedWaiting(statistics_of(database))
        await pages_of(database, statistics=slow).get("/leaderboard")
        return slow.waiting

    assert asyncio.run(waiting()) == 0


def test_a_choice_that_was_still_being_counted_is_given_up_too(database: Database) -> None:
    seed_vote(database)
    held = _HeldLeaderboards(database, visibility=Visibility.PUBLIC)

    async def left() -> tuple[int, str]:
        slow = _CountedWaiting(statistics_of(database))
        app = pages_of(database, statistics=slow, leaderboards=held).app
        async with (
            Visit(app, "/leaderboard/board") as before,
            Visit(app, "/leaderboard/board?tab=matrix") as after,
        ):
            await asyncio.to_thread(held.counting.wait, 30)
            before.close()
            held.ready.set()
            await after.status()
            shown = await after.frame()
            await before.leave()
            return slow.waiting, shown

    waiting, shown = asyncio.run(left())

    assert waiting == 1
    assert "tab=matrix" in shown
