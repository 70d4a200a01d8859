"""What every response carries, and requests that another site makes in a person's name."""

import httpx
import pytest

from arena.web.protection import CONTENT_SECURITY_POLICY
from tests.e2e.bestiary import QUICK
from tests.e2e.driver import HttpAnnotator
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/login", 200),
        ("/leaderboard", 307),
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
    assert answer.headers["content-security-policy"] == CONTENT_SECURITY_POLICY
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
    with httpx.Client(base_url=arena.address, trust_env=False) as admin:
        admin.post("/login", data={"name": "admin", "password": ADMIN_PASSWORD})
        kept = dict(admin.cookies)
        assert admin.get("/metrics").status_code == 200
        admin.post("/logout")
    again = httpx.get(f"{arena.address}/metrics", cookies=kept, trust_env=False)
    assert again.status_code == 401
