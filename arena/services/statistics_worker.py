"""The process that computes statistics: `python -m arena.services.statistics_worker`.

It reads pickled requests from its standard input and writes pickled replies to its standard
output, until the input ends: it outlives no server.
"""

import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO

from arena.storage.boards import BoardFilter, version
from arena.storage.database import Connection, Database

_NICE = 10
"""Votes and pages go first."""


class Topic(StrEnum):
    """What can be asked of a board."""

    DETAILS = "details"
    QUALITY = "quality"
    CATEGORIES = "categories"


@dataclass(frozen=True, slots=True)
class Question:
    """A topic of one board."""

    topic: Topic
    chosen: BoardFilter


@dataclass(frozen=True, slots=True)
class Answer:
    """A value and the board version of the snapshot that it was computed from."""

    version: int | None
    value: Any


@dataclass(frozen=True, slots=True)
class Request:
    """A question to the votes of a database."""

    database_url: str
    question: Question


@dataclass(frozen=True, slots=True)
class Broken:
    """A question that raised: in one line, and as a traceback for the log."""

    reason: str
    traceback: str


def answer(request: Request) -> Answer:
    """Compute in this process, from one snapshot. The database must have been migrated."""
    with closing(Database(request.database_url)) as database, database.reading() as connection:
        question = request.question
        now = version(connection)
        return Answer(now, _TOPICS[question.topic](connection, question.chosen))


def _details(connection: Connection, chosen: BoardFilter) -> Any:
    # Each topic imports what it needs: who only asks does not pay for pandas and scipy.
    from arena.services.board_details import detailed_board_of

    return detailed_board_of(connection, chosen)


def _quality(connection: Connection, chosen: BoardFilter) -> Any:
    from arena.services.board_quality import quality_of

    return quality_of(connection, chosen)


def _categories(connection: Connection, chosen: BoardFilter) -> Any:
    from arena.services.board_categories import category_boards

    return category_boards(connection, chosen)


_TOPICS: Mapping[Topic, Callable[[Connection, BoardFilter], Any]] = {
    Topic.DETAILS: _details,
    Topic.QUALITY: _quality,
    Topic.CATEGORIES: _categories,
}


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer until there are no more requests."""
    while True:
        try:
            request = pickle.load(requests)  # noqa: S301 - from the server that started us
        except EOFError:
            return
        pickle.dump(_reply(request), replies, pickle.HIGHEST_PROTOCOL)
        replies.flush()


def _reply(request: Request) -> Answer | Broken:
    try:
        return answer(request)
    except Exception as error:  # noqa: BLE001 - whatever it was, the server logs it and says so
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        return Broken(reason, traceback.format_exc())


def main() -> None:
    """Serve on the standard streams; what libraries print goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    os.nice(_NICE)
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    # By its name elsewhere: what this file defines must be pickled as the server knows it.
    from arena.services.statistics_worker import main as named_main

    named_main()
