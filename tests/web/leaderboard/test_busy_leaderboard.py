"""The leaderboard page under many readers and impatient ones."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import gradio as gr
import pytest

from arena.domain.accounts import Caller
from arena.domain.board import BoardFilter
from arena.domain.visibility import Visibility
from arena.services.board.leaderboard import EVERYTHING, Board, Leaderboards
from arena.services.board.on_request import BoardStatistics
from arena.storage.database import Database
from tests.builders import seed_vote
from tests.fakes.board_statistics import SlowStatistics, statistics_of
from tests.web.leaderboard.test_page import all_of, page_of


def _from_page(name: str) -> gr.Request:
    return gr.Request(session_hash=name)


def test_a_board_that_takes_long_holds_no_thread_of_the_votes(database: Database) -> None:
    seed_vote(database)
    held = _HeldLeaderboards(database, visibility=Visibility.PUBLIC)

    async def other_work() -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
        page = page_of(database, leaderboards=held)
        reading = asyncio.create_task(all_of(page.opened("", gr.Request())))
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


@pytest.mark.parametrize("page", ["opened", "changed"])
def test_another_choice_ends_the_waiting_for_the_one_before_on_the_same_page(
    database: Database, page: str
) -> None:
    seed_vote(database)

    async def waiting() -> int:
        slow = _CountedWaiting(statistics_of(database))
        board = page_of(database, statistics=slow)
        before = getattr(board, page)("", _from_page("here"))
        elsewhere = board.changed("", _from_page("elsewhere"))
        after = board.changed("?tab=matrix", _from_page("here"))
        for frames in (before, elsewhere, after):
            await anext(frames)
        assert await asyncio.wait_for(all_of(before), 5) == []
        await asyncio.wait_for(slow.left.wait(), 5)
        left = slow.waiting
        for frames in (elsewhere, after):
            await frames.aclose()
        return left

    assert asyncio.run(waiting()) == 2


class _CountedWaiting(SlowStatistics):
    """Knows how many wait for it, and when one of them has left."""

    def __init__(self, behind: BoardStatistics) -> None:
        super().__init__(behind)
        self.waiting = 0
        self.left = asyncio.Event()

    async def _wait(self) -> None:
        self.waiting += 1
        try:
            await super()._wait()
        finally:
            self.waiting -= 1
            self.left.set()


def test_a_choice_that_was_still_being_counted_is_superseded_too(database: Database) -> None:
    seed_vote(database)
    held = _HeldLeaderboards(database, visibility=Visibility.PUBLIC)

    async def frames() -> tuple[int, str]:
        slow = SlowStatistics(statistics_of(database))
        board = page_of(database, statistics=slow, leaderboards=held)
        before = asyncio.create_task(all_of(board.changed("", _from_page("here"))))
        while not held.counting.is_set():
            await asyncio.wait({before}, timeout=0.01)
        after = board.changed("?tab=matrix", _from_page("here"))
        held.ready.set()
        first = await anext(after)
        shown = await asyncio.wait_for(before, 5)
        await after.aclose()
        return len(shown), first

    shown, first = asyncio.run(frames())

    assert shown == 1
    assert "tab=matrix" in first
