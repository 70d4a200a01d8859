"""A model with fixed replies at a fixed rate, for demos and tests."""

import re
import zlib
from collections.abc import AsyncGenerator, Sequence

from arena.catalog import Script
from arena.domain.characters import to_well_formed
from arena.domain.conversation import FinishReason, Message, Role
from arena.inference.backend import (
    ChatRequest,
    Delta,
    Finished,
    ModelState,
    ModelStatus,
    StreamEvent,
)
from arena.inference.clock import Clock
from arena.inference.context_estimate import estimated_tokens
from arena.inference.errors import BrokenReply, ContextExceeded, ModelUnavailable

_DELTAS_PER_S = 25
"""As an engine merges them: a delta for every token costs the reader more than it shows."""

_PIECE = re.compile(r"\s*[\u2e80-\u9fff\uff00-\uffef]|\s*[^\s\u2e80-\u9fff\uff00-\uffef]+|\s+")


def scripted_tokens(text: str) -> list[str]:
    """Cut text into the pieces that count as tokens: words with their space, single CJK signs."""
    return _PIECE.findall(text)


def scripted_reply(replies: Sequence[str], messages: Sequence[Message]) -> str:
    """Choose a reply by the last user message and the turn, so that tests can predict it.

    Its index is (CRC-32 of the message + number of earlier user turns) modulo the replies: the
    same prompt asked again in the next turn gets the next reply.
    """
    prompts = [message.content for message in messages if message.role is Role.USER]
    last = prompts[-1] if prompts else ""
    turn = max(len(prompts) - 1, 0)
    return to_well_formed(replies[(zlib.crc32(last.encode()) + turn) % len(replies)])


class ScriptedBackend:
    """The `ChatBackend` of a script."""

    def __init__(self, script: Script, *, clock: Clock, max_context: int | None = None) -> None:
        self._script = script
        self._clock = clock
        self._max_context = max_context
        self._state = ModelState.LOADING
        self._requests = 0
        self._active = 0

    @property
    def state(self) -> ModelState:
        """READY between `start` and `close`."""
        return self._state

    @property
    def status(self) -> ModelStatus:
        """The state; a script has no details."""
        return ModelStatus(self._state)

    @property
    def active(self) -> int:
        """Streams that are open now."""
        return self._active

    async def start(self) -> None:
        """Become ready; there is nothing to load."""
        self._state = ModelState.READY

    async def close(self) -> None:
        """Stop answering."""
        self._state = ModelState.STOPPED

    async def fits(self, messages: tuple[Message, ...]) -> bool:
        """Return whether the estimated length stays within `max_context`."""
        return self._max_context is None or estimated_tokens(messages) < self._max_context

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Stream the scripted reply of this conversation at the script's rate."""
        if self._state is not ModelState.READY:
            raise ModelUnavailable("the scripted model has not been started")
        if not await self.fits(request.messages):
            raise ContextExceeded("the conversation is longer than the scripted context")
        self._requests += 1
        tokens = self._remaining(request)
        spoken, reason = self._cut(tokens, request.sampling.max_new_tokens)
        breaks_at = self._breaking_token(self._requests)
        self._active += 1
        try:
            started = self._clock.monotonic()
            for first, last in self._merged(len(spoken[:breaks_at])):
                await self._wait_for_token(last, started)
                yield Delta("".join(spoken[first : last + 1]))
            if breaks_at is not None:
                raise BrokenReply(f"scripted failure at token {min(breaks_at, len(spoken))}")
            yield Finished(
                reason, *self._usage(request, spoken), rendered_prompt=_rendered(request)
            )
        finally:
            self._active -= 1

    def _remaining(self, request: ChatRequest) -> list[str]:
        text = scripted_reply(self._script.replies, request.messages)
        return scripted_tokens(text.removeprefix(request.partial_reply))

    def _cut(self, tokens: list[str], budget: int) -> tuple[list[str], FinishReason]:
        limits = [budget]
        if self._script.truncate_at_token is not None:
            limits.append(self._script.truncate_at_token)
        limit = min(limits)
        if len(tokens) > limit:
            return tokens[:limit], FinishReason.LENGTH
        return tokens, FinishReason.STOP

    def _merged(self, tokens: int) -> list[tuple[int, int]]:
        """Return the numbers of the first and last token of each delta."""
        size = max(int((self._script.tokens_per_second or 0) / _DELTAS_PER_S), 1)
        return [(first, min(first + size, tokens) - 1) for first in range(0, tokens, size)]

    def _breaking_token(self, request_number: int) -> int | None:
        if request_number % self._script.fail_every:
            return None
        return self._script.fail_at_token

    async def _wait_for_token(self, index: int, started: float) -> None:
        pace = self._script.tokens_per_second
        due = started + self._script.first_token_delay_s + (index / pace if pace else 0.0)
        await self._clock.sleep(due - self._clock.monotonic())

    def _usage(self, request: ChatRequest, spoken: list[str]) -> tuple[int, int]:
        return sum(len(scripted_tokens(m.content)) for m in request.messages), len(spoken)


def _rendered(request: ChatRequest) -> str:
    lines = [f"{message.role}: {message.content}" for message in request.messages]
    return "\n".join([*lines, f"{Role.ASSISTANT}: {request.partial_reply}"])
