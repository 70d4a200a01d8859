"""Requests of one address that are open at once."""

import asyncio

import pytest
from starlette.types import Message, Receive, Scope, Send

from arena.web.common.texts import load_texts
from arena.web.http.open_requests import OpenRequests

pytestmark = pytest.mark.anyio


class Streams:
    """An application whose every answer stays open until it is let go, or fails."""

    def __init__(self, most: int) -> None:
        self.release = asyncio.Event()
        self.fails = False
        self._tasks: list[asyncio.Task[None]] = []
        self.app = OpenRequests(self._stream, most=most, texts=load_texts())

    async def _stream(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if self.fails:
            raise ConnectionResetError
        await self.release.wait()

    async def ended(self) -> None:
        """All answers let go, or broken."""
        self.release.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def ask(self, address: str) -> int:
        """The status; the answer goes on in a task of its own."""
        statuses: asyncio.Queue[int] = asyncio.Queue()

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                await statuses.put(message["status"])

        async def receive() -> Message:
            return {"type": "http.request", "body": b"", "more_body": False}

        scope = {"type": "http", "client": (address, 1), "headers": []}
        task = asyncio.create_task(self.app(scope, receive, send))
        self._tasks.append(task)
        return await statuses.get()


async def test_one_address_cannot_take_all_connections() -> None:
    streams = Streams(most=3)
    first = [await streams.ask("192.0.2.1") for _ in range(5)]
    assert first == [200, 200, 200, 429, 429]
    assert await streams.ask("192.0.2.2") == 200


async def test_a_request_that_ended_makes_room_even_if_it_broke() -> None:
    streams = Streams(most=1)
    streams.fails = True
    for _ in range(3):
        assert await streams.ask("192.0.2.1") == 200
        await streams.ended()
    streams.fails = False
    streams.release.clear()
    assert [await streams.ask("192.0.2.1") for _ in range(2)] == [200, 429]
    await streams.ended()
    assert await streams.ask("192.0.2.1") == 200
