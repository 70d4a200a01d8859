"""The models that a campaign asks, one in memory at a time: the pool and engines of the arena."""

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import Final, Protocol

from arena.catalog import ModelCatalog, ModelRow
from arena.domain.conversation import Message, ModelKey, Role
from arena.inference.backend import ChatRequest, ModelState, ModelStatus, StreamEvent
from arena.inference.clock import Clock
from arena.inference.engines.backend import EngineBackend
from arena.inference.pool import ModelPool
from arena.inference.pool_building import KeylessBackend, PoolOptions, build_pool
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

    An engine that dies is started again `restarts` times in a row.
    """

    look_s: float = 0.2
    failed_s: float = 15.0
    restarts: int = 2


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
        self._row = row
        self._key = row.key
        self._clock = clock
        self._timings = timings
        self._restarts = 0
        self.in_flight = ENGINE_ROWS if row.backend == "local" else REMOTE_REQUESTS

    def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Stream one reply.

        Engines of ours put a system prompt of the conversation behind that of the model. Other
        servers are sent one of them only, so both are joined here: all models read the same.
        """
        if self._row.backend == "openai" and self._row.system_prompt:
            request = replace(request, messages=_joined(self._row.system_prompt, request.messages))
        return self._pool.stream(self._key, request)

    async def ready(self, tell: Tell) -> None:
        """Wait until the model is READY; one that loads or recovers may take as long as it needs.

        Raises:
            ModelLost: It has been FAILED or STOPPED for some time, or it is hopeless.
        """
        lost_since: float | None = None
        while (state := self._pool.states()[self._key]) is not ModelState.READY:
            status, now = self._pool.statuses()[self._key], self._clock.monotonic()
            if state is ModelState.LOADING:
                lost_since = None
            elif lost_since is None:
                lost_since = now
            waited_s = 0.0 if lost_since is None else now - lost_since
            if self._is_hopeless(status) or waited_s >= self._timings.failed_s:
                raise ModelLost(_reason(status))
            tell(status.progress or state.value)
            await self._clock.sleep(self._timings.look_s)
        self._restarts = self._pool.statuses()[self._key].restarts

    def _is_hopeless(self, status: ModelStatus) -> bool:
        """Return whether waiting is in vain: no key, not to be loaded, or dying at every start."""
        backend = self._pool.backends[self._key]
        given_up = isinstance(backend, EngineBackend) and backend.given_up
        keyless = isinstance(backend, KeylessBackend)
        restarts = status.restarts - self._restarts
        return given_up or keyless or restarts > self._timings.restarts


def _joined(own: str, messages: tuple[Message, ...]) -> tuple[Message, ...]:
    """Return a conversation whose system prompt, if it has one, follows upon the model's own."""
    first = messages[0]
    if first.role is not Role.SYSTEM:
        return messages
    return (Message(Role.SYSTEM, f"{own}\n\n{first.content}"), *messages[1:])


def _reason(status: ModelStatus) -> str:
    failure = status.failure.sentence if status.failure else None
    return status.last_error or failure or status.progress or f"the model is {status.state}"
