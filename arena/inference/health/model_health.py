"""The health of all models of a pool, by their replies."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextvars import Context
from dataclasses import replace

from arena.domain.conversation import ModelKey, Sampling
from arena.inference.backend import ChatRequest, ControlTokens, ModelState, ModelStatus
from arena.inference.cancellation import cancel_and_wait
from arena.inference.clock import Clock
from arena.inference.health.circuit_breaker import BreakerTimings, CircuitBreaker
from arena.inference.health.short_chat import short_chat

logger = logging.getLogger(__name__)

Chat = Callable[[ChatRequest], Awaitable[bool]]
"""Asks a model that is left out and raises what goes wrong; False when it cannot be asked now."""


class ModelHealth:
    """One circuit breaker a model; asks those that are out whether they are well again.

    `sampling` is that of each model's battles. May be read from any thread.
    """

    def __init__(
        self,
        sampling: Mapping[ModelKey, Sampling],
        *,
        clock: Clock,
        timings: BreakerTimings | None = None,
    ) -> None:
        self._sampling = sampling
        self._clock = clock
        timings = timings or BreakerTimings()
        self._breakers = {key: CircuitBreaker(timings) for key in sampling}
        self._tokens: dict[ModelKey, ControlTokens] = {}
        self._tasks: dict[ModelKey, asyncio.Task[None]] = {}

    def is_out(self, key: ModelKey) -> bool:
        """Return whether a model is left out after broken replies."""
        return self._breakers[key].is_open

    def described(self, key: ModelKey, status: ModelStatus) -> ModelStatus:
        """Return a backend's own status with what its replies say of it."""
        breaker = self._breakers[key]
        told = replace(status, failure=breaker.failure, control_tokens=self._tokens.get(key))
        if not breaker.is_open or status.state is not ModelState.READY:
            return told
        every = f"tried every {breaker.delay_s:.0f} s"
        waits = f"takes part again after a good reply to a short chat, {every}"
        progress = " \u00b7 ".join(filter(None, (waits, status.progress)))
        return replace(told, state=ModelState.FAILED, progress=progress)

    def note_reply(self, key: ModelKey, tokens: Sequence[str] = ()) -> None:
        """Note a good reply, and the control tokens in it."""
        self._breakers[key].note_reply()
        if tokens:
            before = self._tokens.get(key)
            count = before.replies + 1 if before else 1
            self._tokens[key] = ControlTokens(count, self._clock.now(), tuple(tokens))
            logger.warning("model %s: control tokens in a reply: %s", key, " ".join(tokens))

    def note_failure(self, key: ModelKey, error: Exception, chat: Chat) -> None:
        """Note a failed reply; one too many in a row leaves the model out until `chat` works."""
        breaker = self._breakers[key]
        if breaker.note_failure(error, self._clock.now()):
            logger.error("model %s is left out after broken replies in a row: %s", key, error)
            self._tasks[key] = asyncio.create_task(
                self._ask_until_well(key, chat),
                name=f"short chats with {key}",
                context=Context(),  # it is no part of the battle that failed
            )

    async def close(self) -> None:
        """End the asking. Idempotent."""
        tasks, self._tasks = self._tasks, {}
        for task in tasks.values():
            await cancel_and_wait(task)

    async def _ask_until_well(self, key: ModelKey, chat: Chat) -> None:
        breaker = self._breakers[key]
        request = short_chat(self._sampling[key])
        while breaker.is_open:
            await self._clock.sleep(breaker.delay_s)
            try:
                answered = await chat(request)
            except Exception as error:  # noqa: BLE001 - whatever it was, the model is not well
                logger.warning("model %s is still left out: %s", key, error)
                breaker.note_failed_chat(error, self._clock.now())
            else:
                if answered:
                    breaker.close()
                    logger.info("model %s has answered a short chat and takes part again", key)
