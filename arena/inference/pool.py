"""All models of a catalog behind one interface: started, asked and closed together."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Collection, Mapping
from contextlib import AbstractContextManager, aclosing, nullcontext
from dataclasses import replace
from functools import partial
from types import MappingProxyType

from arena.domain.conversation import Message, ModelKey
from arena.inference.backend import (
    ChatBackend,
    ChatRequest,
    Finished,
    ModelState,
    ModelStatus,
    StreamEvent,
)
from arena.inference.errors import InferenceError, ModelUnavailable
from arena.inference.health import ModelHealth
from arena.inference.health.replies import ReplyWatch
from arena.inference.lifecycle import Lifecycle
from arena.inference.traffic import Note, Traffic

logger = logging.getLogger(__name__)


class ModelPool:
    """The backends of all enabled models, by catalog key.

    With a `lifecycle`, the models that share this machine's memory are loaded and unloaded by it.
    `traffic`, if there is one, counts the requests. With `health`, a model whose replies break is
    FAILED until it has answered a short chat.
    """

    def __init__(
        self,
        backends: Mapping[ModelKey, ChatBackend],
        *,
        lifecycle: Lifecycle | None = None,
        traffic: Traffic | None = None,
        health: ModelHealth | None = None,
    ) -> None:
        self.backends: Mapping[ModelKey, ChatBackend] = MappingProxyType(dict(backends))
        self.lifecycle = lifecycle
        self._traffic = traffic
        self._health = health

    async def start(self) -> None:
        """Begin to load the models and return; one that cannot start does not affect others."""
        if self.lifecycle is not None:
            await self.lifecycle.start()
        managed = self.lifecycle.keys if self.lifecycle is not None else frozenset()
        others = [key for key in self.backends if key not in managed]
        results = await asyncio.gather(
            *(self.backends[key].start() for key in others), return_exceptions=True
        )
        for key, result in zip(others, results, strict=True):
            if isinstance(result, Exception):
                logger.error("model %s does not start: %r", key, result)

    async def close(self) -> None:
        """Free all models, side by side; the first error is raised after all have been closed."""
        if self._health is not None:
            await self._health.close()
        if self.lifecycle is not None:
            await self.lifecycle.close()
        results = await asyncio.gather(
            *(backend.close() for backend in self.backends.values()), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result

    def ready_keys(self) -> frozenset[ModelKey]:
        """Return the models that may be drawn now."""
        states = self.states()
        return frozenset(key for key, state in states.items() if state is ModelState.READY)

    def states(self) -> dict[ModelKey, ModelState]:
        """Return every model's state, for drawing.

        One that is about to leave, or that has just died and comes back by itself, is LOADING.
        """
        return {key: self._seen(key, backend) for key, backend in self.backends.items()}

    def statuses(self) -> dict[ModelKey, ModelStatus]:
        """Return every model's state in detail, for the administrator."""
        return {key: self._status(key) for key in self.backends}

    def hold(self, owner: str, keys: Collection[ModelKey]) -> bool:
        """Keep a battle's models in memory until `release`, or bring them back.

        `owner` is the battle; each of its turns renews its hold, which ends by itself ten minutes
        later. False when a model must be loaded first: it will be, so ask again shortly.
        """
        return self.lifecycle is None or self.lifecycle.hold(owner, keys)

    def release(self, owner: str) -> None:
        """End a battle's hold on its models. Idempotent; may be called from any thread."""
        if self.lifecycle is not None:
            self.lifecycle.release(owner)

    async def fits(
        self, messages: tuple[Message, ...], keys: Collection[ModelKey]
    ) -> dict[ModelKey, bool]:
        """Return whether the context has room for the conversation and a reply, by model.

        All of `keys` are asked at once, also those about to leave, whose open battles go on;
        `ready_keys` says what may be drawn. A model that cannot say is missing.
        """
        asked = [key for key in keys if self.backends[key].state is ModelState.READY]
        answers = await asyncio.gather(*(self._fits(key, messages) for key in asked))
        return {key: fits for key, fits in zip(asked, answers, strict=True) if fits is not None}

    async def stream(
        self, key: ModelKey, request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        """Stream one reply of one model; raises InferenceError, for an unknown key too."""
        backend = self.backends.get(key)
        if backend is None:
            raise ModelUnavailable(f"no model {key!r} in this catalog", retryable=False)
        with self._counted(key) as note:
            async with aclosing(self._reply(key, backend, request)) as events:
                async for event in events:
                    note(event)
                    yield event

    async def _reply(
        self, key: ModelKey, backend: ChatBackend, request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        """Stream a reply and note in the model's health how it ended."""
        watch = ReplyWatch(key, request)
        try:
            async with aclosing(self._checked(key, backend, request, watch)) as events:
                async for event in events:
                    yield event
        except Exception as error:
            if self._health is not None:
                self._health.note_failure(key, error, partial(self._chat, key, backend))
            raise
        if self._health is not None:
            self._health.note_reply(key, watch.control_tokens())

    async def _checked(
        self, key: ModelKey, backend: ChatBackend, request: ChatRequest, watch: ReplyWatch
    ) -> AsyncGenerator[StreamEvent, None]:
        """Stream a reply that has text; raises `EmptyReply` for another."""
        with self._answering(key):
            async with aclosing(backend.stream(request)) as events:
                async for event in events:
                    if isinstance(event, Finished):
                        watch.require_text(event)
                    else:
                        watch.note(event)
                    yield event

    async def _chat(self, key: ModelKey, backend: ChatBackend, request: ChatRequest) -> bool:
        """Ask a model that is left out; False while it is not there to be asked."""
        if backend.state is not ModelState.READY:
            return False
        watch = ReplyWatch(key, request)
        async with aclosing(self._checked(key, backend, request, watch)) as events:
            async for _ in events:
                pass
        return True

    def _seen(self, key: ModelKey, backend: ChatBackend) -> ModelState:
        state = ModelState.LOADING if backend.status.recovering else backend.state
        if state is ModelState.READY and self._health is not None and self._health.is_out(key):
            state = ModelState.FAILED
        return state if self.lifecycle is None else self.lifecycle.seen(key, state)

    def _answering(self, key: ModelKey) -> AbstractContextManager[None]:
        return nullcontext() if self.lifecycle is None else self.lifecycle.answering(key)

    def _counted(self, key: ModelKey) -> AbstractContextManager[Note]:
        return nullcontext(_ignore) if self._traffic is None else self._traffic.request(key)

    async def _fits(self, key: ModelKey, messages: tuple[Message, ...]) -> bool | None:
        try:
            return await self.backends[key].fits(messages)
        except InferenceError as error:
            logger.warning("model %s cannot measure a prompt: %s", key, error)
            return None

    def _status(self, key: ModelKey) -> ModelStatus:
        """Return a backend's own status, and where its model is or waits."""
        status = self.backends[key].status
        if self._health is not None:
            status = self._health.described(key, status)
        if self.lifecycle is None or key not in self.lifecycle.keys:
            return status
        notes = filter(None, (status.progress, self.lifecycle.note(key)))
        return replace(status, progress=" · ".join(notes))


def _ignore(_: StreamEvent) -> None:
    pass
