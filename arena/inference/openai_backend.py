"""Any OpenAI-compatible server as a `ChatBackend`; the only file that knows the openai library."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

import openai
from openai import AsyncOpenAI, AsyncStream
from openai.types.chat import ChatCompletionChunk

from arena.domain.conversation import Message
from arena.inference.backend import ChatRequest, ModelState, StreamEvent
from arena.inference.clock import Clock
from arena.inference.context_estimate import estimated_tokens
from arena.inference.errors import (
    BrokenReply,
    ContextExceeded,
    InferenceError,
    ModelOverloaded,
    ModelTimeout,
    ModelUnavailable,
    RequestRefused,
)
from arena.inference.openai_chunks import ReplyReader
from arena.inference.openai_request import (
    BudgetField,
    Dialect,
    Endpoint,
    chat_messages,
    extra_fields,
    sampling_fields,
)

logger = logging.getLogger(__name__)

USEFUL_REPLY_TOKENS = 64
"""A context with less room than this left is too full to be asked anything."""


USAGE_WAIT_S = 2.0
"""Once a finish reason has come, only the usage is still awaited, and not for long."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Longest waits in seconds: to connect, for the first text, and between two events after it.

    The first text is awaited from the beginning, attempts that were tried again included.
    """

    connect_s: float = 5.0
    first_token_s: float = 120.0
    between_tokens_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is sent again before its first delta; `delay_s` doubles each time.

    A server that asks to wait longer than `longest_wait_s` is not asked again.
    """

    count: int = 2
    delay_s: float = 0.5
    longest_wait_s: float = 8.0

    def wait_s(self, attempt: int, error: InferenceError) -> float | None:
        """Return the seconds to wait after failed attempt 0, 1, ...; None to give up."""
        if attempt >= self.count or not error.retryable:
            return None
        wait = max(self.delay_s * 2**attempt, error.retry_after_s or 0.0)
        return wait if wait <= self.longest_wait_s else None


