"""The models that a campaign asks, one in memory at a time: the pool and engines of the arena."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Final, Protocol

from arena.catalog import ModelCatalog, ModelRow
from arena.domain.conversation import ModelKey
from arena.inference.backend import ChatRequest, ModelState, ModelStatus, StreamEvent
from arena.inference.clock import Clock
from arena.inference.pool import ModelPool
from arena.inference.pool_building import PoolOptions, build_pool
from arena.inference.remote.waits import Timeouts

ENGINE_ROWS: Final = 64
"""Conversations in flight at an engine of ours: as many as its batch has rows."""

REMOTE_REQUESTS: Final = 16
"""Conversations in flight at another server, which may have its own limits."""

PATIENT: Final = Timeouts(connect_s=15.0, first_token_s=600.0, between_tokens_s=120.0)
"""Nobody looks on: a full batch may let a request wait for long."""

Tell = Callable[[str], None]
"""Takes what a model does while it is not ready."""


class ModelLost(Exception):
    """A model cannot be asked, as things are; says why."""


class ServedModel(Protocol):
    """A model that is being served."""

    @property
    def in_flight(self) -> int:
        """How many conversations it answers at a time."""
        ...

    async def ready(self, tell: Tell) -> None:
        """Wait until the model can be asked. Raises `ModelLost`."""
        ...

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Stream one reply; raises InferenceError."""
        ...


class ModelServer(Protocol):
    """Serves models, each for the length of a block."""

    def serving(self, key: ModelKey) -> AbstractAsyncContextManager[ServedModel]:
        """Start a model; free it at the end, however that comes about."""
        ...


@dataclass(frozen=True, slots=True)
class StartTimings:
    """How often a model is looked at, and how long it may be FAILED or STOPPED, in seconds.

    `starts` is how often an engine that dies is started again.
    """

    look_s: float = 0.2
    failed_s: float = 15.0
    starts: int = 2


@dataclass(frozen=True, slots=True)
class OneModelAtATime:
    """Serves each model alone, so that it has the whole machine: memory, GPUs and cores."""

    catalog: ModelCatalog
    clock: Clock
    environment: Mapping[str, str]
    options: PoolOptions = field(default_factory=lambda: PoolOptions(timeouts=PATIENT))
    timings: StartTimings = StartTimings()

    @asynccontextmanager
    async def serving(self, key: ModelKey) -> AsyncIterator[ServedModel]:
        """Start a pool of this model; close it at the end."""
        pool = build_pool(
            self.catalog.only([key]),
            clock=self.clock,
            environment=self.environment,
            options=self.options,
        )
        try:
            await pool.start()
            yield PooledModel(pool, self.catalog.get(key), self.clock, self.timings)
        finally:
            await pool.close()


class PooledModel:
    """A model of a pool."""

    def __init__(self, pool: ModelPool, row: ModelRow, clock: Clock, timings: StartTimings) -> None:
        self._pool = pool
        self._key = row.key
        self._clock = clock
        self._timings = timings
        self.in_flight = ENGINE_ROWS if row.backend == "local" else REMOTE_REQUESTS

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Stream one reply."""
        return self._pool.stream(self._key, request)

    async def ready(self, tell: Tell) -> None:
        """Wait until the model is READY; one that loads or recovers may take as long as it needs.

        Raises:
            ModelLost: It has been FAILED or STOPPED for some time, or is started in vain.
        """
        lost_since: float | None = None
        while (state := self._pool.states()[self._key]) is not ModelState.READY:
            status, now = self._pool.statuses()[self._key], self._clock.monotonic()
            if state is ModelState.LOADING:
                lost_since = None
            elif lost_since is None:
                lost_since = now
            waited_s = 0.0 if lost_since is None else now - lost_since
            if waited_s >= self._timings.failed_s or status.restarts > self._timings.starts:
                raise ModelLost(_reason(status))
            tell(status.progress or state.value)
            await self._clock.sleep(self._timings.look_s)


def _reason(status: ModelStatus) -> str:
    failure = status.failure.sentence if status.failure else None
    return status.last_error or failure or status.progress or f"the model is {status.state}"
