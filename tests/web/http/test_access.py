"""Sessions over HTTP: who gets a cookie, what it is like, and when it ends."""

from datetime import timedelta
from http.cookies import SimpleCookie

import httpx
import pytest
from fastapi import Depends, FastAPI
from sqlalchemy import text

from arena.services.accounts import Accounts
from arena.services.board.suspicious_addresses import AddressHashes
from arena.storage.database import Database
from arena.web.common.texts import load_texts
from arena.web.http.access import COOKIE, Access, GuestSessions
from arena.web.http.rate_limit import RateLimit
from tests.fakes.clock import VirtualClock
from tests.fakes.passwords import CHEAP_PASSWORDS

pytestmark = pytest.mark.anyio
HTML = {"accept": "text/html,application/xhtml+xml"}
LENGTH = timedelta(hours=3)


class Doors:
    """An app with an open page, a page for admins, and accounts in a real database."""

    def __init__(
        self,
        database: Database,
        *,
        open_annotators: bool = True,
        secure: bool = False,
        guests: str = "100/minute",
    ) -> None:
        self.clock = VirtualClock()
        self.accounts = Accounts(
            database,
            self.clock,
            session_length=LENGTH,
            hashes=AddressHashes(b"key"),
            passwords=CHEAP_PASSWORDS,
        )
        access = Access(self.accounts, open_annotators=open_annotators, secure=secure)
        self._app = FastAPI()
        self._app.add_middleware(
            GuestSessions, access=access, limit=RateLimit(guests), texts=load_texts()
        )
        anybody = Depends(access.require(lambda _: True))
        admin = Depends(access.require(lambda caller: caller.is_admin))

        @self._app.get("/")
        @self._app.get("/elsewhere")
        def page(name: str = anybody) -> str:
            return name

        @self._app.get("/admin")
        def admin_page(name: str = admin) -> str:
            return name

    async def get(
        self,
        path: str = "/",
        cookie: str | None = None,
        headers: dict[str, str] = HTML,
        address: str = "192.0.2.1",
    ) -> httpx.Response:
        cookies = {COOKIE: cookie} if cookie else {}
        transport = httpx.ASGITransport(self._app, client=(address, 1234))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://arena.test", cookies=cookies
        ) as client:
            return await client.get(path, headers=headers)


def given(answer: httpx.Response) -> SimpleCookie:
    return SimpleCookie(answer.headers.get("set-cookie", ""))


async def test_who_opens_the_page_becomes_a_guest_at_once(database: Database) -> None:
    answer = await Doors(database).get()
    assert answer.status_code == 200
    assert answer.json().startswith("guest-")
    morsel = given(answer)[COOKIE]
    assert morsel["httponly"]
    assert morsel["samesite"].lower() == "lax"
    assert morsel["path"] == "/"
    assert not morsel["domain"]
    assert int(morsel["max-age"]) == LENGTH.total_seconds()
    assert not morsel["secure"]


async def test_behind_tls_the_cookie_is_never_sent_in_the_clear(database: Database) -> None:
    answer = await Doors(database, secure=True).get()
    assert given(answer)[COOKIE]["secure"]


async def test_one_address_becomes_so_many_guests_and_is_told_when_to_come_again(
    database: Database,
) -> None:
    doors = Doors(database, guests="2/hour")
    first = [await doors.get() for _ in range(2)]
    third = await doors.get(headers={**HTML, "accept-language": "zh"})
    assert [answer.status_code for answer in first] == [200, 200]
    assert third.status_code == 429
    assert int(third.headers["retry-after"]) > 3000
    assert "新访客" in third.text
    assert not given(third)
    assert (await doors.get(cookie=given(first[0])[COOKIE].value)).status_code == 200


async def test_a_guest_stays_the_same_guest(database: Database) -> None:
    doors = Doors(database)
    first = await doors.get()
    again = await doors.get(cookie=given(first)[COOKIE].value)
    assert again.json() == first.json()
    assert not given(again)


async def test_a_cookie_that_is_nobodys_is_replaced(database: Database) -> None:
    answer = await Doors(database).get(cookie="forged")
    assert answer.status_code == 200
    assert given(answer)[COOKIE].value not in {"", "forged"}


async def test_a_session_ends_after_its_time(database: Database) -> None:
    doors = Doors(database, open_annotators=False)
    token = doors.accounts.open_guest_session().token
    assert (await doors.get(cookie=token)).status_code == 200
    await doors.clock.advance(LENGTH.total_seconds() + 1)
    assert (await doors.get(cookie=token)).status_code == 303


@pytest.mark.parametrize(
    ("path", "headers"), [("/elsewhere", HTML), ("/", {"accept": "application/json"})]
)
async def test_only_opening_a_page_makes_a_guest(
    database: Database, path: str, headers: dict[str, str]
) -> None:
    answer = await Doors(database).get(path, headers=headers)
    assert answer.status_code in {303, 401}
    assert not given(answer)


async def test_in_closed_mode_nobody_becomes_a_guest(database: Database) -> None:
    answer = await Doors(database, open_annotators=False).get()
    assert (answer.status_code, answer.headers["location"]) == (303, "/login")
    assert not given(answer)


async def test_a_guest_is_not_an_admin_and_programs_get_no_redirect(database: Database) -> None:
    doors = Doors(database)
    token = doors.accounts.open_guest_session().token
    person = await doors.get("/admin", cookie=token)
    program = await doors.get("/admin", cookie=token, headers={"accept": "*/*"})
    assert (person.status_code, person.headers["location"]) == (303, "/login")
    assert program.status_code == 401


async def test_an_admin_passes_until_the_password_is_changed(database: Database) -> None:
    doors = Doors(database)
    doors.accounts.set_admin_password("first-password")
    token = doors.accounts.log_in("admin", "first-password").token
    assert (await doors.get("/admin", cookie=token)).status_code == 200
    doors.accounts.set_admin_password("second-password")
    assert (await doors.get("/admin", cookie=token)).status_code == 303


async def test_guests_of_one_address_or_one_ipv6_network_are_known_to_be_so_by_a_hash_alone(
    database: Database,
) -> None:
    doors = Doors(database)
    for address in (
        *("192.0.2.1", "192.0.2.1", "::ffff:192.0.2.1", "192.0.2.2"),
        *("2001:db8:1:2::7", "2001:db8:1:2:aaaa:bbbb:cccc:dddd", "2001:db8:1:3::7"),
    ):
        assert (await doors.get(address=address)).status_code == 200

    with database.reading() as connection:
        numbers = connection.execute(text("SELECT address_id FROM sessions ORDER BY annotator_id"))
        assert numbers.scalars().all() == [1, 1, 1, 2, 3, 3, 4]
        hashes = connection.execute(text("SELECT hash FROM addresses")).scalars().all()
    assert {len(one) for one in hashes} == {32}
    stored = "".join(database.engine.raw_connection().iterdump())
    assert "192.0.2" not in stored
    assert "2001:db8" not in stored
