"""An arena below a path: what a proxy passes on, and what browsers are told."""

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import PlainTextResponse, RedirectResponse
from starlette.applications import Starlette
from starlette.routing import Route

from arena.web.http.root_path import RootPath, path_inside

pytestmark = pytest.mark.anyio


def inner() -> FastAPI:
    """Answers with where it is, and leads elsewhere."""
    app = FastAPI()

    @app.get("/where")
    async def where(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"{path_inside(request.scope)} at {request.base_url}")

    @app.get("/away")
    async def away(to: str) -> RedirectResponse:
        response = RedirectResponse(to, 303)
        response.headers.append("set-cookie", "session=1; HttpOnly; Path=/; SameSite=lax")
        response.headers.append("set-cookie", "other=2; Path=/")
        return response

    async def below(request: Request) -> PlainTextResponse:
        return PlainTextResponse(f"{path_inside(request.scope)} in {request.scope['root_path']}")

    app.mount("/mounted", Starlette(routes=[Route("/page", below)]))
    return app


async def get(path: str, *, root_path: str = "/lab7") -> httpx.Response:
    transport = httpx.ASGITransport(RootPath(inner(), root_path=root_path))
    async with httpx.AsyncClient(transport=transport, base_url="http://arena.test") as client:
        return await client.get(path)


@pytest.mark.parametrize("path", ["/lab7/where", "/where"])
async def test_a_proxy_may_keep_the_path_or_take_it_off(path: str) -> None:
    assert (await get(path)).text == "/where at http://arena.test/lab7/"


@pytest.mark.parametrize("path", ["/lab7/mounted/page", "/mounted/page"])
async def test_mounted_apps_know_where_they_are(path: str) -> None:
    assert (await get(path)).text == "/page in /lab7/mounted"


@pytest.mark.parametrize(
    ("to", "leads"),
    [
        ("/login", "/lab7/login"),
        ("/", "/lab7/"),
        ("https://elsewhere.example/", "https://elsewhere.example/"),
        ("//elsewhere.example/", "//elsewhere.example/"),
    ],
)
async def test_redirects_stay_below_the_path(to: str, leads: str) -> None:
    answer = await get(f"/lab7/away?to={to}")
    assert answer.headers["location"] == leads


async def test_cookies_are_for_this_arena_alone() -> None:
    answer = await get("/lab7/away?to=/")
    assert answer.headers.get_list("set-cookie") == [
        "session=1; HttpOnly; Path=/lab7/; SameSite=lax",
        "other=2; Path=/lab7/",
    ]


async def test_the_path_without_its_slash_leads_to_the_first_page() -> None:
    answer = await get("/lab7?locale=zh")
    assert (answer.status_code, answer.headers["location"]) == (307, "/lab7/?locale=zh")


async def test_a_path_that_only_begins_alike_is_another_one() -> None:
    assert (await get("/lab77/where")).status_code == 404


async def test_without_a_path_nothing_is_changed() -> None:
    assert (await get("/where", root_path="")).text == "/where at http://arena.test/"
    assert (await get("/away?to=/login", root_path="")).headers["location"] == "/login"
