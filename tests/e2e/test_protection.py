"""What every response carries, and requests that another site makes in a person's name."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from arena.web.http.security_headers import CONTENT_SECURITY_POLICY, PLAIN_PAGE_POLICY
from tests.e2e.bestiary import QUICK
from tests.e2e.driver import HttpAnnotator
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/login", 200),
        ("/leaderboard", 200),
        ("/leaderboard/", 307),
        ("/leaderboard/board", 303),
        ("/admin/", 303),
        ("/healthz", 200),
        ("/readyz", 200),
        ("/metrics", 401),
        ("/nothing-here", 404),
        ("/arena-static/login.css", 200),
        ("/admin/exports/votes.csv", 401),
    ],
)
def test_every_response_carries_the_security_headers(
    arena: ServedArena, path: str, status: int
) -> None:
    answer = httpx.get(arena.address + path, headers={"accept": "text/html"}, trust_env=False)
    assert answer.status_code == status
    policy = PLAIN_PAGE_POLICY if path == "/leaderboard" else CONTENT_SECURITY_POLICY
    assert answer.headers["content-security-policy"] == policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "same-origin"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_a_write_from_another_site_is_refused_and_changes_nothing(
    arena: ServedArena, headers: dict[str, str]
) -> None:
    with HttpAnnotator(arena.address) as ada:
        ada.load()
        before = arena.value("SELECT count(*) FROM battles")
        body = {"data": [QUICK, None, "", ""], "fn_index": 2, "session_hash": ada.session_hash}
        joined = ada.http.post("/gradio_api/queue/join", json=body, headers=headers)
        login = {"name": "admin", "password": ADMIN_PASSWORD}
        signed_in = ada.http.post("/login", data=login, headers=headers)

        for refused in (joined, signed_in):
            assert refused.status_code == 403
            assert "another site" in refused.text
            assert "set-cookie" not in refused.headers
        assert arena.value("SELECT count(*) FROM battles") == before


def test_the_session_cookie_is_closed_to_scripts_and_to_other_sites(arena: ServedArena) -> None:
    page = httpx.get(f"{arena.address}/", headers={"accept": "text/html"}, trust_env=False)
    cookie = page.headers["set-cookie"].lower()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "path=/" in cookie


def test_a_session_that_was_signed_out_opens_nothing_any_more(arena: ServedArena) -> None:
    with signed_in(arena) as admin:
        kept = dict(admin.cookies)
        assert admin.get("/metrics").status_code == 200
        assert admin.post("/logout", data={"token": sign_out_token(admin)}).status_code == 303
    again = httpx.get(f"{arena.address}/metrics", cookies=kept, trust_env=False)
    assert again.status_code == 401


@contextmanager
def signed_in(arena: ServedArena) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=arena.address, trust_env=False) as admin:
        admin.post("/login", data={"name": "admin", "password": ADMIN_PASSWORD})
        yield admin


def sign_out_token(admin: httpx.Client) -> str:
    """As it stands in the form of the page's header."""
    with HttpAnnotator(str(admin.base_url), cookies=admin.cookies, app="/admin") as page:
        header = page.load().outputs["header"]
    found = re.search(
        r'action="/logout"><input type="hidden" name="token" value="(\w{64})"', header
    )
    assert found
    return found[1]


@pytest.mark.parametrize("token", [None, "", "0" * 64, "ü"])
def test_a_form_in_a_models_answer_cannot_sign_anybody_out(
    arena: ServedArena, token: str | None
) -> None:
    """It stands on our own page, so the browser calls its post one of the same origin."""
    same = {"origin": arena.address, "sec-fetch-site": "same-origin", "accept-language": "zh"}
    with signed_in(arena) as admin:
        answer = admin.post("/logout", data={"token": token} if token else {}, headers=same)
        assert answer.status_code == 403
        assert "刷新" in answer.json()["detail"]
        assert admin.get("/metrics").status_code == 200


def test_the_token_of_another_session_signs_nobody_out(arena: ServedArena) -> None:
    with signed_in(arena) as one, signed_in(arena) as other:
        answer = other.post("/logout", data={"token": sign_out_token(one)})
        assert answer.status_code == 403
        assert other.get("/metrics").status_code == 200


@pytest.mark.parametrize("app", ["", "/leaderboard", "/admin"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_an_image_whose_address_is_the_sign_out_does_nothing(
    arena: ServedArena, app: str, method: str
) -> None:
    with signed_in(arena) as admin:
        answer = admin.request(method, f"{app}/logout", headers={"accept": "image/*"})
        assert answer.status_code == 404
        assert "set-cookie" not in answer.headers
        assert admin.get("/metrics").status_code == 200


@pytest.mark.parametrize("origin", ["http://localhost:9999", "http://127.0.0.1:9999", "null"])
@pytest.mark.parametrize("app", ["", "/leaderboard", "/admin"])
def test_no_answer_may_be_read_by_another_origin(arena: ServedArena, app: str, origin: str) -> None:
    asks = {"origin": origin, "access-control-request-method": "POST"}
    with signed_in(arena) as admin:
        answers = [
            admin.get(f"{app}/config", headers={"origin": origin}),
            admin.options(f"{app}/gradio_api/queue/join", headers=asks),
            admin.get("/metrics", headers={"origin": origin}),
            admin.options("/login", headers=asks),
        ]
    for answer in answers:
        assert [name for name in answer.headers if name.startswith("access-control")] == []


@pytest.mark.parametrize("path", ["/", "/config", "/login", "/healthz", "/admin/", "/metrics"])
def test_a_name_that_was_pointed_at_this_machine_gets_nothing(
    arena: ServedArena, path: str
) -> None:
    with signed_in(arena) as admin:
        for host in ("evil.example", f"evil.example:{arena.port}", "192.0.2.1", "localhost.evil"):
            answer = admin.get(path, headers={"host": host, "accept": "text/html"})
            assert answer.status_code == 421
            assert "ARENA_ALLOWED_HOSTS" in answer.text
            assert "set-cookie" not in answer.headers
