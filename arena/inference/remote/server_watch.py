"""Whether a remote server is there at the start; later its replies tell (`inference.health`)."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from arena.domain.backoff import Backoff
from arena.inference.backend import ModelState
from arena.inference.cancellation import cancel_and_wait
from arena.inference.clock import Clock
from arena.inference.errors import InferenceError

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ProbeTimings:
    """How long a server may take to list its models, and when it is asked again. In seconds."""

    answer_s: float = 10.0
    backoff: Backoff = field(default=Backoff(2.0, 300.0))


class ServerWatch:
    """Asks a server until it is there."""

    def __init__(
        self, label: str, ask: Callable[[], Awaitable[None]], *, clock: Clock, timings: ProbeTimings
    ) -> None:
        self._label = label
        self._ask = ask
        self._clock = clock
        self._timings = timings
        self._task: asyncio.Task[None] | None = None
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

    async def _keep_asking(self) -> None:
        while self.state is not ModelState.READY:
            try:
                await self._ask()
            except InferenceError as error:
                self._fail(error)
                await self._clock.sleep(self._timings.backoff.delay_s(self._troubles))
            else:
                self._succeed()

    def _succeed(self) -> None:
        self.state, self.progress, self.last_error = ModelState.READY, "", None
        logger.info("the server of %s is there", self._label)

    def _fail(self, error: InferenceError) -> None:
        self._troubles += 1
        delay = self._timings.backoff.delay_s(self._troubles)
        self.state, self.last_error = ModelState.FAILED, str(error)
        self.progress = f"asking again in {delay:.0f} s"
        logger.error("%s; asking again in %.0f s", error, delay)
