"""The ways in which a server misbehaves, and an OpenAI backend that meets them."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import pytest

from arena.inference.backend import ChatBackend
from arena.inference.errors import (
    BrokenReply,
    ContentFiltered,
    InferenceError,
    ModelOverloaded,
    ModelTimeout,
    ModelUnavailable,
    RequestRefused,
)
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.request import Endpoint
from arena.inference.remote.waits import Timeouts
from tests.fakes.chat_requests import ask, reply_of
from tests.fakes.clock import VirtualClock
from tests.fakes.openai_server import (
    DONE,
    Answer,
    Cut,
    FakeOpenAIServer,
    Pause,
    Stall,
    chunk,
    error,
    fake_openai_server,
    in_turn,
    split_bytes,
    sse,
    usage_chunk,
)

KEY: Final = "0123456789abcdef-the-key"
STRANGER: Final = "words-of-a-strange-server"
LAST: Final = (chunk(finish="stop"), usage_chunk(3, 1), DONE)
GOOD: Final = Answer([chunk("fine"), *LAST])
SHORT: Final = Timeouts(first_token_s=0.4, between_tokens_s=0.4)
LONG: Final = Timeouts(first_token_s=60, between_tokens_s=60)
HTML: Final = b"<html>" + STRANGER.encode() + b"</html>"


@dataclass(frozen=True, slots=True)
class Way:
    """How a server answers; what comes of it is a text, or an error. `asked`: requests in all."""

    answer: Answer
    text: str | None = None
    error: type[InferenceError] | None = None
    asked: int = 1

    @property
    def timeouts(self) -> Timeouts:
        """Short where the waiting is the point."""
        return SHORT if self.error is ModelTimeout else LONG


WAYS: Final = {
    "slow first byte": Way(Answer(GOOD.steps, before=[Pause(0.05)]), text="fine"),
    "no first byte": Way(Answer([], before=[Stall()]), error=ModelTimeout),
    "headers and no first byte": Way(Answer([Stall()]), error=ModelTimeout),
    "stall mid-stream": Way(Answer([chunk("a"), Stall()]), error=ModelTimeout),
    "cut before the first byte": Way(Answer([], before=[Cut()]), error=ModelUnavailable, asked=3),
    "cut mid-stream": Way(Answer([chunk("a"), Cut()]), error=ModelUnavailable),
    "429 with Retry-After": Way(
        error(429, STRANGER, retry_after="2"), error=ModelOverloaded, asked=3
    ),
    "429 with a far Retry-After": Way(
        error(429, STRANGER, retry_after="3600"), error=ModelOverloaded
    ),
    "500": Way(error(500, STRANGER), error=ModelUnavailable, asked=3),
    "HTML with status 200": Way(Answer([HTML], content_type="text/html"), error=BrokenReply),
    "HTML with status 502": Way(Answer([HTML], 502, "text/html"), error=ModelUnavailable, asked=3),
    "empty choices": Way(
        Answer([sse({"id": "1", "choices": []}), chunk("fine"), *LAST]), text="fine"
    ),
    "nothing but empty choices": Way(
        Answer([sse({"id": "1", "choices": []}), DONE]), error=BrokenReply
    ),
    "no usage": Way(Answer([chunk("fine"), chunk(finish="stop"), DONE]), text="fine"),
    "wrong model": Way(Answer([chunk("fine", model=STRANGER), *LAST]), text="fine"),
    "huge delta": Way(Answer([chunk("x" * 1_000_000), *LAST]), text="x" * 1_000_000),
    "split UTF-8": Way(Answer(split_bytes(chunk("你好，世界"), *LAST)), text="你好，世界"),
    "late error event": Way(
        Answer([chunk("a"), sse({"error": {"message": STRANGER}})]), error=BrokenReply
    ),
    "late error of vLLM's": Way(
        Answer([chunk("a"), sse({"object": "error", "message": STRANGER})]), error=BrokenReply
    ),
    "late error of its own kind": Way(
        Answer([chunk("a"), b"event: error\n" + sse({"message": STRANGER})]), error=BrokenReply
    ),
    "no finish reason": Way(Answer([chunk("a"), DONE]), error=BrokenReply),
    "broken JSON": Way(
        Answer([chunk("a"), b"data: {" + STRANGER.encode() + b"\n\n"]), error=BrokenReply
    ),
    "content filter": Way(
        Answer([chunk("a"), chunk(finish="content_filter"), DONE]), error=ContentFiltered
    ),
    "tool calls": Way(Answer([chunk(finish="tool_calls"), DONE]), error=BrokenReply),
    "unknown finish reason": Way(
        Answer([chunk("a"), chunk(finish=STRANGER), DONE]), error=BrokenReply
    ),
    "finish reason of another type": Way(
        Answer([chunk("a"), sse({"choices": [{"delta": {}, "finish_reason": {"a": 1}}]}), DONE]),
        error=BrokenReply,
    ),
    "redirect": Way(
        Answer([b""], 307, headers={"location": f"http://127.0.0.1:1/{STRANGER}"}),
        error=RequestRefused,
    ),
    "wrong key": Way(error(401, f"Incorrect API key: {KEY}"), error=RequestRefused),
}
BROKEN: Final = {name: way for name, way in WAYS.items() if way.error is not None}


@asynccontextmanager
async def talking_to(
    answer: Answer, *, timeouts: Timeouts = LONG
) -> AsyncGenerator[tuple[OpenAIBackend, FakeOpenAIServer], None]:
    async with fake_openai_server(in_turn(answer)) as server:
        backend = OpenAIBackend(
            Endpoint(server.base_url, "some-model", KEY),
            clock=VirtualClock(automatic=True),
            timeouts=timeouts,
        )
        await backend.start()
        try:
            yield backend, server
        finally:
            await backend.close()


async def failure_of(backend: ChatBackend) -> InferenceError:
    with pytest.raises(InferenceError) as caught:
        await reply_of(backend, ask("hi"))
    return caught.value
