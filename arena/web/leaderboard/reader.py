"""Boards for the page and for its files: the counts at once, the statistics when they are there."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Protocol, TypeVar

from arena.domain.accounts import Caller
from arena.domain.board import NO_CATEGORY, BoardFilter
from arena.domain.errors import NotAllowed
from arena.services.board.categories import BoardCategories
from arena.services.board.details import DetailedBoard, RatedBoard
from arena.services.board.leaderboard import Board, Leaderboards
from arena.services.board.quality import BoardQuality
from arena.services.board.robustness.computing import BoardRobustness
from arena.services.board.snapshots.keeping import SnapshotHead
from arena.services.board.snapshots.reading import BoardSnapshot
from arena.web.leaderboard.query import BoardQuery, Tab
from arena.web.leaderboard.view import BoardView, Progress, ShownSnapshots, Texts

logger = logging.getLogger(__name__)

_AT_ONCE = 2
Result = TypeVar("Result")


class Statistics(Protocol):
    """What takes seconds on a large board; raises `NotAllowed` as boards do."""

    def boards(
        self, caller: Caller | None, board_filter: BoardFilter
    ) -> AsyncGenerator[RatedBoard]:
        """Give intervals and ratings as soon as they are there, and then a `DetailedBoard`."""
        ...

    async def known(self, caller: Caller | None, board_filter: BoardFilter) -> DetailedBoard | None:
        """Return the last of `boards` if somebody has asked for it already; compute nothing."""
        ...

    async def quality(self, caller: Caller | None, board_filter: BoardFilter) -> BoardQuality:
        """Return data quality with its counts; single annotators for admins alone."""
        ...

    async def by_category(
        self, caller: Caller | None, board_filter: BoardFilter
    ) -> BoardCategories:
        """Return counts and pooled rates of every model by category."""
        ...

    async def robustness(self, caller: Caller | None, board_filter: BoardFilter) -> BoardRobustness:
        """Return the board under other choices."""
        ...


class Snapshots(Protocol):
    """Boards that were frozen under a number; raises `NotAllowed` as boards do. Blocking."""

    def heads(self, caller: Caller | None) -> tuple[SnapshotHead, ...]:
        """Return what is known of each, newest first."""
        ...

    def snapshot(self, caller: Caller | None, number: int) -> BoardSnapshot | None:
        """Return the board of a number; None if there is none."""
        ...


def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="boards")


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardReader:
    """Reads what a caller may see; every method raises `NotAllowed` for others."""

    leaderboards: Leaderboards
    statistics: Statistics
    snapshots: Snapshots
    threads: ThreadPoolExecutor = field(default_factory=_threads)

    async def off_loop(self, function: Callable[..., Result], *arguments: object) -> Result:
        """Run a blocking function in the threads of boards, so that readers hold none of votes."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self.threads, partial(function, *arguments))

    def counted(self, caller: Caller | None, query: BoardQuery, texts: Texts) -> BoardView:
        """Return the counts of a view. Blocking."""
        board = self.leaderboards.board(caller, query.filter)
        view = BoardView(board=board, texts=texts, query=query)
        if query.tab is Tab.TIME:
            view = replace(view, snapshots=self._snapshots(caller, query))
        if not board.comparisons:
            return replace(view, progress=Progress.READY)
        if query.tab is Tab.CATEGORIES:
            return replace(view, category_boards=self._by_category(caller, query.filter))
        return view

    def _snapshots(self, caller: Caller | None, query: BoardQuery) -> ShownSnapshots:
        heads = self.snapshots.heads(caller)
        wanted = [number for number in (query.earlier, query.later) if number is not None]
        found = {number: self.snapshots.snapshot(caller, number) for number in sorted(wanted)}
        known = [one for one in found.values() if one is not None]
        missing = tuple(number for number, one in found.items() if one is None)
        compared = (known[0], known[1]) if len(known) > 1 else None
        return ShownSnapshots(heads, compared, missing)

    def _by_category(self, caller: Caller | None, board_filter: BoardFilter) -> dict[str, Board]:
        wanted = (*self.leaderboards.choices(caller)["category"], NO_CATEGORY)
        if board_filter.category is not None:
            wanted = (board_filter.category,)
        boards = {
            name: self.leaderboards.board(caller, replace(board_filter, category=name))
            for name in wanted
        }
        return {name: board for name, board in boards.items() if board.comparisons}

    async def completing(self, caller: Caller | None, view: BoardView) -> AsyncGenerator[BoardView]:
        """Give the view with more and more of the statistics of its tab, or with their failure.

        They come with the counts of their own snapshot, which take the place of those that were
        read before: somebody may have voted in the meantime. The last view is complete.
        """
        newest = view
        try:
            async with aclosing(self._completing(caller, view)) as views:
                async for newest in views:
                    yield newest
        except NotAllowed:
            raise
        except Exception:
            logger.exception("the statistics of a board failed: %s", view.board.filter)
            yield replace(newest, progress=Progress.FAILED)

    async def remembered(self, caller: Caller | None, view: BoardView) -> BoardView:
        """Return a counted view with what is known of the whole board, as from another tab.

        What its own tab shows is still to come, and its progress stays.
        """
        if view.complete:
            return view
        known = await self.statistics.known(caller, view.board.filter)
        if known is None or known.board != view.board:
            return view
        return replace(view, rated=known, detailed=known)

    async def rated(self, caller: Caller | None, view: BoardView) -> BoardView:
        """Return the view once it has its intervals, or their failure; a complete one as it is."""
        if view.complete:
            return view
        async with aclosing(self.completing(caller, view)) as views:
            return await anext(views)

    async def whole(self, caller: Caller | None, view: BoardView) -> BoardView:
        """Return the view once it has all of its statistics, or their failure."""
        if view.complete:
            return view
        async with aclosing(self.completing(caller, view)) as views:
            return [newer async for newer in views][-1]

    async def _completing(
        self, caller: Caller | None, view: BoardView
    ) -> AsyncGenerator[BoardView]:
        board_filter = view.board.filter
        if view.query.tab is Tab.CATEGORIES:
            categorised = await self._categorised(caller, view)
            yield categorised
            yield await self._summed_up(caller, categorised)
        elif view.query.tab is Tab.QUALITY:
            quality = await self.statistics.quality(caller, board_filter)
            ready = replace(_of_board(view, quality.board), progress=Progress.READY)
            yield replace(ready, quality=quality)
        elif view.query.tab in (Tab.ROBUSTNESS, Tab.TIME):
            robustness = await self.statistics.robustness(caller, board_filter)
            counted = replace(_of_board(view, robustness.board), progress=Progress.RATED)
            found = replace(counted, robustness=robustness)
            yield found
            yield await self._summed_up(caller, found)
        else:
            async with aclosing(self.statistics.boards(caller, board_filter)) as boards:
                async for rated in boards:
                    yield (newest := _with(rated, view))
                    if newest.complete:
                        return

    async def _summed_up(self, caller: Caller | None, view: BoardView) -> BoardView:
        """Return the view with what is said of the whole board, unless its votes have changed."""
        async with aclosing(self.statistics.boards(caller, view.board.filter)) as boards:
            newest = [_with(rated, view) async for rated in boards][-1]
        return newest if newest.board == view.board else replace(view, progress=Progress.READY)

    async def _categorised(self, caller: Caller | None, view: BoardView) -> BoardView:
        categories = await self.statistics.by_category(caller, view.board.filter)
        found = categories.by_category
        names = sorted(found, key=lambda name: (name == NO_CATEGORY, name))
        return replace(
            _of_board(view, categories.board),
            progress=Progress.RATED,
            category_boards={name: found[name].board for name in names},
            category_rates={name: found[name].rates for name in names},
        )


def _of_board(view: BoardView, board: Board) -> BoardView:
    """Return the view of these counts, without what was remembered of others."""
    if view.board == board:
        return view
    return replace(view, board=board, rated=None, detailed=None)


def _with(rated: RatedBoard, view: BoardView) -> BoardView:
    """Return the view with what was found; with agreement it is complete."""
    detailed = rated if isinstance(rated, DetailedBoard) else None
    return replace(
        view,
        board=rated.board,
        rated=rated,
        detailed=detailed,
        progress=Progress.READY if detailed else Progress.RATED,
    )
