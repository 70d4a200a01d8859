"""Single sign-on over HTTP: the name that a trusted proxy sends is who a request is of."""

from datetime import timedelta
from http.cookies import SimpleCookie

import httpx
import pytest
from fastapi import FastAPI, Request
from starlette.types import ASGIApp

from arena.services.accounts import Accounts
from arena.services.people import People
from arena.services.single_sign_on import SingleSignOn
from arena.storage.database import Database
from arena.web.common.texts import load_texts
from arena.web.http.access import COOKIE, Access, GuestSessions
from arena.web.http.proxies import Proxies, ProxyHeaders
from arena.web.http.rate_limit import RateLimit
from arena.web.http.sign_on import SignOn
from tests.fakes.clock import VirtualClock
from tests.fakes.passwords import CHEAP_PASSWORDS

pytestmark = pytest.mark.anyio

HTML = {"accept": "text/html,application/xhtml+xml"}
PROXY, STRANGER = "10.0.0.1", "192.0.2.1"
ADMIN_PASSWORD = "spring tides at noon"


class Front:
    """An app that says who asks, behind the doors of a real one."""

    def __init__(self, database: Database) -> None:
        self.clock = VirtualClock()
        self.accounts = Accounts(
            database, self.clock, session_length=timedelta(hours=3), passwords=CHEAP_PASSWORDS
        )
        self.people = People(database, self.clock)
        access = Access(self.accounts, open_annotators=True, secure=False)
        inner = FastAPI()

        @inner.api_route("/", methods=["GET", "POST"])
        @inner.api_route("/evaluate", methods=["GET", "POST"])
        def who(request: Request) -> str:
            caller = access.caller(request)
            return caller.name if caller else "nobody"

        texts = load_texts()
        app: ASGIApp = inner
        app = GuestSessions(app, access=access, limit=RateLimit("100/minute"), texts=texts)
        sign_on = SingleSignOn(database, self.clock, self.accounts)
        app = SignOn(app, header="remote-user", people=sign_on, access=access, texts=texts)
        proxies = Proxies(["10.0.0.0/8"])
        self._app = ProxyHeaders(app, proxies=proxies, more=["remote-user"])

    async def ask(
        self,
        user: str | bytes | None = None,
        *,
        cookie: str | None = None,
        method: str = "GET",
        path: str = "/evaluate",
        peer: str = PROXY,
        accept: dict[str, str] = HTML,
    ) -> httpx.Response:
        said = user.encode() if isinstance(user, str) else user
        headers = [*accept.items(), *([("remote-user", said)] if said is not None else [])]
        cookies = {COOKIE: cookie} if cookie else {}
        transport = httpx.ASGITransport(self._app, client=(peer, 1234))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://arena.test", cookies=cookies
        ) as client:
            return await client.request(method, path, headers=headers)  # type: ignore[arg-type]


def token_of(answer: httpx.Response) -> str:
    return SimpleCookie(answer.headers.get("set-cookie", ""))[COOKIE].value


@pytest.fixture
def front(database: Database) -> Front:
    return Front(database)


@pytest.mark.parametrize("name", ["ada@example.org", "王小明"])
async def test_who_opens_a_page_is_who_the_proxy_says(front: Front, name: str) -> None:
    first = await front.ask(name)
    assert first.json() == name
    cookie = SimpleCookie(first.headers["set-cookie"])[COOKIE]
    assert cookie["httponly"]
    assert cookie["samesite"].lower() == "lax"

    again = await front.ask(name, cookie=token_of(first), method="POST")
    assert again.json() == name
    assert "set-cookie" not in again.headers


async def test_nobody_but_a_trusted_proxy_can_say_so(front: Front) -> None:
    direct = await front.ask("ada", peer=STRANGER)
    assert direct.json() == "nobody"
    assert "set-cookie" not in direct.headers


async def test_another_name_ends_the_others_session_in_this_browser(front: Front) -> None:
    ada = token_of(await front.ask("ada"))

    bob = await front.ask("bob", cookie=ada)

    assert bob.json() == "bob"
    assert token_of(bob) != ada


async def test_an_event_with_anothers_cookie_is_nobodys(front: Front) -> None:
    ada = token_of(await front.ask("ada"))
    late = await front.ask("bob", cookie=ada, method="POST")
    assert late.json() == "nobody"
    assert "set-cookie" not in late.headers


async def test_an_event_without_a_cookie_opens_no_session(front: Front) -> None:
    event = await front.ask("ada", method="POST", accept={"accept": "*/*"})
    assert event.json() == "nobody"
    assert front.people.all() == []


async def test_an_admin_who_signed_in_by_password_goes_on(front: Front) -> None:
    front.accounts.set_admin_password(ADMIN_PASSWORD)
    admin = front.accounts.log_in("admin", ADMIN_PASSWORD).token
    assert (await front.ask("ada", cookie=admin)).json() == "admin"


async def test_a_request_that_the_proxy_says_nothing_of_is_of_its_cookie(front: Front) -> None:
    ada = token_of(await front.ask("ada"))
    assert (await front.ask(cookie=ada)).json() == "ada"
    for nothing in (None, "", " "):
        assert (await front.ask(nothing)).json() == "nobody"
    assert (await front.ask(path="/")).json().startswith("guest-")


@pytest.mark.parametrize("name", ["admin", "guest-1", b"\xff\xfe", "A" * 81])
async def test_a_name_that_nobody_can_have_is_refused_in_words(
    front: Front, name: str | bytes
) -> None:
    front.accounts.set_admin_password(ADMIN_PASSWORD)
    answer = await front.ask(name)
    assert answer.status_code == 403
    assert "sign-on" in answer.text
    assert "set-cookie" not in answer.headers


async def test_two_names_are_none(front: Front) -> None:
    transport = httpx.ASGITransport(front._app, client=(PROXY, 1))
    async with httpx.AsyncClient(transport=transport, base_url="http://arena.test") as client:
        said = [*HTML.items(), ("remote-user", "ada"), ("remote-user", "bob")]
        answer = await client.get("/evaluate", headers=said)
    assert answer.status_code == 403


async def test_a_disabled_annotator_is_refused_and_told_so(front: Front) -> None:
    ada = token_of(await front.ask("ada"))
    front.people.disable(["ada"])
    await front.clock.advance(3)
    assert (await front.ask("ada", cookie=ada)).status_code == 403
