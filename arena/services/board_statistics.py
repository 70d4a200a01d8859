"""The statistics of boards on request: computed in a worker process, once for all who ask."""

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from threading import Lock
from typing import Any, TypeVar, cast

from arena.domain.accounts import Caller
from arena.domain.visibility import Visibility, require_reader
from arena.services.board_cache import BoardCache
from arena.services.board_categories import CategoryBoard
from arena.services.board_details import BoardDetails, DetailedBoard
from arena.services.board_quality import BoardQuality
from arena.services.statistics_process import StatisticsFailed
from arena.services.statistics_worker import Answer, Question, Topic
from arena.storage.boards import BoardFilter, version
from arena.storage.database import Database

_KEPT = 24
"""Answers; each takes a few megabytes on a board with 50 models."""

CategoryBoards = Mapping[str, CategoryBoard]
"""Boards and pooled rates by category; `NO_CATEGORY` holds the votes without one."""

Ask = Callable[[Question], Answer]
"""Answers a question, however long it takes; raises `StatisticsFailed`."""

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question on its way, and the board version when it was asked."""

    version: int | None
    answer: Future[Answer]


class BoardStatistics:
    """Statistics of boards for readers of the leaderboard. `visibility` as in `Leaderboards`.

    Every method for a caller raises `NotAllowed` when the caller may not read boards, and
    `StatisticsFailed` when the worker broke down or died: asking again starts a new one. One
    question is computed at a time; the same question by many is computed once.
    """

    def __init__(self, database: Database, *, visibility: Visibility, ask: Ask) -> None:
        self._database = database
        self._visibility = visibility
        self._ask = ask
        self._kept: BoardCache[Question, Any] = BoardCache(most=_KEPT)
        self._asked: dict[Question, _Asked] = {}
        self._lock = Lock()
        self._queue = ThreadPoolExecutor(1, thread_name_prefix="board-statistics")

    async def details(self, caller: Caller | None, chosen: BoardFilter) -> BoardDetails:
        """Intervals, ratings and agreement of a board."""
        return (await self.detailed(caller, chosen)).details

    async def detailed(self, caller: Caller | None, chosen: BoardFilter) -> DetailedBoard:
        """The same with the counts of the same snapshot."""
        require_reader(caller, self._visibility)
        return cast("DetailedBoard", await self._answer(Question(Topic.DETAILS, chosen)))

    def known(self, caller: Caller | None, chosen: BoardFilter) -> BoardDetails | None:
        """The details if they are known for the votes as they are now. Computes nothing."""
        require_reader(caller, self._visibility)
        found = self._known(Question(Topic.DETAILS, chosen))
        return None if found is None else cast("DetailedBoard", found).details

    async def quality(self, caller: Caller | None, chosen: BoardFilter) -> BoardQuality:
        """Data quality of a board; single annotators are there for admins alone."""
        require_reader(caller, self._visibility)
        found = cast("BoardQuality", await self._answer(Question(Topic.QUALITY, chosen)))
        return found if caller is not None and caller.is_admin else found.without_annotators

    async def by_category(self, caller: Caller | None, chosen: BoardFilter) -> CategoryBoards:
        """Counts and pooled rates of every model in each category of the board."""
        require_reader(caller, self._visibility)
        return cast("CategoryBoards", await self._answer(Question(Topic.CATEGORIES, chosen)))

    def detailed_for_operator(self, chosen: BoardFilter) -> DetailedBoard:
        """A board with its details without a check. Blocking: for exports, off the event loop."""
        return cast("DetailedBoard", self._asking(Question(Topic.DETAILS, chosen)).result().value)

    def close(self) -> None:
        """Wait for nothing that is still waiting; what runs is for the owner of `ask` to end."""
        self._queue.shutdown(wait=False, cancel_futures=True)

    async def _answer(self, question: Question) -> Any:
        asked = await asyncio.to_thread(self._asking, question)
        # A reader who leaves does not take the answer away from the others.
        return (await asyncio.shield(asyncio.wrap_future(asked))).value

    def _known(self, question: Question) -> Any:
        return self._kept.known(question, self._version())

    def _version(self) -> int | None:
        with self._database.reading() as connection:
            return version(connection)

    def _asking(self, question: Question) -> Future[Answer]:
        """The answer that is known, on its way, or asked for now."""
        now = self._version()
        known = self._kept.known(question, now)
        if known is not None:
            return _settled(Answer(now, known))
        with self._lock:
            found = self._asked.get(question)
            if found is not None and self._will_do(found, now):
                return found.answer
            try:
                asked = _Asked(now, self._queue.submit(self._computed, question))
            except RuntimeError as error:
                raise StatisticsFailed("the arena is shutting down") from error
            self._asked[question] = asked
        asked.answer.add_done_callback(lambda _: self._done(question, asked))
        return asked.answer

    def _computed(self, question: Question) -> Answer:
        found = self._ask(question)
        self._kept.keep(question, found.version, found.value)
        return found

    @staticmethod
    def _will_do(asked: _Asked, now: int | None) -> bool:
        """Whether its answer will be as new as `now`: who still waits will read what is new."""
        if asked.answer.done():
            return False
        return not asked.answer.running() or (now is not None and asked.version == now)

    def _done(self, question: Question, asked: _Asked) -> None:
        with self._lock:
            if self._asked.get(question) is asked:
                del self._asked[question]


def _settled(answer: Answer) -> Future[Answer]:
    future: Future[Answer] = Future()
    future.set_result(answer)
    return future
