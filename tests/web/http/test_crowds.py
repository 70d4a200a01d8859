"""People of a crowd over HTTP: a session by the address, which no history keeps."""

from datetime import timedelta
from functools import partial
from random import Random

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from arena.domain.campaign import Crowd
from arena.services.accounts import Accounts
from arena.services.campaigns.evaluation.crowds import Crowds
from arena.services.campaigns.evaluation.evaluations import CampaignEvaluations
from arena.storage.database import Database
from arena.web.common.texts import load_texts
from arena.web.evaluate.pages import EvaluationPages
from arena.web.evaluate.routes import evaluate_router
from arena.web.http.access import COOKIE, Access
from arena.web.http.crowds import CrowdArrivals
from arena.web.http.rate_limit import RateLimit
from arena.web.rendering.answer import render_answer
from tests.fakes.campaigns import NAME, CampaignDesk, planned, prefers
from tests.fakes.passwords import CHEAP_PASSWORDS
from tests.storage.old_ledgers import rows
from tests.web.allowances import allowance

CROWD = Crowd(
    people=2,
    parameters={"annotator": "PROLIFIC_PID", "study": "STUDY_ID", "session": "SESSION_ID"},
    completion_code="<C1>",
)
SENT = "/evaluate?PROLIFIC_PID=5f3c&STUDY_ID=st-1&SESSION_ID=se-1"
HERE = f"/evaluate?campaign={NAME}"


@pytest.fixture
def desk(database: Database) -> CampaignDesk:
    desk = CampaignDesk(database)
    desk.open(planned(judged=2, overlap=1, crowd=CROWD))
    return desk


@pytest.fixture
def accounts(desk: CampaignDesk) -> Accounts:
    length = timedelta(hours=10)
    return Accounts(desk.database, desk.clock, session_length=length, passwords=CHEAP_PASSWORDS)


@pytest.fixture
def app(desk: CampaignDesk, accounts: Accounts) -> FastAPI:
    access, texts = Access(accounts, open_annotators=True, secure=False), load_texts()
    arrivals = CrowdArrivals(
        Crowds(desk.database, desk.clock),
        accounts,
        access,
        limit=RateLimit("3/minute"),
        texts=texts,
    )
    evaluations = CampaignEvaluations(desk.database, desk.clock, desk.assigning)
    pages = EvaluationPages(partial(render_answer, ended=True))
    app = FastAPI()
    app.include_router(
        evaluate_router(evaluations, pages, access, texts, votes=allowance(), arrivals=arrivals)
    )
    return app


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, follow_redirects=False)


def people(desk: CampaignDesk) -> list[object]:
    return [row["external_id"] for row in rows(desk.database).get("campaign_members", [])]


def test_the_address_opens_a_session_and_is_cleaned(client: TestClient, desk: CampaignDesk) -> None:
    answer = client.get(SENT)

    assert (answer.status_code, answer.headers["location"]) == (303, HERE)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert answer.headers["cache-control"] == "no-store"
    page = client.get(HERE)
    assert page.status_code == 200
    assert "Question" in page.text
    for part in ("5f3c", "st-1", "se-1"):
        assert part not in page.text + str(answer.headers) + str(page.headers)
    assert people(desk) == ["5f3c"]


def test_the_same_person_again_goes_on_in_the_same_session(
    client: TestClient, desk: CampaignDesk
) -> None:
    client.get(SENT)
    again = client.get(SENT)

    assert again.headers["location"] == HERE
    assert "set-cookie" not in again.headers
    assert people(desk) == ["5f3c"]


def test_another_person_in_the_same_browser_has_a_session_of_their_own(
    client: TestClient, accounts: Accounts, desk: CampaignDesk
) -> None:
    first = accounts.caller(client.get(SENT).cookies[COOKIE])
    second = accounts.caller(client.get("/evaluate?PROLIFIC_PID=other").cookies[COOKIE])

    assert first is not None
    assert second is not None
    assert first.id != second.id
    assert people(desk) == ["5f3c", "other"]


def test_a_person_on_another_machine_finds_the_same_item(
    app: FastAPI, client: TestClient, desk: CampaignDesk
) -> None:
    client.get(SENT)
    here = client.get(HERE).text
    elsewhere = TestClient(app, follow_redirects=False)
    elsewhere.get(SENT)

    item = here.split('name="item" value="')[1].split('"')[0]
    assert f'name="item" value="{item}"' in elsewhere.get(HERE).text
    assert people(desk) == ["5f3c"]


@pytest.mark.parametrize(
    ("act", "sentence"),
    [("pause", "is paused"), ("close", "is over")],
)
def test_a_campaign_that_is_not_open_says_so_and_makes_no_account(
    client: TestClient, desk: CampaignDesk, act: str, sentence: str
) -> None:
    getattr(desk.openings, act)(NAME)
    answer = client.get(SENT)

    assert "set-cookie" not in answer.headers
    assert "5f3c" not in answer.headers["location"]
    assert sentence in client.get(answer.headers["location"]).text
    assert people(desk) == []


def test_whoever_comes_too_late_is_told_that_there_are_enough(
    client: TestClient, desk: CampaignDesk
) -> None:
    for person in ("one", "two"):
        client.get(f"/evaluate?PROLIFIC_PID={person}")
    client.cookies.clear()
    answer = client.get(SENT)

    assert "Enough people" in client.get(answer.headers["location"]).text
    assert people(desk) == ["one", "two"]


@pytest.mark.parametrize(
    "value", ["", "%7B%7B%25PROLIFIC_PID%25%7D%7D", "a" * 101, "a&PROLIFIC_PID=b"]
)
def test_an_address_without_a_proper_id_is_refused(
    client: TestClient, desk: CampaignDesk, value: str
) -> None:
    answer = client.get(f"/evaluate?PROLIFIC_PID={value}")

    assert answer.status_code == 400
    assert "This address is not complete" in answer.text
    assert people(desk) == []


def test_parameters_of_nobodys_crowd_change_nothing(client: TestClient) -> None:
    answer = client.get("/evaluate?utm_source=mail")

    assert answer.status_code == 401
    assert "invited annotators" in answer.text


def test_made_up_ids_are_limited_by_network_address(client: TestClient, desk: CampaignDesk) -> None:
    answers = [client.get(f"/evaluate?PROLIFIC_PID=made-up-{n}") for n in range(5)]

    assert [answer.status_code for answer in answers] == [303, 303, 303, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


def test_the_completion_code_is_shown_to_be_copied(
    client: TestClient, desk: CampaignDesk, accounts: Accounts
) -> None:
    person = accounts.caller(client.get(SENT).cookies[COOKIE])
    assert person is not None
    assert "completion-code" not in client.get(HERE).text
    while desk.judge_next(person, prefers({}, Random(1))):
        pass

    page = client.get(HERE).text
    assert '<code id="completion-code">&lt;C1&gt;</code>' in page
    assert 'data-source="&#34;\\u003cC1\\u003e&#34;"' in page
    assert 'data-copy="Copy the completion code"' in page
