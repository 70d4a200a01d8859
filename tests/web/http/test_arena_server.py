"""A server that is asked to end: once, and again."""

import asyncio
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest
import uvicorn

from arena.web.http.arena_server import ArenaServer
from tests.fakes.waiting import wait_until


class Replies:
    """Replies that are written until a test says that they have ended."""

    def __init__(self) -> None:
        self.asked_to_end = threading.Event()
        self.cancelled = False
        self.starts_told = 0

    async def end(self) -> None:
        self._loop, self._ended = asyncio.get_running_loop(), asyncio.Event()
        self.asked_to_end.set()
        try:
            await self._ended.wait()
        except asyncio.CancelledError:
            self.cancelled = True
            raise

    def let_end(self) -> None:
        assert self.asked_to_end.wait(30)
        self._loop.call_soon_threadsafe(self._ended.set)

    def announce(self) -> bool:
        self.starts_told += 1
        return self.starts_told == 3


class App:
    """Answers every request but those for `/stream`, which never end."""

    def __init__(self) -> None:
        self.lifespan_ended = False
        self.streams = 0

    async def __call__(self, scope: dict, receive: object, send: object) -> None:  # type: ignore[type-arg]
        assert callable(receive)
        assert callable(send)
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self.lifespan_ended = True
            await send({"type": "lifespan.shutdown.complete"})
            return
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if scope["path"] == "/stream":
            await send({"type": "http.response.body", "body": b"first", "more_body": True})
            self.streams += 1
            await asyncio.sleep(3600)
        await send({"type": "http.response.body", "body": b"here"})


class Running:
    """A server in a thread, where no signal of the process reaches it."""

    def __init__(self) -> None:
        self.replies, self.app = Replies(), App()
        config = uvicorn.Config(self.app, port=0, timeout_graceful_shutdown=60, log_config=None)
        self.server = ArenaServer(
            config, announce=self.replies.announce, end_replies=self.replies.end
        )
        self._thread = threading.Thread(target=self.server.run)

    @contextmanager
    def serving(self) -> Iterator[None]:
        self._thread.start()
        wait_until(lambda: self.server.started)
        try:
            yield
        finally:
            self.server.force_exit = self.server.should_exit = True
            self._thread.join(30)

    @property
    def address(self) -> str:
        port = self.server.servers[0].sockets[0].getsockname()[1]
        return f"http://127.0.0.1:{port}"

    def signal(self) -> None:
        self.server.handle_exit(signal.SIGTERM, None)

    def await_end(self) -> None:
        wait_until(lambda: not self._thread.is_alive())


@pytest.fixture
def running() -> Iterator[Running]:
    found = Running()
    with found.serving():
        yield found


def test_the_start_is_announced_until_there_is_nothing_more_to_tell(running: Running) -> None:
    wait_until(lambda: running.replies.starts_told == 3)
    running.signal()
    running.replies.let_end()
    running.await_end()
    assert running.replies.starts_told == 3


def test_pages_are_served_while_replies_end(running: Running) -> None:
    running.signal()
    assert running.replies.asked_to_end.wait(30)
    assert httpx.get(running.address, trust_env=False).text == "here"
    running.replies.let_end()
    running.await_end()
    assert running.app.lifespan_ended


def test_a_second_signal_waits_neither_for_replies_nor_for_open_streams(running: Running) -> None:
    with httpx.stream("GET", f"{running.address}/stream", trust_env=False) as stream:
        assert next(stream.iter_bytes()) == b"first"
        running.signal()
        assert running.replies.asked_to_end.wait(30)
        running.signal()
        running.await_end()
    assert running.replies.cancelled
    assert running.app.lifespan_ended


def test_a_third_signal_leaves_everything_as_it_is(running: Running) -> None:
    running.signal()
    assert running.replies.asked_to_end.wait(30)
    running.signal()
    running.signal()
    running.await_end()
    assert not running.app.lifespan_ended
