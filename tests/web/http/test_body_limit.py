"""What a request may carry: counted before the application sees a byte."""

import asyncio
from collections.abc import AsyncIterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import Message

from arena.web.common.texts import load_texts
from arena.web.http.body_limit import EVENT_BYTES, FORM_BYTES, BodyLimit, limit_of

pytestmark = pytest.mark.anyio
LIMIT = 1000


class Heard:
    """An application that remembers how long the bodies were that it got."""

    def __init__(self, *, whole_body_s: float = 30.0) -> None:
        self.lengths: list[int] = []
        inner = Starlette(routes=[Route("/", self._answer, methods=["GET", "POST"])])
        self.app = BodyLimit(
            inner, limit=lambda _: LIMIT, texts=load_texts(), whole_body_s=whole_body_s
        )

    async def post(
        self, content: bytes | AsyncIterator[bytes], headers: dict[str, str] | None = None
    ) -> httpx.Response:
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(self.app), base_url="http://arena.test"
        ) as client:
            return await client.post("/", content=content, headers=headers)

    async def _answer(self, request: Request) -> PlainTextResponse:
        self.lengths.append(len(await request.body()))
        return PlainTextResponse("done")


async def pieces(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield b"x" * 100


async def test_a_body_up_to_the_limit_arrives_whole() -> None:
    heard = Heard()
    assert (await heard.post(b"x" * LIMIT)).text == "done"
    assert (await heard.post(pieces(10))).text == "done"
    assert (await heard.post(b"")).text == "done"
    assert heard.lengths == [LIMIT, LIMIT, 0]


async def test_a_longer_one_is_refused_in_a_sentence_and_never_seen() -> None:
    heard = Heard()
    declared, counted = await heard.post(b"x" * (LIMIT + 1)), await heard.post(pieces(11))
    for answer in (declared, counted):
        assert answer.status_code == 413
        assert "send less" in answer.json()["detail"]
        assert answer.headers["connection"] == "close"
    assert heard.lengths == []


async def test_the_sentence_is_in_the_readers_language() -> None:
    answer = await Heard().post(b"x" * 2000, {"accept": "text/html", "accept-language": "zh"})
    assert "请减少内容" in answer.text


@pytest.mark.parametrize("declared", ["-1", "1e9", "²", "0x10"])
async def test_a_length_that_is_no_number_is_refused(declared: str) -> None:
    heard = Heard()
    assert await status_of(heard, declared.encode("latin-1"), []) == 413
    assert heard.lengths == []


async def test_a_declared_length_above_the_limit_is_refused_before_a_byte_is_read() -> None:
    asked: list[str] = []
    assert await status_of(Heard(), b"1001", asked) == 413
    assert asked == ["after the answer"]


async def test_a_body_that_trickles_in_is_given_up() -> None:
    async def trickling() -> AsyncIterator[bytes]:
        yield b"x"
        await asyncio.Event().wait()

    answer = await Heard(whole_body_s=0.05).post(trickling())
    assert answer.status_code == 408
    assert "too long" in answer.json()["detail"]


async def test_who_leaves_before_the_end_is_not_answered() -> None:
    heard = Heard()
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    await heard.app(scope(b"10"), receive, send)
    assert (sent, heard.lengths) == ([], [])


def test_an_event_has_room_for_the_longest_prompt_in_any_writing() -> None:
    join = "/leaderboard/gradio_api/queue/join"
    assert limit_of("/login", prompt_characters=10**6) == FORM_BYTES
    assert limit_of(join, prompt_characters=100) == EVENT_BYTES
    assert limit_of(join, prompt_characters=10**6) > 12 * 10**6


def scope(length: bytes) -> dict[str, object]:
    return {
        "type": "http",
        "method": "POST",
        "path": "/",
        "query_string": b"",
        "headers": [(b"content-length", length)],
    }


async def status_of(heard: Heard, length: bytes, asked: list[str]) -> int:
    """The status for a request that declares a length; `asked` hears when the body is read."""
    statuses: list[int] = []

    async def receive() -> Message:
        asked.append("after the answer" if statuses else "before the answer")
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    await heard.app(scope(length), receive, send)
    return statuses[0]
