"""Personal links over HTTP."""

from datetime import timedelta

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from arena.services.accounts import Accounts
from arena.services.people import People
from arena.storage.database import Database
from arena.web.common.texts import load_texts
from arena.web.http.access import COOKIE, Access
from arena.web.http.join import join_router
from tests.fakes.loop import FakeClock
from tests.fakes.passwords import CHEAP_PASSWORDS


@pytest.fixture
def people(database: Database) -> People:
    return People(database, FakeClock())


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(
        database, FakeClock(), session_length=timedelta(hours=10), passwords=CHEAP_PASSWORDS
    )


@pytest.fixture
def client(people: People, accounts: Accounts) -> TestClient:
    app = FastAPI()
    access = Access(accounts, open_annotators=False, secure=False)
    app.include_router(join_router(people, accounts, access, load_texts()))
    return TestClient(app, follow_redirects=False)


def test_one_click_opens_a_session_and_leads_to_the_evaluation_page(
    client: TestClient, people: People, accounts: Accounts
) -> None:
    people.add([("Ada", None)])
    token = people.invite(["Ada"])[0].token

    answer = client.get(f"/join/{token}")

    assert (answer.status_code, answer.headers["location"]) == (303, "/evaluate")
    caller = accounts.caller(answer.cookies[COOKIE])
    assert caller is not None
    assert caller.name == "Ada"
    assert answer.headers["referrer-policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("language", "sentence"), [("en", "does not work any more"), ("zh", "此链接已失效")]
)
def test_a_link_that_is_not_valid_says_whom_to_ask(
    client: TestClient, language: str, sentence: str
) -> None:
    answer = client.get("/join/nonsense", headers={"accept-language": language})

    assert answer.status_code == 403
    assert sentence in answer.text
    assert "set-cookie" not in answer.headers
