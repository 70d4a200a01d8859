"""Continuous batching behind guards: one manager, revived when it dies, cancelled when closed."""

import asyncio
import itertools
import logging
from collections.abc import AsyncGenerator, Sequence
from typing import Any

from arena.engine.capacity import CacheLayout
from arena.engine.continuous_manager import ManagedBatch, ManagerDied
from arena.engine.generation import GenerationFailed, TokenSampling
from arena.engine.loading import LoadedModel
from arena.engine.self_test import TEST_TOKENS, is_greedy_text, test_prompts

logger = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.5
_SELF_TEST_S = 120.0
_STOP_S = 10.0


class UnsuitableArchitecture(Exception):
    """Continuous batching refuses this model, or gives it wrong text."""


class ContinuousBatching:
    """The `Generator` over transformers' continuous batching. Construct in a thread: it tests."""

    name = "continuous"

    def __init__(self, loaded: LoadedModel, layout: CacheLayout) -> None:
        self._loaded = loaded
        self._layout = layout
        self._numbers = itertools.count()
        self._waiting: set[asyncio.Queue[Any]] = set()
        self._closed = False
        self.failure: str | None = None
        self._batch = self._tested_batch()

    async def generate(
        self, prompt: Sequence[int], sampling: TokenSampling
    ) -> AsyncGenerator[list[int], None]:
        """Yield new tokens in groups as they come; see `Generator`."""
        batch, request_id = self._batch, f"request-{next(self._numbers)}"
        arrivals: asyncio.Queue[Any] = asyncio.Queue()
        self._waiting.add(arrivals)
        ended, seen = False, 0
        try:
            batch.add(request_id, prompt, sampling, arrivals.put_nowait)
            while not ended:
                output = await _newest(arrivals)
                ended = output.is_finished()
                if output.error is not None:
                    raise GenerationFailed(output.error)
                if fresh := output.generated_tokens[seen:]:
                    seen += len(fresh)
                    yield fresh
        except ManagerDied as error:
            ended = True
            raise GenerationFailed(f"the batch has died: {error}") from error
        finally:
            self._waiting.discard(arrivals)
            batch.forget(request_id, cancel=not ended)

    async def watch(self) -> None:
        """Notice a dead manager, fail what still waits for it, and build a new one."""
        while self.failure is None:
            await asyncio.sleep(_LOOK_EVERY_S)
            if not self._batch.is_alive and not self._closed:
                await self._revive()

    def close(self) -> None:
        """Stop the manager's thread, which is no daemon and would keep the process alive."""
        self._closed = True
        self._batch.stop(_STOP_S)

    async def _revive(self) -> None:
        reason = self._batch.fatal_error
        logger.error("the continuous batch has died: %s; building a new one", reason)
        for arrivals in tuple(self._waiting):
            arrivals.put_nowait(ManagerDied(reason))
        try:
            await asyncio.to_thread(self._batch.stop, _STOP_S)
            self._batch = await asyncio.to_thread(self._tested_batch)
        except Exception as error:
            self.failure = f"the batch died ({reason}) and cannot be built again: {error}"
            logger.exception("the engine can generate no more")
        else:
            logger.info("the new batch is at work")

    def _tested_batch(self) -> ManagedBatch:
        """Start a manager that is known to give right text; raise `UnsuitableArchitecture`."""
        try:
            batch = ManagedBatch(self._loaded, self._layout)
        except (ValueError, AttributeError, NotImplementedError) as error:
            raise UnsuitableArchitecture(str(error)) from error
        prompts = test_prompts(self._loaded)
        try:
            replies = batch.greedy(prompts, TEST_TOKENS, _SELF_TEST_S)
        except ManagerDied as error:
            batch.stop(_STOP_S)
            raise UnsuitableArchitecture(f"the first batch failed: {error}") from error
        pairs = zip(prompts, replies, strict=True)
        if not all(is_greedy_text(self._loaded, prompt, reply) for prompt, reply in pairs):
            batch.stop(_STOP_S)
            raise UnsuitableArchitecture("its text differs from a plain forward pass")
        return batch


async def _newest(arrivals: "asyncio.Queue[Any]") -> Any:
    """Wait for output and skip to the newest: outputs are cumulative. Raises a queued error."""
    output = await arrivals.get()
    while not arrivals.empty():
        output = arrivals.get_nowait()
    if isinstance(output, ManagerDied):
        raise output
    return output
