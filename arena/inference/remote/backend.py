"""Any OpenAI-compatible server as a `ChatBackend`: requests, retries, readiness."""

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from http import HTTPStatus
from typing import Any

from arena.domain.conversation import Message, Sampling
from arena.inference.backend import ChatRequest, Finished, ModelState, ModelStatus, StreamEvent
from arena.inference.clock import Clock
from arena.inference.context_estimate import estimated_tokens
from arena.inference.errors import InferenceError
from arena.inference.remote.chunks import ReplyReader
from arena.inference.remote.errors import normalised_errors, quoted_name
from arena.inference.remote.model_list import (
    answers_without_list,
    is_same_model,
    listed_models,
    models_address,
)
from arena.inference.remote.reasoning import ReasoningSplitter, UnopenedReasoning
from arena.inference.remote.request import (
    AcceptedFields,
    Endpoint,
    chat_messages,
    extension_fields,
    standard_fields,
    tokenize_address,
)
from arena.inference.remote.server_watch import ProbeTimings, ServerWatch
from arena.inference.remote.thinking import Habit, Thinking
from arena.inference.remote.transport import ChunkStream, ServerRefusal
from arena.inference.remote.transports import open_transport
from arena.inference.remote.waits import Retries, Timeouts

logger = logging.getLogger(__name__)

USEFUL_REPLY_TOKENS = 64
"""A conversation that leaves less room than this in the context is too long."""


USAGE_WAIT_S = 2.0
"""Once a finish reason has come, only the usage is still awaited, and not for long."""

_REFUSES_FIELDS = (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)

_MAX_NAMES = 3
"""So many names under which a server answers are kept; a gateway may use any number."""


