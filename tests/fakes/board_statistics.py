"""Statistics of boards without a worker process: at once, when let to, or never."""

import asyncio
from collections.abc import Mapping

from arena.domain.accounts import Caller
from arena.domain.visibility import Visibility
from arena.services.board_categories import CategoryBoard
from arena.services.board_details import BoardDetails, DetailedBoard
from arena.services.board_quality import BoardQuality
from arena.services.board_statistics import BoardStatistics
from arena.services.statistics_process import StatisticsFailed
from arena.services.statistics_worker import Request, answer
from arena.storage.boards import BoardFilter
from arena.storage.database import Database


def statistics_of(
    database: Database, visibility: Visibility = Visibility.PUBLIC
) -> BoardStatistics:
    """The service itself; what its process would answer is computed here."""
    return BoardStatistics(
        database,
        visibility=visibility,
        ask=lambda question: answer(Request(database.url, question)),
    )


class SlowStatistics:
    """Answers as another does once `ready` is set, or fails if it is `broken`."""

    def __init__(self, behind: BoardStatistics, *, broken: bool = False) -> None:
        self._behind = behind
        self._broken = broken
        self.ready = asyncio.Event()

    async def details(self, caller: Caller | None, chosen: BoardFilter) -> BoardDetails:
        await self._wait()
        return await self._behind.details(caller, chosen)

    async def detailed(self, caller: Caller | None, chosen: BoardFilter) -> DetailedBoard:
        await self._wait()
        return await self._behind.detailed(caller, chosen)

    async def quality(self, caller: Caller | None, chosen: BoardFilter) -> BoardQuality:
        await self._wait()
        return await self._behind.quality(caller, chosen)

    async def by_category(
        self, caller: Caller | None, chosen: BoardFilter
    ) -> Mapping[str, CategoryBoard]:
        await self._wait()
        return await self._behind.by_category(caller, chosen)

    async def _wait(self) -> None:
        await self.ready.wait()
        if self._broken:
            raise StatisticsFailed("the worker ended with code -9")
