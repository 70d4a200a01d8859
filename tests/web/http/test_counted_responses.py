"""What the page answers is counted, whatever it is."""

import httpx
import pytest
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send

from arena.web.http.counted_responses import CountedResponses

pytestmark = pytest.mark.anyio


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the status that the path names; `/0` fails."""
    status = int(scope["path"].removeprefix("/"))
    if not status:
        raise OSError("disk full")
    await PlainTextResponse("", status)(scope, receive, send)


async def counted(*paths: str) -> list[str]:
    found: list[str] = []
    transport = httpx.ASGITransport(
        CountedResponses(answer, count=found.append), raise_app_exceptions=False
    )
    async with httpx.AsyncClient(transport=transport, base_url="http://arena.test") as client:
        for path in paths:
            await client.get(path)
    return found


async def test_every_answer_counts_by_the_class_of_its_status() -> None:
    assert await counted("/200", "/204", "/303", "/404", "/503") == [
        *("2xx", "2xx", "3xx", "4xx", "5xx")
    ]


async def test_what_fails_without_an_answer_counts_as_an_error_of_the_server() -> None:
    assert await counted("/0") == ["5xx"]
