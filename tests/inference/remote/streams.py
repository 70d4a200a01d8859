"""Streams of a scripted server, and what becomes of them at the client."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from arena.catalog.dialects import OPENAI, Dialect
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.request import Endpoint
from arena.inference.remote.waits import Retries, Timeouts
from tests.fakes.chat_requests import Reply, ask, reply_of
from tests.fakes.clock import VirtualClock
from tests.fakes.openai_server import (
    DONE,
    Answer,
    FakeOpenAIServer,
    Respond,
    Step,
    chunk,
    fake_openai_server,
    in_turn,
    sse,
)

KEY = "sk-0123456789abcdef"

STOP = chunk(finish="stop")


@asynccontextmanager
async def talking_to(
    respond: Respond, *, timeouts: Timeouts | None = None, dialect: Dialect = OPENAI, **row: Any
) -> AsyncGenerator[tuple[OpenAIBackend, FakeOpenAIServer], None]:
    async with fake_openai_server(respond) as server:
        backend = OpenAIBackend(
            Endpoint(server.base_url, "some-model", KEY, dialect, **row),
            clock=VirtualClock(automatic=True),
            timeouts=timeouts,
            retries=Retries(count=0),
        )
        await backend.start()
        try:
            yield backend, server
        finally:
            await backend.close()


async def reply_to(*steps: Step, timeouts: Timeouts | None = None, **row: Any) -> Reply:
    answer = in_turn(Answer(steps))
    async with talking_to(answer, timeouts=timeouts, **row) as (backend, _):
        return await reply_of(backend, ask("What is 2 + 2?"))


def said(*pieces: str) -> list[bytes]:
    return [*map(chunk, pieces), STOP, DONE]


def choice(**fields: Any) -> bytes:
    """A chunk whose one choice has just these fields."""
    return sse({"id": "1", "object": "chat.completion.chunk", "choices": [fields]})
