"""The gate alone: what passes, and that Gradio is told no more than was understood."""

import asyncio
import json
from typing import Any

import httpx
import pytest
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from arena.web.common.texts import load_texts
from arena.web.http.gradio_gate import GradioGate
from arena.web.http.gradio_values import BadValue

pytestmark = pytest.mark.anyio


def as_it_is(value: object) -> object:
    return value


def only_a_text(value: object) -> str:
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadValue
    return value


JOIN = "/gradio_api/queue/join"
MESSAGES = "/gradio_api/queue/data"
FILE = {"path": "/etc/hostname", "meta": {"_type": "gradio.FileData"}}
EVENTS = {4: (as_it_is, as_it_is, as_it_is), 5: (), 6: (only_a_text,)}
EVENT = {"data": ["a prompt", None, ["useful"]], "fn_index": 4, "session_hash": "abc123"}


async def _told(scope: Scope, receive: Receive, send: Send) -> None:
    """Stands for Gradio: says what it was asked."""
    request = Request(scope, receive)
    told = {"path": request.url.path, "query": request.url.query}
    told["body"] = (await request.body()).decode()
    await JSONResponse(told)(scope, receive, send)


async def ask(
    method: str,
    path: str,
    *,
    root: str = "",
    content: bytes = b"",
    headers: dict[str, str] | None = None,
    app: ASGIApp = _told,
) -> httpx.Response:
    gate = GradioGate(
        app, events=EVENTS, awaited=lambda session: session != "unknown", texts=load_texts()
    )
    transport = httpx.ASGITransport(gate, root_path=root)
    async with httpx.AsyncClient(transport=transport, base_url="http://arena.test") as client:
        return await client.request(method, path, content=content, headers=headers)


async def post(said: Any) -> httpx.Response:
    content = said if isinstance(said, bytes) else json.dumps(said).encode()
    return await ask("POST", JOIN, content=content)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/config",
        "/theme.css",
        "/favicon.ico",
        "/assets/index-Dphv_gB.js",
        "/static/fonts/a/b.woff2",
        "/gradio_api/heartbeat/abc123",
        "/gradio_api/app_id",
    ],
)
@pytest.mark.parametrize("root", ["", "/leaderboard", "/admin"])
async def test_what_our_pages_read_passes_without_its_query_wherever_the_app_is_mounted(
    root: str, path: str
) -> None:
    answer = await ask("GET", f"{root}{path}?deep_link=x&page=y", root=root)
    assert answer.json()["query"] == ""


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
@pytest.mark.parametrize(
    "path",
    [
        "/gradio_api/file=/etc/hostname",
        "/gradio_api/file/etc/hostname",
        "/gradio_api/proxy=http://127.0.0.1:22/",
        "/gradio_api/upload",
        "/gradio_api/stream/abc",
        "/gradio_api/component_server/",
        "/gradio_api/deep_link",
        "/gradio_api/dev/reload",
        "/gradio_api/call/v2/name",
        "/gradio_api/run/name",
        "/gradio_api/reset",
        "/gradio_api/cancel",
        "/assets/../../../etc/hostname",
        "/assets//etc/hostname",
        "/static/.hidden",
        "/assets/a\\b",
        "//gradio_api/app_id",
        "/gradio_api/app_id/",
        "/gradio_api/heartbeat/a/b",
        "/logout",
        "/what_the_next_version_brings",
    ],
)
async def test_nothing_else_is_there(method: str, path: str) -> None:
    assert (await ask(method, path)).status_code == 404


async def test_messages_are_asked_for_by_one_session_and_nothing_more() -> None:
    answer = await ask("GET", "/gradio_api/queue/data?session_hash=abc&file=/etc/hostname")
    assert answer.json()["query"] == "session_hash=abc"
    for query in ("", "session_hash=", "session_hash=a&session_hash=b", "session_hash=..%2Fa"):
        assert (await ask("GET", f"/gradio_api/queue/data?{query}")).status_code == 400


async def test_nobody_waits_for_messages_of_a_session_that_has_asked_for_nothing() -> None:
    answer = await ask("GET", f"{MESSAGES}?session_hash=unknown")
    assert answer.status_code == 404


def ending(error: Exception, cause: Exception | None) -> ASGIApp:
    """An app whose stream breaks off."""

    async def stream(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"data: {}", "more_body": True})
        raise error from cause

    return stream


async def test_messages_of_a_session_that_was_forgotten_meanwhile_just_end() -> None:
    gone = ending(RuntimeError("response already started"), HTTPException(404))
    answer = await ask("GET", f"{MESSAGES}?session_hash=abc", app=gone)
    assert (answer.status_code, answer.text) == (200, "data: {}")


