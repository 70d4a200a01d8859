"""Who is behind a proxy: only what trusted proxies say, and only the part that they wrote."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from arena.web.http.proxies import THIS_MACHINE, Proxies, ProxyHeaders

pytestmark = pytest.mark.anyio

LAN = ("10.0.0.0/8", "2001:db8:7::/48")


@pytest.mark.parametrize(
    ("peer", "said", "client"),
    [
        ("10.0.0.1", [], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", ["192.0.2.7", "10.0.0.2"], "192.0.2.7"),
        ("10.0.0.1", ["10.0.0.3", "10.0.0.2"], "10.0.0.3"),
        ("192.0.2.9", ["192.0.2.7"], "192.0.2.9"),
        ("10.0.0.1", ["198.51.100.1", "192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", ["198.51.100.1", "192.0.2.7", "10.0.0.2"], "192.0.2.7"),
        ("10.0.0.1", ["10.0.0.9", "192.0.2.7"], "192.0.2.7"),
        ("10.0.0.1", ["unknown"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.7", "_hidden"], "10.0.0.1"),
        ("10.0.0.1", ["192.0.2.7:5123"], "192.0.2.7"),
        ("10.0.0.1", ["[2001:db8::1]:443"], "2001:db8::1"),
        ("10.0.0.1", ["2001:db8::1"], "2001:db8::1"),
        ("::ffff:10.0.0.1", ["192.0.2.7"], "192.0.2.7"),
        ("2001:db8:7::5", ["192.0.2.7"], "192.0.2.7"),
        ("testclient", ["192.0.2.7"], "testclient"),
        ("", ["192.0.2.7"], ""),
    ],
)
def test_the_client_is_the_last_address_that_no_trusted_proxy_has(
    peer: str, said: list[str], client: str
) -> None:
    assert Proxies(LAN).client(peer, said) == client


def test_where_everybody_is_trusted_the_first_address_is_the_client() -> None:
    assert Proxies(["*"]).client("192.0.2.9", ["198.51.100.1", "192.0.2.7"]) == "198.51.100.1"


async def _answer(request: Request) -> JSONResponse:
    assert request.client is not None
    return JSONResponse(
        {
            "client": request.client.host,
            "scheme": request.url.scheme,
            "headers": sorted(request.headers.keys()),
        }
    )


async def ask(
    headers: list[tuple[str, str]], *, peer: str, networks: tuple[str, ...] = LAN
) -> dict[str, object]:
    inner = Starlette(routes=[Route("/", _answer)])
    app = ProxyHeaders(inner, proxies=Proxies(networks), more=["Remote-User"])
    transport = httpx.ASGITransport(app, client=(peer, 5000))
    async with httpx.AsyncClient(transport=transport, base_url="http://arena.test") as client:
        answer = await client.get("/", headers=headers)
    found: dict[str, object] = answer.json()
    return found


SAID = [
    ("X-Forwarded-For", "198.51.100.1"),
    ("X-Forwarded-For", "192.0.2.7"),
    ("X-Forwarded-Proto", "https"),
    ("X-Forwarded-Host", "arena.example.org"),
    ("X-Real-IP", "198.51.100.1"),
    ("Forwarded", "for=198.51.100.1"),
    ("Remote-User", "ada"),
]


async def test_a_trusted_proxy_tells_address_and_scheme() -> None:
    found = await ask(SAID, peer="10.1.2.3")
    assert (found["client"], found["scheme"]) == ("192.0.2.7", "https")
    assert {"remote-user", "x-forwarded-host"} <= set(found["headers"])  # type: ignore[call-overload]


@pytest.mark.parametrize("peer", ["192.0.2.9", "127.0.0.1", "11.0.0.1"])
async def test_nobody_else_tells_anything(peer: str) -> None:
    found = await ask(SAID, peer=peer)
    assert (found["client"], found["scheme"]) == (peer, "http")
    told = {name.lower() for name, _ in SAID}
    assert not told & set(found["headers"])  # type: ignore[call-overload]


@pytest.mark.parametrize(
    ("said", "scheme"), [("gopher", "http"), ("", "http"), ("http, https", "https")]
)
async def test_a_scheme_is_the_one_that_the_nearest_proxy_saw(said: str, scheme: str) -> None:
    found = await ask([("X-Forwarded-Proto", said)], peer="10.0.0.1")
    assert found["scheme"] == scheme


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1"])
async def test_this_machine_is_trusted_unless_proxies_are_named(peer: str) -> None:
    found = await ask(SAID, peer=peer, networks=THIS_MACHINE)
    assert found["client"] == "192.0.2.7"
