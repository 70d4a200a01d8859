"""Continuous batching behind guards: one manager, revived when it dies, cancelled when closed."""

import asyncio
import itertools
import logging
import threading
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import suppress
from random import Random, SystemRandom
from typing import Any

from arena.engine.batching.coalescing_queue import CoalescingQueue, Pause, no_pause
from arena.engine.batching.continuous_manager import ManagedBatch, ManagerDied
from arena.engine.batching.crash_loop import CrashLoopDetector
from arena.engine.batching.generator import BatchLost, BatchStatus, GenerationFailed, SamplingParams
from arena.engine.batching.step_plan import EAGER
from arena.engine.batching.tested_batch import BatchWays, tested_batch
from arena.engine.loading.capacity import CacheLayout
from arena.engine.loading.loader import LoadedModel

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.5
_STOP_S = 10.0
_REBUILD_WAIT_S = 60.0
"""How long a request waits for a batch that is being built; its client waits twice as long."""


class ContinuousBatching:
    """The `Generator` over transformers' continuous batching. Construct in a thread: it tests."""

    name = "continuous"

    def __init__(
        self,
        loaded: LoadedModel,
        layout: CacheLayout,
        *,
        crashes: CrashLoopDetector | None = None,
        random: Random | None = None,
        ways: BatchWays | None = None,
    ) -> None:
        self._random = random or SystemRandom()
        self._ways = ways or BatchWays()
        self._loaded = loaded
        self._layout = layout
        self._crashes = crashes or CrashLoopDetector()
        self._numbers = itertools.count()
        self._waiting: set[CoalescingQueue[Any]] = set()
        self._dead = asyncio.Event()
        self._settled = asyncio.Event()
        self._settled.set()
        self._reviving = asyncio.Lock()
        self._replacing = threading.Lock()
        self._closed = False
        self._rebuilds = 0
        self.failure: str | None = None
        self._batch: ManagedBatch | None = self._tested()

    @property
    def status(self) -> BatchStatus:
        """What the manager holds by its own count, and how often it was rebuilt."""
        batch = self._batch
        held = batch.held() if batch is not None else (0, 0, 0)
        decoding = None if batch is None or batch.steps == EAGER else str(batch.steps)
        return BatchStatus(*held, self._rebuilds, self._crashes.last_reason, decoding)

    async def generate(
        self, prompt: Sequence[int], sampling: SamplingParams, pause: Pause = no_pause
    ) -> AsyncGenerator[list[int], None]:
        """Yield new tokens in groups as they come; see `Generator`."""
        request_id, arrivals = f"request-{next(self._numbers)}", CoalescingQueue[Any]()

        def arrive(output: Any) -> None:
            arrivals.put(output, output.is_finished() or output.error is not None)

        batch = await self._submitted(request_id, prompt, sampling, arrive)
        self._waiting.add(arrivals)
        ended, seen = False, 0
        try:
            while not ended:
                output = _newest(await arrivals.take(pause()))
                ended = output.is_finished()
                if output.error is not None:
                    raise GenerationFailed(output.error) if batch.is_alive else _lost(output.error)
                if fresh := output.generated_tokens[seen:]:
                    seen += len(fresh)
                    yield fresh
        except ManagerDied as error:
            ended = True
            raise _lost(error) from error
        finally:
            self._waiting.discard(arrivals)
            batch.forget(request_id, cancel=not ended)

    async def watch(self) -> None:
        """Notice a dead batch, fail what still waits for it, and build a new one."""
        while self.failure is None and not self._closed:
            with suppress(TimeoutError):
                async with asyncio.timeout(_LOOK_EVERY_S):
                    await self._dead.wait()
            self._dead.clear()
            async with self._reviving:
                if self._living() is None:
                    await self._revive()

    def close(self) -> None:
        """Stop the manager's thread, which is no daemon and would keep the process alive."""
        with self._replacing:
            self._closed = True
        if self._batch is not None:
            self._batch.stop(_STOP_S)

    def _tested(self) -> ManagedBatch:
        """Return a new batch. How its steps run stays: what failed at load would fail again."""
        batch = tested_batch(self._loaded, self._layout, self._random, self._ways)
        self._ways = self._ways.with_steps(batch.steps)
        return batch

    def _living(self) -> ManagedBatch | None:
        return self._batch if self._batch is not None and self._batch.is_alive else None

    async def _submitted(
        self,
        request_id: str,
        prompt: Sequence[int],
        sampling: SamplingParams,
        on_output: Callable[[Any], None],
    ) -> ManagedBatch:
        """Submit a request to the batch, or to the next one if this one has died.

        Raises `BatchLost` when there is none in time, `GenerationFailed` when there will be none.
        """
        try:
            async with asyncio.timeout(_REBUILD_WAIT_S):
                while True:
                    batch = await self._next_living()
                    try:
                        batch.add(request_id, prompt, sampling, on_output)
                    except ManagerDied:
                        batch.forget(request_id, cancel=False)
                    else:
                        return batch
        except TimeoutError as error:
            raise BatchLost("the batch died, and a new one takes long to build") from error

    async def _next_living(self) -> ManagedBatch:
        while True:
            if self._closed:
                raise BatchLost("the engine is stopping")
            if self.failure is not None:
                raise GenerationFailed(self.failure)
            if (batch := self._living()) is not None:
                return batch
            self._settled.clear()
            self._dead.set()
            await self._settled.wait()

    async def _revive(self) -> None:
        """Replace the dead batch. Its requests fail; new ones wait until it is done."""
        self._settled.clear()
        dead, self._batch = self._batch, None
        try:
            await asyncio.to_thread(self._replace, dead)
        except Exception as error:
            self.failure = f"the batch cannot be built again: {error}"
            logger.exception("the engine can generate no more")
        finally:
            for arrivals in tuple(self._waiting):
                arrivals.put(ManagerDied(self._crashes.last_reason), last=True)
            self._settled.set()

    def _replace(self, dead: ManagedBatch | None) -> None:
        """Free the dead batch's memory, then build the next: there is room for only one."""
        if dead is not None:
            dead.stop(_STOP_S)
            self._crashes.record(dead.fatal_error)
            logger.error("the continuous batch has died: %s", dead.fatal_error)
        if self._crashes.is_looping:
            raise ManagerDied(f"it dies again and again: {self._crashes.last_reason}")
        batch = self._tested()
        with self._replacing:
            if self._closed:
                batch.stop(_STOP_S)
            else:
                self._batch = batch
                self._rebuilds += 1


def _lost(reason: object) -> BatchLost:
    return BatchLost(f"the batch has died: {reason}")


def _newest(outputs: Sequence[Any]) -> Any:
    """Return the newest output, which holds all before; raise an error that has come instead."""
    if isinstance(outputs[-1], ManagerDied):
        raise outputs[-1]
    return outputs[-1]
