"""Names that the arena answers to, and those that were only pointed at it."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from arena.web.common.texts import load_texts
from arena.web.http.allowed_hosts import AllowedHosts

pytestmark = pytest.mark.anyio


async def _answer(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("done")


async def ask(
    host: str, *names: str, addresses: bool = False, forwarded: str | None = None
) -> httpx.Response:
    inner = Starlette(routes=[Route("/", _answer)])
    app = AllowedHosts(inner, names=names, addresses=addresses, texts=load_texts())
    headers = {"host": host} | ({"x-forwarded-host": forwarded} if forwarded else {})
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://arena.test"
    ) as client:
        return await client.get("/", headers=headers)


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:7860", "localhost.", "127.0.0.1:7860", "127.8.9.1", "[::1]:7860"],
)
async def test_loopback_names_are_always_ours(host: str) -> None:
    assert (await ask(host)).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "evil.example:7860",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "192.0.2.1",
        "localhost@evil.example",
        "evil.example/localhost",
        "localhost:seven",
        "[::1",
        "localhost, evil.example",
    ],
)
async def test_any_other_name_is_refused_with_the_setting_that_allows_it(host: str) -> None:
    answer = await ask(host)
    assert answer.status_code == 421
    assert "ARENA_ALLOWED_HOSTS" in answer.json()["detail"]


async def test_a_configured_name_is_ours_whatever_its_port_and_case() -> None:
    for host in ("arena.example.org", "Arena.Example.org:443"):
        assert (await ask(host, "arena.example.org", "other")).status_code == 200
    assert (await ask("x.arena.example.org", "arena.example.org")).status_code == 421


async def test_an_address_that_is_written_out_is_ours_where_other_machines_may_come() -> None:
    for host in ("192.0.2.1:7860", "[2001:db8::1]"):
        assert (await ask(host, addresses=True)).status_code == 200
    assert (await ask("evil.example", addresses=True)).status_code == 421


async def test_the_name_that_a_proxy_was_asked_by_must_be_ours_too() -> None:
    assert (await ask("127.0.0.1:7860", forwarded="evil.example")).status_code == 421
    assert (await ask("127.0.0.1:7860", "a.example", forwarded="a.example")).status_code == 200
    two = await ask("127.0.0.1", "a.example", forwarded="a.example, evil.example")
    assert two.status_code == 421


async def test_a_star_allows_every_name() -> None:
    assert (await ask("anything.example", "*")).status_code == 200
