"""The process that computes statistics: `python -m arena.services.board.worker`.

It reads pickled requests from its standard input and writes pickled replies to its standard
output, until the input ends: it outlives no server. A question has one or more `Answer`s, each
of which holds more than the one before; after the last comes `END`, or `Failed` instead.
"""

import os
import pickle
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, BinaryIO

from arena.domain.board import BoardFilter
from arena.storage.boards import version
from arena.storage.database import Connection, Database

_NICE = 10
"""Votes and pages go first."""


class Topic(StrEnum):
    """What can be asked of a board."""

    DETAILS = "details"
    QUALITY = "quality"
    CATEGORIES = "categories"
    ROBUSTNESS = "robustness"
    SNAPSHOT = "snapshot"


@dataclass(frozen=True, slots=True)
class Question:
    """A topic of one board."""

    topic: Topic
    board_filter: BoardFilter


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


END = None
"""There is no further answer to a question."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A question that raised: in one line, and as a traceback for the log."""

    reason: str
    traceback: str


def answers(request: Request) -> Iterator[Answer]:
    """Compute in this process, from one snapshot. The database must have been migrated."""
    question = request.question
    database = Database(request.database_url, create=False)
    with closing(database), database.reading() as connection:
        now = version(connection)
        for value in _TOPICS[question.topic](connection, question.board_filter):
            yield Answer(now, value)


def _details(connection: Connection, board_filter: BoardFilter) -> Iterator[Any]:
    # Each topic imports what it needs: who only asks does not pay for scipy.
    from arena.services.board.details import boards_in_turn

    yield from boards_in_turn(connection, board_filter)


def _quality(connection: Connection, board_filter: BoardFilter) -> Iterator[Any]:
    from arena.services.board.quality import quality_of

    yield quality_of(connection, board_filter)


def _categories(connection: Connection, board_filter: BoardFilter) -> Iterator[Any]:
    from arena.services.board.categories import board_categories

    yield board_categories(connection, board_filter)


def _robustness(connection: Connection, board_filter: BoardFilter) -> Iterator[Any]:
    from arena.services.board.robustness.computing import robustness_of

    yield robustness_of(connection, board_filter)


def _snapshot(connection: Connection, board_filter: BoardFilter) -> Iterator[Any]:
    from arena.services.board.snapshots.freezing import frozen_board

    yield frozen_board(connection, board_filter)


_TOPICS: Mapping[Topic, Callable[[Connection, BoardFilter], Iterator[Any]]] = {
    Topic.DETAILS: _details,
    Topic.QUALITY: _quality,
    Topic.CATEGORIES: _categories,
    Topic.ROBUSTNESS: _robustness,
    Topic.SNAPSHOT: _snapshot,
}


def serve(requests: BinaryIO, replies: BinaryIO) -> None:
    """Answer until there are no more requests."""
    while True:
        try:
            request = pickle.load(requests)  # noqa: S301 - from the server that started us
        except EOFError:
            return
        for reply in _replies(request):
            pickle.dump(reply, replies, pickle.HIGHEST_PROTOCOL)
            replies.flush()


def _replies(request: Request) -> Iterator[Answer | Failed | None]:
    try:
        yield from answers(request)
        yield END
    except Exception as error:  # noqa: BLE001 - whatever it was, the server logs it and says so
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        yield Failed(reason, traceback.format_exc())


def main() -> None:
    """Serve on the standard streams; what libraries print goes to standard error."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the server, which ends us
    os.nice(_NICE)
    replies = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    serve(sys.stdin.buffer, replies)


if __name__ == "__main__":
    # By its name elsewhere: what this file defines must be pickled as the server knows it.
    from arena.services.board.worker import main as named_main

    named_main()
