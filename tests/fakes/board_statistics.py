"""Statistics of boards without a worker process: at once, when let to, or never."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import cast

from arena.domain.accounts import Caller
from arena.domain.board import BoardFilter
from arena.domain.visibility import Visibility
from arena.services.board.categories import BoardCategories
from arena.services.board.details import DetailedBoard, RatedBoard
from arena.services.board.on_request import BoardStatistics
from arena.services.board.quality import BoardQuality
from arena.services.board.robustness.computing import BoardRobustness
from arena.services.board.snapshots.keeping import BoardSnapshots
from arena.services.board.worker import Answer, Question, Request, answers
from arena.services.board.worker_process import StatisticsFailed
from arena.storage.database import Database
from tests.fakes.loop import FakeClock


def statistics_of(
    database: Database, visibility: Visibility = Visibility.PUBLIC
) -> BoardStatistics:
    """The service itself; what its process would answer is computed here."""
    return BoardStatistics(
        database,
        visibility=visibility,
        ask=lambda question, heard: ask_here(database, question, heard),
    )


def snapshots_of(database: Database, visibility: Visibility = Visibility.PUBLIC) -> BoardSnapshots:
    """The snapshots of boards, by a clock of their own."""
    return BoardSnapshots(database, FakeClock(), visibility=visibility)


def ask_here(database: Database, question: Question, heard: Callable[[Answer], None]) -> Answer:
    """What `StatisticsProcess.ask` does, in this process."""
    found: Answer | None = None
    for found in answers(Request(database.url, question)):
        heard(found)
    assert found is not None
    return found


async def detailed(
    statistics: BoardStatistics, caller: Caller | None, chosen: BoardFilter
) -> DetailedBoard:
    """The last of the boards."""
    async with aclosing(statistics.boards(caller, chosen)) as boards:
        return cast("DetailedBoard", [board async for board in boards][-1])


class SlowStatistics:
    """Answers as another does once `ready` is set, or fails if it is `broken`.

    With `in_turn` agreement comes, or breaks, only when `agreed` is set as well.
    """

    def __init__(
        self, behind: BoardStatistics, *, broken: bool = False, in_turn: bool = False
    ) -> None:
        self._behind = behind
        self._broken = broken
        self.ready = asyncio.Event()
        self.agreed = asyncio.Event()
        self._in_turn = in_turn

    async def boards(
        self, caller: Caller | None, chosen: BoardFilter
    ) -> AsyncGenerator[RatedBoard]:
        if not self._in_turn:
            await self._wait()
        found = await detailed(self._behind, caller, chosen)
        if self._in_turn:
            await self.ready.wait()
            yield RatedBoard(found.board, found.rates, found.ratings, found.turnout)
            await self.agreed.wait()
            await self._wait()
        yield found

    async def known(self, caller: Caller | None, chosen: BoardFilter) -> DetailedBoard | None:
        return await self._behind.known(caller, chosen)

    async def quality(self, caller: Caller | None, chosen: BoardFilter) -> BoardQuality:
        await self._wait()
        return await self._behind.quality(caller, chosen)

    async def by_category(self, caller: Caller | None, chosen: BoardFilter) -> BoardCategories:
        await self._wait()
        return await self._behind.by_category(caller, chosen)

    async def robustness(self, caller: Caller | None, chosen: BoardFilter) -> BoardRobustness:
        await self._wait()
        return await self._behind.robustness(caller, chosen)

    async def _wait(self) -> None:
        await self.ready.wait()
        if self._broken:
            raise StatisticsFailed("the worker ended with code -9")
