"""Health checks of a remote server: probed at the start, then judged by its replies."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from arena.domain.backoff import Backoff
from arena.inference.backend import ModelState
from arena.inference.cancellation import cancel_and_wait
from arena.inference.clock import Clock
from arena.inference.errors import (
    InferenceError,
    ModelOverloaded,
    ModelTimeout,
    ModelUnavailable,
    RequestRefused,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProbeTimings:
    """When a server is probed. Times in seconds.

    Probed at the start, and after `failures_to_leave` failed replies in a row; while it is not
    reachable, with `backoff`. Only a good reply resets the back-off, so that a server which lists
    its models and fails every reply is not drawn again and again.
    """

    answer_s: float = 10.0
    backoff: Backoff = field(default=Backoff(2.0, 300.0))
    failures_to_leave: int = 2


class ServerWatch:
    """Whether a server is there, by probes and by the replies that it gives."""

    def __init__(
        self, label: str, ask: Callable[[], Awaitable[None]], *, clock: Clock, timings: ProbeTimings
    ) -> None:
        self._label = label
        self._ask = ask
        self._clock = clock
        self._timings = timings
        self._task: asyncio.Task[None] | None = None
        self._lost = asyncio.Event()
        self._failed_replies = 0
        self._troubles = 0
        self.state = ModelState.LOADING
        self.last_error: str | None = None
        self.progress = ""

    def start(self) -> None:
        """Begin to ask; returns at once. Idempotent."""
        if self._task is None:
            self.progress = "asking the server"
            self._task = asyncio.create_task(self._keep_asking(), name=f"watch {self._label}")

    async def stop(self) -> None:
        """End the asking. Idempotent."""
        task, self._task = self._task, None
        await cancel_and_wait(task)

    def note_reply(self) -> None:
        """Note a complete reply: all earlier failures are forgotten."""
        self._failed_replies = self._troubles = 0

    def note_failure(self, error: InferenceError) -> None:
        """Note a failed reply; a few of them in a row mean that the server is lost."""
        if self._task is None or self.state is not ModelState.READY or not _blames_server(error):
            return
        self._failed_replies += 1
        if self._failed_replies >= self._timings.failures_to_leave:
            self._failed_replies = 0
            self._fail(error)
            self._lost.set()

    async def _keep_asking(self) -> None:
        while True:
            try:
                await self._ask()
            except InferenceError as error:
                self._fail(error)
            else:
                self._succeed()
                await self._lost.wait()
            await self._clock.sleep(self._timings.backoff.delay_s(self._troubles))

    def _succeed(self) -> None:
        self._lost.clear()
        self.state, self.progress, self.last_error = ModelState.READY, "", None
        logger.info("the server of %s is there", self._label)

    def _fail(self, error: InferenceError) -> None:
        self._troubles += 1
        delay = self._timings.backoff.delay_s(self._troubles)
        self.state, self.last_error = ModelState.FAILED, str(error)
        self.progress = f"asking again in {delay:.0f} s"
        logger.error("%s; asking again in %.0f s", error, delay)


def _blames_server(error: InferenceError) -> bool:
    """Return whether the next reply is likely to fail too: not for one prompt or a full queue."""
    if isinstance(error, ModelOverloaded):
        return not error.retryable
    return isinstance(error, ModelUnavailable | ModelTimeout | RequestRefused)
