"""All models of a catalogue as one thing: started, asked and closed together."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from types import MappingProxyType

from arena.domain.conversation import Message, ModelKey
from arena.inference.backend import ChatBackend, ChatRequest, ModelState, StreamEvent
from arena.inference.errors import InferenceError, ModelUnavailable

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ModelStatus:
    """A model's state in words, for the administrator only."""

    state: ModelState
    progress: str
    last_error: str | None


class ModelPool:
    """The backends of all enabled models, by catalogue key."""

    def __init__(self, backends: Mapping[ModelKey, ChatBackend]) -> None:
        self.backends: Mapping[ModelKey, ChatBackend] = MappingProxyType(dict(backends))

    async def start(self) -> None:
        """Begin to load every model; returns at once. One that cannot start hinders no other."""
        results = await asyncio.gather(
            *(backend.start() for backend in self.backends.values()), return_exceptions=True
        )
        for key, result in zip(self.backends, results, strict=True):
            if isinstance(result, Exception):
                logger.error("model %s does not start: %r", key, result)

    async def close(self) -> None:
        """Free all models, side by side; the first error is raised after all have been closed."""
        results = await asyncio.gather(
            *(backend.close() for backend in self.backends.values()), return_exceptions=True
        )
        for result in results:
            if isinstance(result, BaseException):
                raise result

    def ready_keys(self) -> frozenset[ModelKey]:
        """Return the models that can answer now."""
        return frozenset(
            key for key, backend in self.backends.items() if backend.state is ModelState.READY
        )

    def states(self) -> dict[ModelKey, ModelState]:
        """Return every model's state, for drawing."""
        return {key: backend.state for key, backend in self.backends.items()}

    def statuses(self) -> dict[ModelKey, ModelStatus]:
        """Return every model's state in words, for the administrator."""
        return {key: _status(backend) for key, backend in self.backends.items()}

    async def fitting(self, messages: tuple[Message, ...]) -> frozenset[ModelKey]:
        """Return the ready models whose context has room for the conversation and a reply.

        All are asked at once. A model that cannot say does not fit.
        """
        keys = sorted(self.ready_keys())
        answers = await asyncio.gather(*(self._fits(key, messages) for key in keys))
        return frozenset(key for key, fits in zip(keys, answers, strict=True) if fits)

    async def stream(
        self, key: ModelKey, request: ChatRequest
    ) -> AsyncGenerator[StreamEvent, None]:
        """Stream one reply of one model; raises InferenceError, for an unknown key too."""
        backend = self.backends.get(key)
        if backend is None:
            raise ModelUnavailable(f"no model {key!r} in this catalogue", retryable=False)
        async with aclosing(backend.stream(request)) as events:
            async for event in events:
                yield event

    async def _fits(self, key: ModelKey, messages: tuple[Message, ...]) -> bool:
        try:
            return await self.backends[key].fits(messages)
        except InferenceError as error:
            logger.warning("model %s cannot measure a prompt: %s", key, error)
            return False


def _status(backend: ChatBackend) -> ModelStatus:
    """Only backends that load something have a progress to tell."""
    progress = str(getattr(backend, "progress", ""))
    last_error = getattr(backend, "last_error", None)
    return ModelStatus(backend.state, progress, None if last_error is None else str(last_error))
