"""Questions to a board's statistics, answered in this process."""

import asyncio
from collections.abc import Callable
from threading import Event

from arena.domain.board import BoardFilter
from arena.services.board.worker import Answer, Question, Request, answers
from arena.services.board.worker_process import StatisticsFailed
from arena.storage.database import Database

ALL = BoardFilter()
MATH = BoardFilter(category="math")


class Desk:
    """Answers in this process, with the votes that it found when asked.

    What comes before the last answer is said at once, the rest when the desk is `open`.
    If it `dawdles`, with those that it finds when it is let to.
    """

    def __init__(self, database: Database) -> None:
        self._url = database.url
        self.asked: list[Question] = []
        self.begun = Event()
        self.open = Event()
        self.open.set()
        self.failures = 0
        self.dawdles = False

    def ask(self, question: Question, heard: Callable[[Answer], None]) -> Answer:
        self.asked.append(question)
        found = [] if self.dawdles else self._answers(question)
        for answer in found[:-1]:
            heard(answer)
        self.begun.set()
        self.open.wait(10)
        if self.failures:
            self.failures -= 1
            raise StatisticsFailed("the worker ended with code -9")
        for answer in found or self._answers(question):
            heard(answer)
        return answer

    def _answers(self, question: Question) -> list[Answer]:
        return list(answers(Request(self._url, question)))


async def begun(desk: Desk) -> None:
    assert await asyncio.to_thread(desk.begun.wait, 10)
    desk.begun.clear()


async def settle() -> None:
    """Long enough for a request to reach the queue."""
    await asyncio.sleep(0.1)
