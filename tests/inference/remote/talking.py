"""An OpenAI client that talks to a scripted server."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

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
    chunk,
    fake_openai_server,
    in_turn,
    recital,
    usage_chunk,
)

GOOD = Answer([chunk("fine"), chunk(finish="stop"), usage_chunk(3, 1), DONE])


@asynccontextmanager
async def talking_to(
    respond: Respond = recital,
    *,
    timeouts: Timeouts | None = None,
    retries: int = 0,
    dialect: Dialect = OPENAI,
    system_prompt: str | None = None,
    clock: VirtualClock | None = None,
) -> AsyncGenerator[tuple[OpenAIBackend, FakeOpenAIServer], None]:
    async with fake_openai_server(respond) as server:
        backend = OpenAIBackend(
            Endpoint(server.base_url, "some-model", "secret", dialect, system_prompt, 4096),
            clock=clock or VirtualClock(automatic=True),
            timeouts=timeouts,
            retries=Retries(count=retries),
        )
        await backend.start()
        try:
            yield backend, server
        finally:
            await backend.close()


async def reply_to(*answers: Answer, retries: int = 0, timeouts: Timeouts | None = None) -> Reply:
    async with talking_to(in_turn(*answers), retries=retries, timeouts=timeouts) as (backend, _):
        return await reply_of(backend, ask("hi"))
