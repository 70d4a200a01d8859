"""Connections that ask for nothing, on a real server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from arena.web.http.connections import HEADER_BYTES, guarded_protocol

pytestmark = pytest.mark.anyio
ASK = b"GET / HTTP/1.1\r\nhost: a\r\n\r\n"
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _answer(request: Request) -> PlainTextResponse:
    await request.body()
    return PlainTextResponse(f"done {len(request.headers)}")


@dataclass
class Server:
    """Where it listens, and connections that are closed in the end."""

    port: int
    opened: list[asyncio.StreamWriter]
    under_way: asyncio.Event

    async def connect(self, said: bytes = b"") -> Connection:
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.opened.append(writer)
        writer.write(said)
        return reader, writer


@asynccontextmanager
async def serving(*, most_idle: int = 100, headers_s: float = 10.0) -> AsyncIterator[Server]:
    under_way = asyncio.Event()

    async def slow(request: Request) -> PlainTextResponse:
        under_way.set()
        await asyncio.sleep(0.7)  # longer than any time for headers
        return PlainTextResponse("slow")

    app = Starlette(routes=[Route("/", _answer, methods=["GET", "POST"]), Route("/slow", slow)])
    protocol = guarded_protocol(most_idle=most_idle, headers_s=headers_s)
    config = uvicorn.Config(app, port=0, http=protocol, ws="none", log_level="warning")
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    found = Server(server.servers[0].sockets[0].getsockname()[1], [], under_way)
    try:
        yield found
    finally:
        for writer in found.opened:
            writer.transport.abort()
        server.should_exit = True
        await server.shutdown()


async def closed(connection: Connection, within_s: float = 5.0) -> bool:
    """Whether the server hangs up."""
    async with asyncio.timeout(within_s):
        try:
            return await connection[0].read() == b""
        except ConnectionResetError:
            return True


async def answered(connection: Connection) -> bytes:
    async with asyncio.timeout(5):
        return (await connection[0].readuntil(b"\r\n"))[:-2]


@pytest.mark.parametrize("said", [b"", b"G", b"GET / HTTP/1.1\r\nhost: a\r\n"])
async def test_who_connects_and_does_not_ask_is_hung_up_on(said: bytes) -> None:
    async with serving(headers_s=0.2) as server:
        assert await closed(await server.connect(said))


async def test_headers_that_trickle_in_do_not_prolong_it() -> None:
    async with serving(headers_s=0.3) as server:
        connection = await server.connect(b"GET / HTTP/1.1\r\n")

        async def trickle() -> None:
            while True:
                connection[1].write(b"x: y\r\n")
                await asyncio.sleep(0.02)

        trickling = asyncio.create_task(trickle())
        assert await closed(connection)
        trickling.cancel()


async def test_a_second_request_of_a_connection_has_no_longer_than_the_first() -> None:
    async with serving(headers_s=0.2) as server:
        connection = await server.connect(ASK)
        assert await answered(connection) == b"HTTP/1.1 200 OK"
        await connection[0].readuntil(b"done 1")
        connection[1].write(b"GET / HT")
        assert await closed(connection, within_s=2)


async def test_an_answer_may_take_longer_than_the_question() -> None:
    async with serving(headers_s=0.2) as server:
        asked = ASK.replace(b"/ ", b"/slow ")
        assert await answered(await server.connect(asked)) == b"HTTP/1.1 200 OK"


async def test_of_too_many_idle_connections_the_longest_idle_goes_and_new_ones_are_answered() -> (
    None
):
    async with serving(most_idle=5) as server:
        idle = [await server.connect(b"GET / HTTP/1.1\r\n") for _ in range(40)]
        assert await answered(await server.connect(ASK)) == b"HTTP/1.1 200 OK"
        assert all([await closed(one) for one in idle[:34]])
        idle[-1][1].write(b"host: a\r\n\r\n")
        assert await answered(idle[-1]) == b"HTTP/1.1 200 OK"


async def test_a_connection_with_a_request_is_never_the_one_that_goes() -> None:
    async with serving(most_idle=1) as server:
        busy = await server.connect(ASK.replace(b"/ ", b"/slow "))
        await server.under_way.wait()
        for _ in range(10):
            await server.connect()
        assert await answered(busy) == b"HTTP/1.1 200 OK"


async def test_headers_without_end_are_cut_off() -> None:
    async with serving() as server:
        connection = await server.connect(b"GET / HTTP/1.1\r\nhost: a\r\nx: ")
        for _ in range(2 * HEADER_BYTES // 1000):
            connection[1].write(b"y" * 1000)
        assert await closed(connection)


async def test_fields_after_a_body_are_dropped() -> None:
    body = b"2\r\nhi\r\n0\r\nsneaked-in: yes\r\n\r\n"
    asked = b"POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n" + body
    async with serving() as server:
        connection = await server.connect(asked)
        assert await connection[0].readuntil(b"done 2")
        connection[1].write(ASK)
        assert await connection[0].readuntil(b"done 1"), "the next request has its fields again"


async def test_many_requests_at_once_on_one_connection_are_all_answered() -> None:
    async with serving(headers_s=0.3) as server:
        connection = await server.connect(ASK * 5)
        for _ in range(5):
            assert await connection[0].readuntil(b"done 1")