class OpenAIBackend:
    """The `ChatBackend` of one model at an OpenAI-compatible server.

    Without `probe` timings another part watches the server, and a started backend is READY.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        clock: Clock,
        timeouts: Timeouts | None = None,
        retries: Retries | None = None,
        probe: ProbeTimings | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        self._retries = retries or Retries()
        self._accepted = AcceptedFields()
        self._notes: dict[str, str] = {}
        self._served: list[str] = []
        self._state = ModelState.LOADING
        self._probe = probe
        self._watch = ServerWatch(
            endpoint.model, self._ask_models, clock=clock, timings=probe or ProbeTimings()
        )
        self._transport = open_transport(endpoint, self._timeouts)
        self._thinking = Thinking(
            endpoint.reasoning, prompt_is_told=endpoint.dialect.is_own_engine, clock=clock
        )

    @property
    def state(self) -> ModelState:
        """State by the last health check, between `start` and `close`."""
        watched = self._probe is not None and self._state is ModelState.READY
        return self._watch.state if watched else self._state

    @property
    def status(self) -> ModelStatus:
        """What is happening, what is unusual about this server, and why it is not reachable."""
        notes = filter(None, (self._watch.progress, *self._notes.values()))
        return ModelStatus(self.state, " · ".join(notes), self._watch.last_error)

    async def start(self) -> None:
        """Begin to ask whether the server is there; returns at once. Idempotent."""
        self._state = ModelState.READY
        if self._probe is not None:
            self._watch.start()

    async def close(self) -> None:
        """Close all connections."""
        self._state = ModelState.STOPPED
        await self._watch.stop()
        await self._transport.close()

    async def fits(self, messages: tuple[Message, ...]) -> bool:
        """Ask the engine's tokenizer, or estimate by UTF-8 bytes where there is none to ask."""
        used, limit = await self._measure(messages)
        return limit is None or used + min(USEFUL_REPLY_TOKENS, limit // 2) <= limit

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Stream one reply; retryable errors before the first text are tried again."""
        attempt, deadline = 0, _deadline(self._timeouts.first_token_s)
        while True:
            splitter = self._splitter(request)
            reader = ReplyReader(splitter, self._thinking.declared)
            try:
                async with aclosing(self._attempt(request, deadline, reader)) as events:
                    async for event in events:
                        if isinstance(event, Finished) and splitter is not None:
                            self._thinking.learn(splitter, event.reason)
                            self._note_habit()
                        yield event
            except UnopenedReasoning as unopened:
                self._thinking.learn_unopened(unopened.tag)
                self._note_habit()
                raise
            except InferenceError as error:
                wait = self._retries.wait_s(attempt, error)
                if reader.has_text or wait is None or _deadline(wait) >= deadline:
                    raise
                logger.info("retrying %s in %.1f s: %s", self._endpoint.model, wait, error)
            else:
                return
            attempt += 1
            await self._clock.sleep(wait)

    def _splitter(self, request: ChatRequest) -> ReasoningSplitter | None:
        """Return how to split a reply; a text that goes on where it was cut thinks no more."""
        goes_on = request.partial_reply and self._endpoint.dialect.continuation
        if goes_on or (request.partial_reply and not self._thinking.is_certain):
            return None
        return self._thinking.splitter(request.messages)

    async def _attempt(
        self, request: ChatRequest, deadline: float, reader: ReplyReader
    ) -> AsyncGenerator[StreamEvent, None]:
        with normalised_errors(self._endpoint.model, self._endpoint.api_key):
            async with asyncio.timeout_at(deadline):
                chunks = await self._open(request)
            try:
                while (chunk := await _next(chunks, deadline, reader)) is not None:
                    for delta in reader.read(chunk):
                        yield delta
                    if reader.has_news:
                        deadline = _deadline(self._gap_s(reader))
                self._note_served(reader.served_model)
                for event in reader.finish():
                    yield event
            finally:
                await chunks.close()

    def _gap_s(self, reader: ReplyReader) -> float:
        gap = self._timeouts.between_tokens_s
        return min(gap, USAGE_WAIT_S) if reader.is_complete else gap

    async def _open(self, request: ChatRequest) -> ChunkStream:
        """Send the request, and again without what this model's server turns out to refuse."""
        while True:
            accepted = self._accepted
            try:
                return await self._transport.open_stream(self._body(request, accepted))
            except ServerRefusal as refusal:
                if refusal.status not in _REFUSES_FIELDS:
                    raise
                words = f"{refusal.message} {refusal.body}"
                learned = accepted.after_refusal(words, refusal.blamed_field)
                if learned is None:
                    raise
                if self._accepted is accepted:
                    self._learn(learned)

    def _learn(self, accepted: AcceptedFields) -> None:
        self._accepted = accepted
        if accepted.refused:
            names = ", ".join(sorted(accepted.refused))
            self._note("refused", f"is asked without {names}, which its server refuses")

    def _body(self, request: ChatRequest, accepted: AcceptedFields) -> dict[str, Any]:
        return {
            "model": self._endpoint.model,
            "messages": chat_messages(self._endpoint, request),
            "stream": True,
            **standard_fields(request.sampling, accepted),
            **extension_fields(self._endpoint, request),
        }

    async def _measure(self, messages: tuple[Message, ...]) -> tuple[int, int | None]:
        endpoint = self._endpoint
        address = tokenize_address(endpoint)
        if address is None:
            return estimated_tokens(messages), endpoint.max_context
        body = {"messages": chat_messages(endpoint, ChatRequest(messages, Sampling()))}
        with normalised_errors(endpoint.model, endpoint.api_key):
            answer: Any = await self._transport.post(address, body)
            return int(answer["count"]), int(answer["max_model_len"])

    async def _ask_models(self) -> None:
        """Ask for the server's list of models; raises when it cannot answer conversations."""
        endpoint = self._endpoint
        with normalised_errors(endpoint.model, endpoint.api_key):
            async with asyncio.timeout((self._probe or ProbeTimings()).answer_s):
                try:
                    answer = await self._transport.get(models_address(endpoint))
                except ServerRefusal as refusal:
                    if answers_without_list(refusal):
                        return
                    raise
            listed = listed_models(answer)
        comparable = listed and endpoint.dialect.host_models_path is None
        if comparable and not any(is_same_model(endpoint.model, name) for name in listed):
            self._note("unlisted", f"the server does not list {endpoint.model!r}")

    def _note_served(self, name: str | None) -> None:
        """Remember under which other names the server answered; a dated name is no other."""
        if not name or is_same_model(self._endpoint.model, name):
            return
        quoted = quoted_name(name, self._endpoint.api_key)
        if quoted not in self._served and len(self._served) < _MAX_NAMES:
            self._served.append(quoted)
            self._note("served", f"answers as {', '.join(self._served)}")

    def _note_habit(self) -> None:
        if self._thinking.habit is Habit.ALWAYS:
            tag = self._thinking.closing
            row = f'write `reasoning: {{open: "", close: "{tag}"}}` in its row'
            self._note("thinks", f"closes reasoning that it never opened with {tag}: {row}")
        else:
            self._notes.pop("thinks", None)

    def _note(self, kind: str, text: str) -> None:
        """Keep a note for the administrator's page; log it when it is new."""
        if self._notes.get(kind) != text:
            logger.warning("model %s: %s", self._endpoint.model, text)
        self._notes[kind] = text


def _deadline(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def _next(chunks: ChunkStream, deadline: float, reader: ReplyReader) -> object:
    """Return the next chunk; None at the end, or when a complete reply's usage does not come."""
    try:
        async with asyncio.timeout_at(deadline):
            return await chunks.next()
    except TimeoutError:
        if reader.is_complete:
            return None
        raise
