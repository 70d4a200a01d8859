"""Connections to an engine: one for each running reply, kept for the next, never a stale one."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager

import pytest

from arena.catalog.dialects import ENGINE
from arena.inference.backend import Delta
from arena.inference.errors import ModelUnavailable
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.event_lines import EventLines
from arena.inference.remote.loopback_connection import LoopbackConnection
from arena.inference.remote.request import Endpoint
from arena.inference.remote.waits import Retries
from tests.fakes.chat_requests import ask, reply_of
from tests.fakes.clock import VirtualClock
from tests.fakes.openai_server import (
    DONE,
    REPLY,
    Answer,
    Cut,
    FakeOpenAIServer,
    Respond,
    Stall,
    chunk,
    error,
    fake_openai_server,
    in_turn,
    recital,
)
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

STALLING = Answer([chunk("x"), Stall()])
GOOD = Answer([chunk("fine"), chunk(finish="stop"), DONE])


@pytest.fixture(params=[False, True], ids=["asyncio", "uvloop"])
def anyio_backend(request: pytest.FixtureRequest) -> tuple[str, dict[str, bool]]:
    """Both event loops: commands run on the one, the web server on the other."""
    return "asyncio", {"use_uvloop": request.param}


@asynccontextmanager
async def talking(
    respond: Respond = recital, *, keeps_alive: bool = True
) -> AsyncGenerator[tuple[OpenAIBackend, FakeOpenAIServer], None]:
    async with fake_openai_server(respond) as server:
        server.keeps_alive = keeps_alive
        endpoint = Endpoint(server.base_url, "some-model", "secret", ENGINE)
        backend = OpenAIBackend(endpoint, clock=VirtualClock(), retries=Retries(count=0))
        try:
            yield backend, server
        finally:
            await backend.close()


async def test_one_reply_after_another_needs_one_connection() -> None:
    async with talking() as (backend, server):
        for _ in range(5):
            assert (await reply_of(backend, ask("hi"))).text == REPLY
            await until(lambda: server.active == 0)
    assert server.connections == 1


async def test_replies_at_once_have_a_connection_each() -> None:
    async with talking() as (backend, server):
        for _ in range(2):
            replies = await asyncio.gather(*(reply_of(backend, ask("hi")) for _ in range(50)))
            assert {reply.text for reply in replies} == {REPLY}
            await until(lambda: server.active == 0)
    assert server.connections == 50


async def test_a_refusal_leaves_the_connection_of_use() -> None:
    async with talking(in_turn(error(500, "oops"), GOOD)) as (backend, server):
        with pytest.raises(ModelUnavailable):
            await reply_of(backend, ask("hi"))
        assert (await reply_of(backend, ask("hi"))).text == "fine"
    assert server.connections == 1


async def test_a_reply_that_is_not_read_to_its_end_costs_its_connection() -> None:
    async with talking(in_turn(STALLING, GOOD)) as (backend, server):
        async with aclosing(backend.stream(ask("hi"))) as events:
            assert await anext(events) == Delta("x")
        await until(lambda: server.active == 0)
        assert (await reply_of(backend, ask("hi"))).text == "fine"
    assert server.connections == 2


async def test_a_connection_that_the_server_has_closed_is_not_used_again() -> None:
    async with talking(keeps_alive=False) as (backend, server):
        for _ in range(3):
            assert (await reply_of(backend, ask("hi"))).text == REPLY
    assert server.connections == 3


async def test_a_cut_connection_is_not_used_again() -> None:
    async with talking(in_turn(Answer([chunk("x"), Cut()]), GOOD)) as (backend, server):
        with pytest.raises(ModelUnavailable):
            await reply_of(backend, ask("hi"))
        assert (await reply_of(backend, ask("hi"))).text == "fine"
    assert server.connections == 2


@pytest.mark.parametrize("at_once", [False, True])
async def test_an_answer_that_nobody_asked_for_costs_the_connection(*, at_once: bool) -> None:
    one = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nno"
    kept: list[LoopbackConnection] = []
    transport = _Wire()
    connection = LoopbackConnection(kept.append)
    connection.connection_made(transport)
    answer = connection.send(b"GET / HTTP/1.1\r\n\r\n")
    for piece in [one + one] if at_once else [one, one]:
        connection.data_received(piece)
        connection.release(is_over=True)
    assert answer.is_whole
    assert transport.is_closing()
    assert not any(one.is_open for one in kept)


class _Wire(asyncio.Transport):
    """A transport that leads nowhere."""

    def __init__(self) -> None:
        super().__init__()
        self._is_aborted = False

    def write(self, data: object) -> None:
        pass

    def abort(self) -> None:
        self._is_aborted = True

    def is_closing(self) -> bool:
        return self._is_aborted


async def test_an_answer_without_a_length_ends_with_its_connection() -> None:
    body = b"".join([chunk("fine"), chunk(finish="stop")])

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n\r\n" + body)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    endpoint = Endpoint(f"http://127.0.0.1:{port}/v1", "some-model", dialect=ENGINE)
    backend = OpenAIBackend(endpoint, clock=VirtualClock(), retries=Retries(count=0))
    assert (await reply_of(backend, ask("hi"))).text == "fine"
    await backend.close()
    server.close()


@pytest.mark.parametrize("size", range(1, 9))
def test_events_are_the_same_however_their_bytes_are_split(size: int) -> None:
    told = "data: 一\r\n\r\n: ping\n\nevent: x\ndata:二\ndata: 三\n\n\n\ndata: none".encode()
    events, taken = EventLines(), []
    for start in range(0, len(told), size):
        events.feed(told[start : start + size])
        while (event := events.take()) is not None:
            taken.append(event)
    assert taken == ["一", "二\n三"]
