"""Gradio's routes as our pages use them, on a real app of Gradio mounted at the root."""

import threading

import gradio as gr
import httpx
import pytest
from fastapi import FastAPI, HTTPException, Request
from gradio.routes import App
from starlette.routing import Match, Mount

from arena.web.http.gradio_routes import find_events_first, trim_routes

pytestmark = pytest.mark.anyio

EVENT = {"data": ["words"], "fn_index": 0, "session_hash": "abc", "trigger_id": None}


class Guard:
    """Lets those in who have a cookie; remembers in which thread it was asked."""

    def __init__(self) -> None:
        self.threads: list[int] = []

    async def __call__(self, request: Request) -> str:
        self.threads.append(threading.get_ident())
        if "who" not in request.cookies:
            raise HTTPException(401)
        return request.cookies["who"]


def mounted_page(guard: Guard) -> tuple[FastAPI, Mount, App]:
    with gr.Blocks(analytics_enabled=False) as blocks:
        box = gr.Textbox()
        box.submit(lambda text: text, box, box)
    app = FastAPI()
    app.add_api_route("/ours", lambda: "ours")
    gr.mount_gradio_app(app, blocks, "/", auth_dependency=guard, ssr_mode=False)
    mounted = app.routes[-1]
    assert isinstance(mounted, Mount)
    assert isinstance(mounted.app, App)
    return app, mounted, mounted.app


def page(guard: Guard) -> tuple[FastAPI, Mount]:
    app, mounted, inner = mounted_page(guard)
    trim_routes(inner)
    find_events_first(app, mounted)
    return app, mounted


def client(app: FastAPI, **cookies: str) -> httpx.AsyncClient:
    transport = httpx.ASGITransport(app=app)
    return httpx.AsyncClient(transport=transport, base_url="http://arena", cookies=cookies)


async def test_what_pages_use_is_there_and_nothing_else_of_gradio() -> None:
    app, _ = page(Guard())
    async with client(app, who="ann") as http:
        for path in ("/", "/config", "/theme.css", "/gradio_api/app_id", "/ours"):
            assert (await http.get(path)).status_code == 200, path
        for path in ("/gradio_api/info", "/gradio_api/file=x", "/monitoring", "/robots.txt"):
            assert (await http.get(path)).status_code == 404, path


async def test_events_are_refused_to_whom_the_guard_refuses_and_else_taken() -> None:
    guard = Guard()
    app, _ = page(guard)
    for cookies, status in (({}, 401), ({"who": "ann"}, 200)):
        async with client(app, **cookies) as http:
            assert (await http.post("/gradio_api/queue/join", json=EVENT)).status_code == status
            config = await http.get("/config")
            assert config.status_code == status
    async with client(app) as http:
        messages = await http.get("/gradio_api/queue/data", params={"session_hash": "abc"})
        assert messages.status_code == 401
    assert set(guard.threads) == {threading.get_ident()}


async def test_events_of_the_page_at_the_root_are_found_before_all_other_routes() -> None:
    app, mounted = page(Guard())
    scope = {"type": "http", "method": "POST", "path": "/gradio_api/queue/join", "headers": []}
    first = app.router.routes[0]
    match, child = first.matches(scope)
    assert match is Match.FULL
    assert child["endpoint"] is mounted.app
    assert first.matches(scope | {"path": "/ours"})[0] is Match.NONE
    assert first.matches(scope | {"path": "/admin/gradio_api/queue/join"})[0] is Match.NONE


async def test_a_gradio_without_a_route_that_is_needed_is_refused() -> None:
    _, _, inner = mounted_page(Guard())
    inner.router.routes[:] = [one for one in inner.routes if getattr(one, "path", "") != "/config"]
    with pytest.raises(TypeError, match="no route any more for /config"):
        trim_routes(inner)
