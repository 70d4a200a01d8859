"""The middleware alone: whose writes pass."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from arena.web.common.texts import load_texts
from arena.web.http.security_headers import HEADERS, PLAIN_PAGE_POLICY, Protection

pytestmark = pytest.mark.anyio


async def _answer(_request: Request) -> PlainTextResponse:
    return PlainTextResponse("done", headers={"x-frame-options": "SAMEORIGIN"})


APP = Protection(
    Starlette(routes=[Route("/", _answer, methods=["GET", "POST", "DELETE"])]), texts=load_texts()
)


async def ask(method: str, headers: dict[str, str]) -> httpx.Response:
    transport = httpx.ASGITransport(APP)
    async with httpx.AsyncClient(transport=transport, base_url="http://arena.test") as client:
        return await client.request(method, "/", headers=headers)


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"sec-fetch-site": "cross-site", "origin": "http://arena.test"},
        {"origin": "http://evil.test"},
        {"origin": "http://arena.test.evil.test"},
        {"origin": "http://arena.test:8080"},
        {"origin": "null"},
    ],
)
@pytest.mark.parametrize("method", ["POST", "DELETE"])
async def test_a_write_that_another_site_made_is_refused(
    method: str, headers: dict[str, str]
) -> None:
    answer = await ask(method, headers)
    assert answer.status_code == 403
    assert "another site" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "http://arena.test"},
        {"origin": "http://arena.test", "host": "arena.test:80"},
        {"origin": "https://arena.test", "host": "arena.test:443"},
        {"origin": "https://outside.test", "x-forwarded-host": "outside.test"},
    ],
)
async def test_a_write_of_our_own_page_or_of_a_program_passes(headers: dict[str, str]) -> None:
    assert (await ask("POST", headers)).text == "done"


async def test_reading_from_another_site_passes_since_it_changes_nothing() -> None:
    assert (await ask("GET", {"sec-fetch-site": "cross-site"})).status_code == 200


async def test_headers_are_on_every_answer_and_replace_weaker_ones() -> None:
    refused = await ask("POST", {"origin": "null"})
    for answer in (await ask("GET", {}), refused):
        assert {name: answer.headers.get(name) for name in HEADERS} == HEADERS


@pytest.mark.parametrize(
    ("policy", "kept"), [(PLAIN_PAGE_POLICY, True), ("default-src *", False), ("", False)]
)
async def test_an_answer_may_bring_the_stricter_policy_of_ours_and_no_other(
    policy: str, kept: bool
) -> None:
    async def plain(_request: Request) -> PlainTextResponse:
        return PlainTextResponse("done", headers={"content-security-policy": policy})

    app = Protection(Starlette(routes=[Route("/", plain)]), texts=load_texts())
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://arena.test") as client:
        answer = await client.get("/")
    expected = policy if kept else HEADERS["content-security-policy"]
    assert answer.headers["content-security-policy"] == expected
    assert answer.headers["x-frame-options"] == "DENY"
