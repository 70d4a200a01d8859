"""The page of one's own account: only its owner changes it, and only from that page."""

import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from arena.services.accounts import Accounts
from arena.services.own_account import OwnAccount
from arena.services.people import People
from arena.storage.database import Database
from arena.web.common.texts import load_texts
from arena.web.http.access import COOKIE, Access
from arena.web.http.account import account_router
from arena.web.http.security_headers import PLAIN_PAGE_POLICY
from arena.web.http.sign_ins import SignIns
from tests.fakes.loop import FakeClock
from tests.fakes.passwords import CHEAP_PASSWORDS

PASSWORD, OTHER = "spring tides at noon", "neap tides at noon"


class House:
    """The page over a real database, and browsers of people."""

    def __init__(self, database: Database) -> None:
        clock = FakeClock()
        self.accounts = Accounts(
            database, clock, session_length=timedelta(hours=10), passwords=CHEAP_PASSWORDS
        )
        self.people = People(database, clock)
        self.people.add([("Ada", None), ("Bob", None)])
        own = OwnAccount(database, clock, self.accounts, passwords=CHEAP_PASSWORDS)
        access = Access(self.accounts, open_annotators=False, secure=False)
        sign_ins = SignIns(self.accounts, per_address="3/minute")
        self._app = FastAPI()
        self._app.include_router(account_router(own, access, sign_ins, load_texts()))

    def browser(self, token: str = "", language: str = "en") -> TestClient:
        cookies = {COOKIE: token} if token else {}
        headers = {"accept-language": language, "accept": "text/html"}
        return TestClient(self._app, cookies=cookies, headers=headers, follow_redirects=False)

    def joined(self, name: str = "Ada") -> str:
        return self.people.join(self.people.invite([name])[0].token, self.accounts).token


@pytest.fixture
def house(database: Database) -> House:
    return House(database)


def form_token(client: TestClient) -> str:
    found = re.search(r'name="token" value="(\w{64})"', client.get("/account").text)
    assert found
    return found[1]


def change(client: TestClient, **fields: str) -> Any:
    sent = {"token": form_token(client), "new": PASSWORD, "again": PASSWORD} | fields
    return client.post("/account/password", data=sent)


def signs_in(house: House, password: str) -> bool:
    try:
        return house.accounts.checked("Ada", password).name == "Ada"
    except Exception:  # noqa: BLE001 - whatever refuses
        return False


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_says_who_is_signed_in_and_where(house: House, language: str) -> None:
    page = house.browser(house.joined(), language).get("/account")
    assert page.status_code == 200
    assert "Ada" in page.text
    assert page.text.count('class="here"') == 1
    assert page.headers["cache-control"] == "no-store"
    assert page.headers["content-security-policy"] == PLAIN_PAGE_POLICY


def test_who_has_no_name_of_their_own_is_sent_to_the_sign_in_page(house: House) -> None:
    guest = house.accounts.open_guest_session().token
    for token in ("", "forged", guest):
        answer = house.browser(token).get("/account")
        assert (answer.status_code, answer.headers["location"]) == (303, "/login")


def test_a_first_password_needs_no_present_one_and_a_second_does(house: House) -> None:
    client = house.browser(house.joined())
    first = change(client)
    assert (first.status_code, first.headers["location"]) == (303, "/account?done=password")
    assert signs_in(house, PASSWORD)
    assert "signed out everywhere else" in client.get("/account?done=password").text

    refused = change(client, new=OTHER, again=OTHER)
    assert refused.status_code == 403
    assert "wrong" in refused.text
    wrong = change(client, present="guessed it", new=OTHER, again=OTHER)
    assert wrong.status_code == 403
    assert signs_in(house, PASSWORD)

    assert change(client, present=PASSWORD, new=OTHER, again=OTHER).status_code == 303
    assert signs_in(house, OTHER)
    assert not signs_in(house, PASSWORD)


def test_guesses_at_the_present_password_end(house: House) -> None:
    client = house.browser(house.joined())
    change(client)
    guesses = [change(client, present=f"guess {n}", new=OTHER, again=OTHER) for n in range(5)]
    assert [answer.status_code for answer in guesses] == [403] * 3 + [429] * 2


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"again": OTHER}, "not the same"),
        ({"new": "short", "again": "short"}, "at least 8"),
        ({"new": "password1", "again": "password1"}, "everybody tries"),
    ],
)
def test_a_password_that_is_none_is_refused_in_words(
    house: House, fields: dict[str, str], sentence: str
) -> None:
    answer = change(house.browser(house.joined()), **fields)
    assert answer.status_code == 400
    assert sentence in answer.text
    assert not signs_in(house, fields["again"])


@pytest.mark.parametrize("path", ["/account/password", "/account/sessions"])
def test_a_form_of_another_session_or_of_nobody_changes_nothing(house: House, path: str) -> None:
    ada, elsewhere = house.joined(), house.joined()
    foreign = form_token(house.browser(house.joined("Bob")))
    fields = {"new": PASSWORD, "again": PASSWORD}
    for token, status in (("", 401), ("forged", 401), (ada, 403)):
        for sent in ("", "0" * 64, foreign):
            answer = house.browser(token).post(path, data=fields | {"token": sent})
            assert answer.status_code == status
    assert not signs_in(house, PASSWORD)
    assert house.accounts.caller(elsewhere) is not None


def test_signing_out_everywhere_else(house: House) -> None:
    here, elsewhere = house.joined(), house.joined()
    client = house.browser(here)
    answer = client.post("/account/sessions", data={"token": form_token(client)})
    assert (answer.status_code, answer.headers["location"]) == (303, "/account?done=sessions")
    assert house.accounts.caller(elsewhere) is None
    assert house.accounts.caller(here) is not None


def test_the_admin_sees_sessions_and_where_the_password_is_set(house: House) -> None:
    house.accounts.set_admin_password(PASSWORD)
    page = house.browser(house.accounts.log_in("admin", PASSWORD).token).get("/account")
    assert "ARENA_ADMIN_PASSWORD" in page.text
    assert 'name="new"' not in page.text