class OpenAIBackend:
    """The `ChatBackend` of one model at an OpenAI-compatible server."""

    def __init__(
        self,
        endpoint: Endpoint,
        *,
        clock: Clock,
        timeouts: Timeouts | None = None,
        retries: Retries | None = None,
    ) -> None:
        self._endpoint = endpoint
        self._clock = clock
        self._timeouts = timeouts or Timeouts()
        self._retries = retries or Retries()
        self._budget = BudgetField.MAX_TOKENS
        self._state = ModelState.LOADING
        self._client = _client(endpoint, self._timeouts)

    @property
    def state(self) -> ModelState:
        """READY between `start` and `close`: a remote server is not probed."""
        return self._state

    async def start(self) -> None:
        """Become ready at once; a server that is down shows in its first reply."""
        self._state = ModelState.READY

    async def close(self) -> None:
        """Close all connections."""
        self._state = ModelState.STOPPED
        await self._client.close()

    async def fits(self, messages: tuple[Message, ...]) -> bool:
        """Ask the engine's tokenizer, or estimate by UTF-8 bytes where there is none to ask."""
        used, limit = await self._measure(messages)
        return limit is None or used + min(USEFUL_REPLY_TOKENS, limit // 2) <= limit

    async def stream(self, request: ChatRequest) -> AsyncGenerator[StreamEvent, None]:
        """Stream one reply; retryable errors before the first event are tried again."""
        attempt, deadline = 0, _deadline(self._timeouts.first_token_s)
        while True:
            started = False
            try:
                async with aclosing(self._attempt(request, deadline)) as events:
                    async for event in events:
                        started = True
                        yield event
            except InferenceError as error:
                wait = self._retries.wait_s(attempt, error)
                if started or wait is None or _deadline(wait) >= deadline:
                    raise
                logger.info("retrying %s in %.1f s: %s", self._endpoint.model, wait, error)
            else:
                return
            attempt += 1
            await self._clock.sleep(wait)

    async def _attempt(
        self, request: ChatRequest, deadline: float
    ) -> AsyncGenerator[StreamEvent, None]:
        reader = ReplyReader(split_reasoning=not request.partial_reply)
        with normalised_errors(self._endpoint.model):
            async with asyncio.timeout_at(deadline):
                chunks = await self._open(request)
            try:
                while (chunk := await _next(chunks, deadline, reader)) is not None:
                    for delta in reader.read(chunk):
                        yield delta
                    if reader.has_text or reader.is_complete:
                        deadline = _deadline(self._gap_s(reader))
                for event in reader.finish():
                    yield event
            finally:
                await chunks.close()

    def _gap_s(self, reader: ReplyReader) -> float:
        gap = self._timeouts.between_tokens_s
        return min(gap, USAGE_WAIT_S) if reader.is_complete else gap

    async def _open(self, request: ChatRequest) -> AsyncStream[ChatCompletionChunk]:
        try:
            return await self._create(request)
        except openai.BadRequestError as error:
            if self._budget.other not in str(error):
                raise
            self._budget = self._budget.other
            return await self._create(request)

    async def _create(self, request: ChatRequest) -> AsyncStream[ChatCompletionChunk]:
        messages: Any = chat_messages(self._endpoint, request)
        stream: AsyncStream[ChatCompletionChunk] = await self._client.chat.completions.create(
            model=self._endpoint.model,
            messages=messages,
            stream=True,
            stream_options={"include_usage": True},
            extra_body=extra_fields(self._endpoint, request),
            **sampling_fields(request.sampling, self._budget),
        )
        return stream

    async def _measure(self, messages: tuple[Message, ...]) -> tuple[int, int | None]:
        if self._endpoint.dialect is not Dialect.ENGINE:
            return estimated_tokens(messages), self._endpoint.max_context
        body = {"messages": [{"role": m.role.value, "content": m.content} for m in messages]}
        with normalised_errors(self._endpoint.model):
            answer: Any = await self._client.post("/tokenize", cast_to=object, body=body)
            return int(answer["count"]), int(answer["max_model_len"])


@contextmanager
def normalised_errors(model: str) -> Iterator[None]:
    """Turn whatever the client, the connection or the parser raises into an `InferenceError`."""
    try:
        yield
    except InferenceError:
        raise
    except openai.APIStatusError as error:
        raise _refusal(model, error) from error
    except (openai.APITimeoutError, TimeoutError) as error:
        raise ModelTimeout(f"{model}: nothing came in time ({error!r})") from error
    except (openai.APIConnectionError, OSError) as error:
        raise ModelUnavailable(f"{model}: connection failed or lost ({error!r})") from error
    except openai.OpenAIError as error:
        raise BrokenReply(f"{model}: the server reported an error ({error})") from error
    except Exception as error:
        raise BrokenReply(
            f"{model}: the answer is not what the protocol says ({error!r})"
        ) from error


def _refusal(model: str, error: openai.APIStatusError) -> InferenceError:
    status, text = error.status_code, f"{model}: HTTP {error.status_code}: {error.message}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        exhausted = error.code == "insufficient_quota"
        return ModelOverloaded(text, retryable=not exhausted, retry_after_s=_retry_after(error))
    if error.code == "context_length_exceeded" or "maximum context length" in error.message:
        return ContextExceeded(text)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return ModelOverloaded(text, retry_after_s=_retry_after(error))
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return ModelTimeout(text)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ModelUnavailable(text)
    return RequestRefused(text)


def _retry_after(error: openai.APIStatusError) -> float | None:
    """Read Retry-After in seconds; the date form is rare and ignored."""
    try:
        return max(float(error.response.headers["retry-after"]), 0.0)
    except (KeyError, ValueError):
        return None


def _client(endpoint: Endpoint, timeouts: Timeouts) -> AsyncOpenAI:
    """Build a client without hidden retries; an engine on loopback is never reached by a proxy."""
    timeout = openai.Timeout(
        connect=timeouts.connect_s,
        read=max(timeouts.first_token_s, timeouts.between_tokens_s) + 1.0,
        write=timeouts.between_tokens_s,
        pool=timeouts.connect_s,
    )
    return AsyncOpenAI(
        base_url=endpoint.base_url,
        api_key=endpoint.api_key or "none",
        max_retries=0,
        timeout=timeout,
        http_client=openai.DefaultAsyncHttpxClient(
            trust_env=endpoint.dialect is not Dialect.ENGINE, timeout=timeout
        ),
    )


def _deadline(seconds: float) -> float:
    return asyncio.get_running_loop().time() + seconds


async def _next(
    chunks: AsyncStream[ChatCompletionChunk], deadline: float, reader: ReplyReader
) -> ChatCompletionChunk | None:
    """Return the next chunk; None at the end, or when a complete reply's usage does not come."""
    try:
        async with asyncio.timeout_at(deadline):
            return await anext(chunks, None)
    except TimeoutError:
        if reader.is_complete:
            return None
        raise