@pytest.mark.parametrize("path", [MESSAGES, "/gradio_api/heartbeat/abc"])
async def test_a_server_that_ends_ends_its_streams_without_a_fault(path: str) -> None:
    sent: list[Any] = []
    waiting = asyncio.Event()

    async def endless(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        waiting.set()
        await asyncio.Event().wait()

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError("nothing is read")

    gate = GradioGate(endless, events={}, awaited=lambda _: True, texts=load_texts())
    scope: Scope = {"type": "http", "method": "GET", "path": path, "headers": []}
    scope["query_string"] = b"session_hash=abc"
    served = asyncio.create_task(gate(scope, receive, send))
    await waiting.wait()
    served.cancel()
    await served
    assert sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}


async def test_any_other_fault_of_messages_is_heard_of() -> None:
    faulty = ending(RuntimeError("something else"), ValueError("a cause"))
    with pytest.raises(RuntimeError, match="something else"):
        await ask("GET", f"{MESSAGES}?session_hash=abc", app=faulty)


@pytest.mark.parametrize("path", ["/gradio_api/heartbeat/abc", f"{MESSAGES}?session_hash=abc"])
@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"accept": "text/event-stream", "sec-fetch-dest": "empty"}, 200),
        ({"accept": "text/event-stream"}, 200),
        ({"sec-fetch-dest": "image"}, 404),
        ({"sec-fetch-dest": "video"}, 404),
        ({"sec-fetch-dest": "document"}, 404),
        ({"accept": "image/avif,image/webp,image/*,*/*;q=0.8"}, 404),
        ({"accept": "*/*", "range": "bytes=0-"}, 404),
    ],
)
async def test_a_picture_or_film_of_a_reply_opens_no_stream(
    path: str, headers: dict[str, str], status: int
) -> None:
    answer = await ask("GET", path, headers=headers)
    assert answer.status_code == status


async def test_an_event_is_made_anew_from_what_was_understood() -> None:
    said = {**EVENT, "trigger_id": 7, "event_data": None, "batched": True, "oauth_token": "x"}
    told = json.loads((await post(said)).json()["body"])
    assert told == {**EVENT, "trigger_id": 7}


@pytest.mark.parametrize(
    "said",
    [
        {**EVENT, "data": [FILE, None, []]},
        {**EVENT, "data": ["a", None, [FILE]]},
        {**EVENT, "data": ["a", None, [["nested"]]]},
        {**EVENT, "data": ["a", {}, []]},
        {**EVENT, "data": FILE},
        {**EVENT, "data": ["one too few", None]},
        {**EVENT, "data": ["one too many", None, [], 1]},
        {**EVENT, "event_data": FILE},
        {**EVENT, "event_data": {"index": 1}},
        {**EVENT, "trigger_id": [1]},
        {**EVENT, "trigger_id": "1"},
        {**EVENT, "fn_index": 7},
        {**EVENT, "fn_index": 6, "data": [["a"]]},
        {**EVENT, "fn_index": -1},
        {**EVENT, "fn_index": True},
        {**EVENT, "fn_index": None},
        {**EVENT, "session_hash": None},
        {**EVENT, "session_hash": "../x"},
        {**EVENT, "session_hash": "a" * 65},
        {**EVENT, "anything": [FILE]},
        [EVENT],
        "text",
        b"",
        b"\xff\xfe",
        b"{",
        b'{"data":' + b"[" * 100_000,
        b'{"data":[' + b"9" * 10_000 + b"]}",
        json.dumps({**EVENT, "data": [FILE, None, []]}).encode("utf-16"),
    ],
    ids=lambda said: str(said)[:50],
)
async def test_an_event_that_no_page_of_ours_sends_is_refused_in_a_sentence(said: Any) -> None:
    answer = await post(said)
    assert answer.status_code == 400
    assert "An event takes text" in answer.json()["detail"]


async def test_gradio_is_told_each_value_as_its_reader_understood_it() -> None:
    told = json.loads((await post({**EVENT, "fn_index": 6, "data": [None]})).json()["body"])
    assert told["data"] == [""]


async def test_of_two_members_of_one_name_gradio_sees_the_one_that_was_looked_at() -> None:
    again = ',"data":["b",null,[]]}'
    twice = json.dumps({**EVENT, "data": [FILE, None, []]})[:-1] + again
    told = json.loads((await post(twice.encode())).json()["body"])
    assert told["data"] == ["b", None, []]


async def test_what_a_field_may_hold_arrives_as_it_was() -> None:
    values = ["天空😀\u2028\x00", 1.5, ["a", None, True]]
    told = json.loads((await post({**EVENT, "data": values})).json()["body"])
    assert told["data"] == values


async def test_there_are_no_web_sockets() -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    async def nothing() -> Any:
        raise AssertionError("nobody is listened to")

    gate = GradioGate(_told, events={}, awaited=lambda _: True, texts=load_texts())
    await gate({"type": "websocket", "path": JOIN}, nothing, send)
    assert [message["type"] for message in sent] == ["websocket.close"]
