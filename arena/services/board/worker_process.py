"""One worker process for statistics: started when asked, ended when idle, replaced when it dies."""

import logging
import os
import pickle
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from threading import Event, Lock, Timer
from typing import IO, cast

from arena.child_environment import python_environment
from arena.services.board.worker import END, Answer, Failed, Question, Request

logger = logging.getLogger(__name__)

IDLE_S = 60.0
"""How long a worker waits for the next question: a start takes a second or two, and what waits
holds some 220 MB."""

_END_S = 5.0
_COMMAND = (sys.executable, "-m", "arena.services.board.worker")
_ENVIRONMENT = {
    # The matrices are small: threads would only take the processors from the votes.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # A tenth less memory at the peak: glibc gives every large array back at once.
    "MALLOC_MMAP_THRESHOLD_": "4194304",
    # Half the page faults: the arrays of one model after the other take the same 32 MB again.
    "MALLOC_TRIM_THRESHOLD_": "33554432",
}


Heard = Callable[[Answer], None]


class StatisticsFailed(Exception):
    """The statistics could not be computed. The log says why; asking again may succeed."""


class StatisticsProcess:
    """Asks a worker in a process of its own, so that its memory is given back for good.

    Safe for threads: one question at a time, the others wait.
    """

    def __init__(self, database_url: str, *, idle_s: float = IDLE_S) -> None:
        self._database_url = database_url
        self._idle_s = idle_s
        self._asking = Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._idle: Timer | None = None
        self._closed = Event()

    @property
    def pid(self) -> int | None:
        """Of the process that runs now, if one does."""
        process = self._process
        return process.pid if process is not None else None

    def ask(self, question: Question, heard: Heard = lambda _: None) -> Answer:
        """Block until the last answer is there; start a process if none runs.

        Calls `heard` with every answer as it comes, the last one included.
        Raises `StatisticsFailed` when the worker cannot compute it, dies meanwhile or is closed.
        """
        with self._asking:
            self._stay()
            process = self._running()
            try:
                reply = _exchange(process, Request(self._database_url, question), heard)
            except Exception as error:  # a half-read reply must not answer the next question
                code = self._end()
                raise StatisticsFailed(f"the worker ended with code {code}") from error
            self._end_when_idle()
        if isinstance(reply, Failed):
            logger.error("statistics of %s could not be computed\n%s", question, reply.traceback)
            raise StatisticsFailed(reply.reason)
        return reply

    def close(self) -> None:
        """End the process, also in the middle of a question. Nothing is started afterwards."""
        self._closed.set()
        process = self._process
        if process is not None:
            process.kill()
        with self._asking:
            self._stay()
            self._end()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._closed.is_set():
            raise StatisticsFailed("the arena is shutting down")
        if self._process is not None and self._process.poll() is not None:
            self._end()
        if self._process is None:
            self._process = subprocess.Popen(  # noqa: S603 - our own module
                _COMMAND,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                env={**python_environment(os.environ), **_ENVIRONMENT},
            )
            if self._closed.is_set():  # meanwhile: nobody else would end it
                self._process.kill()
        return self._process

    def _end(self) -> int | None:
        """End the process and forget it; return its exit code."""
        process, self._process = self._process, None
        if process is None:
            return None
        for stream in (process.stdin, process.stdout):
            with suppress(OSError):
                cast("IO[bytes]", stream).close()
        try:
            return process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    def _stay(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None

    def _end_when_idle(self) -> None:
        self._idle = Timer(self._idle_s, self._end_if_idle)
        self._idle.daemon = True
        self._idle.start()

    def _end_if_idle(self) -> None:
        if self._asking.acquire(blocking=False):
            try:
                self._end()
            finally:
                self._asking.release()


def _exchange(process: subprocess.Popen[bytes], request: Request, heard: Heard) -> Answer | Failed:
    requests, replies = cast("IO[bytes]", process.stdin), cast("IO[bytes]", process.stdout)
    pickle.dump(request, requests, pickle.HIGHEST_PROTOCOL)
    requests.flush()
    newest: Answer | Failed = Failed("the worker said nothing", "")
    while (reply := _next(replies)) is not END:
        if isinstance(reply, Failed):
            return reply
        heard(reply)
        newest = reply
    return newest


def _next(replies: IO[bytes]) -> Answer | Failed | None:
    return cast("Answer | Failed | None", pickle.load(replies))  # noqa: S301 - from our own process
