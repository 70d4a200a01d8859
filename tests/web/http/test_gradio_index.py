"""The one page that Gradio writes itself, below a path."""

import httpx
import pytest
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from arena.web.http.gradio_index import PlacedIndex

pytestmark = pytest.mark.anyio

MANIFEST = '<link rel="manifest" href="/manifest.json" />'


async def page(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the manifest at every path, and say which encodings were offered."""
    offered = [value for name, value in scope["headers"] if name == b"accept-encoding"]
    await HTMLResponse(f"<head>{MANIFEST}</head>{len(offered)}")(scope, receive, send)


async def get(path: str) -> httpx.Response:
    transport = httpx.ASGITransport(PlacedIndex(page, root_path="/lab7"))
    async with httpx.AsyncClient(transport=transport, base_url="http://arena.test") as client:
        return await client.get(path)


async def test_its_icon_is_that_of_the_arena_and_its_manifest_is_gone() -> None:
    answer = await get("/")
    assert answer.text == '<head><link rel="icon" href="/lab7/favicon.ico"></head>0'
    assert int(answer.headers["content-length"]) == len(answer.text)


async def test_everything_else_passes_as_it_is() -> None:
    assert (await get("/config")).text == f"<head>{MANIFEST}</head>1"
