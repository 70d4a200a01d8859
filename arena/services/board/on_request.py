"""The statistics of boards on request: computed in a worker process, once for all who ask."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from threading import RLock
from typing import Any, cast

from arena.domain.accounts import Caller, require_admin
from arena.domain.board import BoardFilter
from arena.domain.visibility import Visibility, require_reader
from arena.services.board.access import require_board
from arena.services.board.cache import BoardCache
from arena.services.board.categories import BoardCategories
from arena.services.board.details import DetailedBoard, RatedBoard
from arena.services.board.quality import BoardQuality
from arena.services.board.robustness.computing import BoardRobustness
from arena.services.board.snapshots.freezing import FrozenBoard
from arena.services.board.worker import Answer, Question, Topic
from arena.services.board.worker_process import StatisticsFailed
from arena.storage.boards import version
from arena.storage.database import Database

_KEPT = 24
"""Answers; each takes a few megabytes on a board with 50 models."""

MOST_WAITING = 32
"""Questions, the one that is being computed included: who asks another is refused at once."""

Ask = Callable[[Question, Callable[[Answer], None]], Answer]
"""Gives the last answer to a question, however long it takes, and lets every one be heard as it
comes; raises `StatisticsFailed`."""


@dataclass(slots=True, eq=False)
class _Asked:
    """A question on its way, the board version when it was asked, and how many wait for it.

    `first` is its first answer, `answer` the last.
    """

    version: int | None
    first: Future[Any]
    answer: Future[Any]
    waiting: int = 0


class BoardStatistics:
    """Statistics of boards for readers of the leaderboard. `visibility` as in `Leaderboards`.

    Every method for a caller raises `NotAllowed` when the caller may not read boards, and
    `StatisticsFailed` when the worker broke down or died, or too many questions wait: asking again
    may succeed. One question is computed at a time, the same by many once, and what nobody waits
    for any longer not at all.
    """

    def __init__(self, database: Database, *, visibility: Visibility, ask: Ask) -> None:
        self._database = database
        self._visibility = visibility
        self._ask = ask
        self._kept: BoardCache[Question, Any] = BoardCache(most=_KEPT)
        self._asked: dict[Question, _Asked] = {}
        # Re-entered: a question that is cancelled under it reports itself as done.
        self._lock = RLock()
        self._queue = ThreadPoolExecutor(1, thread_name_prefix="board-statistics")

    async def boards(
        self, caller: Caller | None, board_filter: BoardFilter
    ) -> AsyncGenerator[RatedBoard]:
        """Return the board with its intervals as soon as they are there, later a `DetailedBoard`.

        Both are of one snapshot; what is known already comes at once and alone.
        """
        question = Question(Topic.DETAILS, board_filter)
        async with aclosing(self._answers(caller, question)) as answers:
            async for found in answers:
                yield cast("RatedBoard", found)

    async def known(self, caller: Caller | None, board_filter: BoardFilter) -> DetailedBoard | None:
        """Return the last of `boards` if it was computed for the votes as they are; never waits."""
        now = await asyncio.to_thread(self._version_for, caller, board_filter)
        return self._kept.known(Question(Topic.DETAILS, board_filter), now)

    async def quality(self, caller: Caller | None, board_filter: BoardFilter) -> BoardQuality:
        """Return the data quality of a board; single annotators are included for admins only."""
        found = cast(
            "BoardQuality", await self._answer(caller, Question(Topic.QUALITY, board_filter))
        )
        return found if caller is not None and caller.is_admin else found.without_annotators

    async def by_category(
        self, caller: Caller | None, board_filter: BoardFilter
    ) -> BoardCategories:
        """Return counts and pooled rates of every model in each category of the board."""
        question = Question(Topic.CATEGORIES, board_filter)
        return cast("BoardCategories", await self._answer(caller, question))

    async def robustness(self, caller: Caller | None, board_filter: BoardFilter) -> BoardRobustness:
        """Return the board under other choices."""
        question = Question(Topic.ROBUSTNESS, board_filter)
        return cast("BoardRobustness", await self._answer(caller, question))

    async def frozen(self, caller: Caller | None, board_filter: BoardFilter) -> FrozenBoard:
        """Return a board to be kept under a number; for admins alone."""
        require_admin(caller)
        question = Question(Topic.SNAPSHOT, board_filter)
        return cast("FrozenBoard", await self._answer(caller, question))

    def detailed_for_operator(self, board_filter: BoardFilter) -> DetailedBoard:
        """Return a board with its details, unchecked. Blocking: for exports, off the event loop."""
        question = Question(Topic.DETAILS, board_filter)
        now = self._version()
        known = self._kept.known(question, now)
        if known is None:
            with self._asking(question, now) as asked:
                known = asked.answer.result()
        return cast("DetailedBoard", known)

    def close(self) -> None:
        """Cancel what is waiting; what runs is for the owner of `ask` to end."""
        with self._lock:  # as where questions are submitted: the queue has a lock of its own
            self._queue.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, caller: Caller | None, question: Question) -> Any:
        """Return the last result."""
        async with aclosing(self._answers(caller, question)) as answers:
            return [found async for found in answers][-1]

    async def _answers(self, caller: Caller | None, question: Question) -> AsyncGenerator[Any]:
        """Yield the first result and the last."""
        now = await asyncio.to_thread(self._version_for, caller, question.board_filter)
        known = self._kept.known(question, now)
        if known is not None:
            yield known
            return
        with self._asking(question, now) as asked:
            first = await _result(asked.first)
            yield first
            last = await _result(asked.answer)
            if last is not first:
                yield last

    def _version_for(self, caller: Caller | None, board_filter: BoardFilter) -> int | None:
        """Return the board version, for a caller who may read the chosen board."""
        require_reader(caller, self._visibility)
        with self._database.reading() as connection:
            require_board(connection, caller, board_filter)
            return version(connection)

    def _version(self) -> int | None:
        with self._database.reading() as connection:
            return version(connection)

    @contextmanager
    def _asking(self, question: Question, now: int | None) -> Iterator[_Asked]:
        """Yield what is under way or requested by this call, while somebody waits for it."""
        with self._lock:
            found = self._asked.get(question)
            if found is None or not self._will_do(found, now):
                found = self._submitted(question, now)
            found.waiting += 1
        try:
            yield found
        finally:
            with self._lock:
                found.waiting -= 1
                if not found.waiting:
                    found.answer.cancel()  # does nothing once it is being computed

    def _submitted(self, question: Question, now: int | None) -> _Asked:
        if len(self._asked) >= MOST_WAITING:
            raise StatisticsFailed("too many boards are being computed")
        first: Future[Any] = Future()
        try:
            asked = _Asked(now, first, self._queue.submit(self._computed, question, first))
        except RuntimeError as error:
            raise StatisticsFailed("the arena is shutting down") from error
        self._asked[question] = asked
        asked.answer.add_done_callback(lambda _: self._done(question, asked))
        return asked

    def _computed(self, question: Question, first: Future[Any]) -> Any:
        known = self._kept.known(question, self._version())
        if known is not None:  # since the question was asked
            return known

        def heard(answer: Answer) -> None:
            if not first.done():
                first.set_result(answer.value)

        found = self._ask(question, heard)
        self._kept.keep(question, found.version, found.value)
        return found.value

    @staticmethod
    def _will_do(asked: _Asked, now: int | None) -> bool:
        """Return whether its answer will be as new as `now`; one that waits reads new data."""
        if asked.answer.done():
            return False
        return not asked.answer.running() or (now is not None and asked.version == now)

    def _done(self, question: Question, asked: _Asked) -> None:
        with self._lock:
            if self._asked.get(question) is asked:
                del self._asked[question]
        if not asked.first.done():
            _follow(asked.first, asked.answer)


def _follow(first: Future[Any], answer: Future[Any]) -> None:
    """Settle the first result like the last one, if none came before."""
    if answer.cancelled():
        first.cancel()
    elif (error := answer.exception()) is not None:
        first.set_exception(error)
    else:
        first.set_result(answer.result())


async def _result(future: Future[Any]) -> Any:
    """Wait for a result; a reader who leaves does not cancel it for the others."""
    awaited = asyncio.wrap_future(future)
    # Readers who left do not retrieve the failure: asyncio would log it as never retrieved.
    awaited.add_done_callback(lambda one: one.cancelled() or one.exception())
    return await asyncio.shield(awaited)
