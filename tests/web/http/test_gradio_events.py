"""Events on a real app of Gradio: taken, told message by message, and ended with their page."""

import asyncio
import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import gradio as gr
import httpx
import pytest
from anyio.to_thread import run_sync
from fastapi import FastAPI, HTTPException, Request
from gradio import queueing
from gradio.routes import App
from starlette.routing import Mount
from starlette.types import Message

from arena.web.http.gradio_events import JOIN, MESSAGES, EventRoutes, spare_sums_of_events

pytestmark = pytest.mark.anyio

ECHO, COUNT, WAIT = range(3)


@pytest.fixture(autouse=True)
def no_sums_of_events(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep Gradio from summing up its events, as `arena serve` does."""
    monkeypatch.setenv("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")


class Page:
    """A page whose events echo, count to three, and wait for ever."""

    def __init__(self) -> None:
        self.left = asyncio.Event()
        self.waits = asyncio.Event()
        self.users: list[str | None] = []

    async def echo(self, text: str, request: gr.Request) -> str:
        self.users.append(request.cookies.get("who"))
        return text

    async def count(self, text: str) -> AsyncGenerator[str, None]:
        for number in range(3):
            yield f"{text} {number}"

    async def wait(self, text: str) -> AsyncGenerator[str, None]:
        try:
            yield text
            self.waits.set()
            await asyncio.Event().wait()
        finally:
            self.left.set()


async def who(request: Request) -> str:
    """Let those in who have a cookie."""
    if "who" not in request.cookies:
        raise HTTPException(401, "not signed in")
    return request.cookies["who"]


def mounted(page: Page, *, silence_s: float = 15.0) -> tuple[FastAPI, App]:
    plain: dict[str, Any] = {"preprocess": False, "postprocess": False}
    with gr.Blocks(analytics_enabled=False) as blocks:
        box = gr.Textbox()
        for handler in (page.echo, page.count, page.wait):
            box.submit(handler, box, box, **plain)
    blocks.queue(default_concurrency_limit=None, max_size=3)
    app = FastAPI()
    gr.mount_gradio_app(app, blocks, "/", auth_dependency=who, ssr_mode=False)
    route = app.routes[-1]
    assert isinstance(route, Mount)
    assert isinstance(route.app, App)
    route.app.add_middleware(EventRoutes, page=route.app, guard=who, silence_s=silence_s)
    return app, route.app


def client(app: FastAPI) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://arena", cookies={"who": "ann"})


@asynccontextmanager
async def served(app: FastAPI) -> AsyncGenerator[httpx.AsyncClient, None]:
    async with app.router.lifespan_context(app), client(app) as http:
        yield http


def event(function: int, session: str = "abc") -> dict[str, Any]:
    return {"data": ["words"], "fn_index": function, "session_hash": session, "trigger_id": None}


def said(answer: httpx.Response) -> list[dict[str, Any]]:
    lines = answer.text.split("\n\n")
    assert lines.pop() == ""
    return [json.loads(line.removeprefix("data: ")) for line in lines]


async def messages(http: httpx.AsyncClient, session: str = "abc") -> list[dict[str, Any]]:
    answer = await http.get(MESSAGES, params={"session_hash": session})
    assert answer.headers["content-type"] == "text/event-stream; charset=utf-8"
    return said(answer)


async def test_an_event_is_taken_and_told_from_its_place_in_the_queue_to_its_end() -> None:
    page = Page()
    app, _ = mounted(page)
    async with served(app) as http:
        taken = (await http.post(JOIN, json=event(ECHO))).json()
        told = await messages(http)
    kinds = ["estimation", "process_starts", "process_completed", "close_stream"]
    assert [one["msg"] for one in told] == kinds
    assert [one["event_id"] for one in told[:-1]] == [taken["event_id"]] * 3
    assert told[2]["output"]["data"] == ["words"]
    assert page.users == ["ann"]


async def test_a_stream_carries_every_frame_of_an_event_in_order() -> None:
    app, _ = mounted(Page())
    async with served(app) as http:
        await http.post(JOIN, json=event(COUNT))
        told = await messages(http)
    frames = [one["output"]["data"] for one in told if one["msg"] == "process_generating"]
    assert frames == [["words 0"], [[["replace", [], "words 1"]]], [[["replace", [], "words 2"]]]]


async def test_a_stream_ends_with_the_last_of_its_sessions_events() -> None:
    app, _ = mounted(Page())
    async with served(app) as http:
        for function in (ECHO, COUNT):
            await http.post(JOIN, json=event(function))
        told = await messages(http)
    assert [one["msg"] for one in told].count("process_completed") == 2
    assert told[-1]["msg"] == "close_stream"


async def test_no_thread_is_asked_for_sums_of_events(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queueing, "run_sync", run_sync)  # put back afterwards
    spare_sums_of_events()
    app, inner = mounted(Page())
    asked: list[object] = []
    monkeypatch.setattr(inner.get_blocks()._queue, "compute_analytics_summary", asked.append)
    async with served(app) as http:
        await http.post(JOIN, json=event(ECHO))
        assert (await messages(http))[-1]["msg"] == "close_stream"
        await asyncio.gather(*inner.get_blocks()._queue._asyncio_tasks)
    assert asked == []


async def test_nobody_takes_part_whom_the_guard_refuses() -> None:
    app, _ = mounted(Page())
    async with served(app) as http:
        http.cookies.clear()
        refused = await http.post(JOIN, json=event(ECHO))
        assert (refused.status_code, refused.json()) == (401, {"detail": "not signed in"})
        answer = await http.get(MESSAGES, params={"session_hash": "abc"})
        assert answer.status_code == 401


async def test_events_beyond_the_queues_size_are_refused() -> None:
    app, _ = mounted(Page())
    async with client(app) as http:  # without its lifespan, which starts the queue
        answers = [await http.post(JOIN, json=event(ECHO)) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 503]


async def test_messages_of_an_unknown_session_are_not_there() -> None:
    app, _ = mounted(Page())
    async with served(app) as http:
        answer = await http.get(MESSAGES, params={"session_hash": "unknown"})
    assert answer.status_code == 404


async def test_other_paths_are_still_answered_by_gradio() -> None:
    app, _ = mounted(Page())
    async with served(app) as http:
        assert (await http.get("/config")).status_code == 200
        assert (await http.post(MESSAGES)).status_code == 405


class Reader:
    """A client of a stream that reads until it leaves."""

    def __init__(self, app: FastAPI, session: str) -> None:
        self.read = b""
        self.more = asyncio.Event()
        self.leaves = asyncio.Event()
        scope = {
            "type": "http",
            "method": "GET",
            "path": MESSAGES,
            "query_string": f"session_hash={session}".encode(),
            "headers": [(b"cookie", b"who=ann")],
        }
        self.task = asyncio.create_task(app(scope, self._receive, self._send))

    async def _receive(self) -> Message:
        await self.leaves.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Message) -> None:
        self.read += message.get("body", b"")
        self.more.set()

    async def until(self, words: bytes) -> None:
        while words not in self.read:
            self.more.clear()
            await self.more.wait()


async def test_an_event_ends_when_its_page_leaves() -> None:
    page = Page()
    app, inner = mounted(page)
    async with served(app) as http, asyncio.timeout(10):
        await http.post(JOIN, json=event(WAIT))
        reader = Reader(app, "abc")
        await reader.until(b"process_generating")
        await page.waits.wait()
        reader.leaves.set()
        await reader.task
    queue = inner.get_blocks()._queue
    assert "abc" not in queue.pending_messages_per_session
    assert b"process_completed" not in reader.read


async def test_a_silent_stream_says_that_it_is_alive() -> None:
    app, _ = mounted(Page(), silence_s=0.01)
    async with served(app) as http, asyncio.timeout(10):
        await http.post(JOIN, json=event(WAIT))
        reader = Reader(app, "abc")
        await reader.until(b'"msg":"heartbeat"')
        reader.leaves.set()
        await reader.task


@pytest.mark.parametrize("by", ["the queue", "the session"])
async def test_a_stream_whose_queue_or_session_is_gone_says_so_and_ends(by: str) -> None:
    app, inner = mounted(Page(), silence_s=0.01)
    async with served(app) as http, asyncio.timeout(10):
        await http.post(JOIN, json=event(WAIT))
        reader = Reader(app, "abc")
        await reader.until(b"process_generating")
        queue = inner.get_blocks()._queue
        if by == "the queue":
            queue.stopped = True
        else:
            queue.pending_messages_per_session.clear()
        await reader.task
        last = json.loads(reader.read.decode().split("data: ")[-1])
        assert last["msg"] == "unexpected_error"
        assert last["session_not_found"] is (by == "the session")


async def test_a_server_that_ends_cancels_a_stream_and_forgets_its_page() -> None:
    app, inner = mounted(Page())
    async with served(app) as http, asyncio.timeout(10):
        await http.post(JOIN, json=event(WAIT))
        reader = Reader(app, "abc")
        await reader.until(b"process_generating")
        reader.task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reader.task
        assert "abc" not in inner.get_blocks()._queue.pending_messages_per_session
