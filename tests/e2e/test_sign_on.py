"""Single sign-on on a served arena: a proxy of this machine is trusted, its neighbour is not."""

from collections.abc import Callable

import httpx
import pytest

from tests.e2e.quick import quick
from tests.e2e.serving import ADMIN_PASSWORD, ServedArena

HTML = {"accept": "text/html"}
PROXY, NEIGHBOUR = "127.0.0.1", "127.0.0.2"
CLIENT = {"x-forwarded-for": "198.51.100.9, 192.0.2.7"}


@pytest.fixture(scope="module")
def behind(serve: Callable[..., ServedArena]) -> ServedArena:
    return serve(
        "behind",
        quick(),
        ARENA_TRUSTED_PROXIES=PROXY,
        ARENA_SIGN_ON_HEADER="X-Forwarded-User",
        ARENA_ALLOWED_HOSTS="arena.example.org",
    )


def asking(arena: ServedArena, source: str) -> httpx.Client:
    """A client at this address of the machine."""
    transport = httpx.HTTPTransport(local_address=source)
    return httpx.Client(base_url=arena.address, transport=transport, headers=HTML, timeout=30)


def test_who_the_proxy_names_is_signed_in_and_judges_under_that_name(behind: ServedArena) -> None:
    with asking(behind, PROXY) as client:
        page = client.get("/", headers={"x-forwarded-user": "ada@example.org", **CLIENT})
        assert page.status_code == 200
        account = client.get("/account", headers={"x-forwarded-user": "ada@example.org"})
        assert "ada@example.org" in account.text
    names = "SELECT name FROM annotators WHERE role = 'annotator'"
    assert behind.rows(names) == [("ada@example.org",)]
    assert behind.value("SELECT count(*) FROM sessions WHERE address_id IS NOT NULL") == 1


def test_nobody_else_signs_in_by_the_header(behind: ServedArena) -> None:
    before = behind.value("SELECT count(*) FROM sessions")
    with asking(behind, NEIGHBOUR) as client:
        for path in ("/", "/account", "/admin/", "/evaluate"):
            answer = client.get(path, headers={"x-forwarded-user": "admin", **CLIENT})
            assert answer.status_code in {303, 401}, path
            assert "set-cookie" not in answer.headers
    assert behind.value("SELECT count(*) FROM sessions") == before


def test_the_proxy_itself_makes_nobody_an_admin_who_signs_in_by_password(
    behind: ServedArena,
) -> None:
    with asking(behind, PROXY) as client:
        named = {"x-forwarded-user": "admin"}
        assert client.get("/admin/", headers=named).status_code == 403
        ada = {"x-forwarded-user": "ada@example.org"}
        assert client.get("/admin/", headers=ada).status_code == 303
        login = {"name": "admin", "password": ADMIN_PASSWORD}
        assert client.post("/login", data=login, headers=ada).status_code == 303
        assert client.get("/admin/people", headers=ada).status_code == 200


def test_wrong_passwords_count_for_the_client_that_the_proxy_saw(behind: ServedArena) -> None:
    wrong = {"name": "admin", "password": "a guess"}
    with asking(behind, PROXY) as client, asking(behind, NEIGHBOUR) as neighbour:
        client.post("/login", data=wrong, headers=CLIENT)
        neighbour.post("/login", data=wrong, headers=CLIENT)
    assert "wrong password for 'admin' from 192.0.2.7" in behind.output
    assert "wrong password for 'admin' from 127.0.0.2" in behind.output
    assert "198.51.100.9" not in behind.output
