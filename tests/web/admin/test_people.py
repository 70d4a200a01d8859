"""The admin's page of people: invitations, links that are shown once, closing accounts."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest
from starlette.testclient import TestClient

from arena.domain.accounts import Caller
from arena.services.accounts import Accounts
from arena.services.administration.links_once import LinksOnce
from arena.services.administration.people import PeopleAdministration
from arena.services.people import People
from arena.services.signing_in import SigningIn
from arena.storage.database import Database
from arena.web.admin.people import people_router
from tests.builders import ADMIN, ANNOTATOR
from tests.fakes.campaigns import HandClock
from tests.fakes.passwords import CHEAP_PASSWORDS
from tests.web.admin.admin_pages import TOKEN, cells, door_of, hidden, said, sent, visiting

PLACE = "/admin/people"
HOSTILE = '<img src=x onerror="alert(1)">'


class Office:
    """An arena's people, and the browser of an admin, or of somebody else."""

    def __init__(self, database: Database, language: str = "en") -> None:
        self.clock = HandClock()
        self.people = People(database, self.clock)
        self.accounts = Accounts(
            database, self.clock, session_length=timedelta(hours=1), passwords=CHEAP_PASSWORDS
        )
        self._administration = PeopleAdministration(
            self.people, LinksOnce(self.clock), ended=self.accounts.forget_known
        )
        self.client = self.as_(ADMIN, language)

    def as_(self, caller: Caller | None, language: str = "en") -> TestClient:
        return visiting(people_router(self._administration, door_of(caller)), language)

    def invite(self, people: str, **more: str) -> str:
        """Invite by the form, and return where the links are shown."""
        key = hidden(self.client.get(PLACE), "key")
        answer = sent(self.client, f"{PLACE}/invite", people=people, key=key, **more)
        assert answer.status_code == 303, said(answer)
        return answer.headers["location"]

    def names(self) -> list[str]:
        return [one.name for one in self.people.all()]


@pytest.fixture
def office(database: Database) -> Office:
    return Office(database)


def tokens(page: str) -> list[str]:
    return re.findall(r"/join/([\w-]+)", page)


def test_whoever_was_invited_stands_there_with_group_state_and_votes(office: Office) -> None:
    office.invite("Ada\nBob,linguists")

    assert [list(row.values())[:5] for row in cells(office.client.get(PLACE))] == [
        ["Ada", "–", "invited", "never", "0"],
        ["Bob", "linguists", "invited", "never", "0"],
    ]


def test_who_signs_in_by_a_password_stands_there_with_that_state(
    office: Office, database: Database
) -> None:
    office.people.add([("Ada", None)])
    SigningIn(database, office.clock, passwords=CHEAP_PASSWORDS).set_password("Ada", "neap tides")
    assert [list(row.values())[2] for row in cells(office.client.get(PLACE))] == [
        "password, no valid link"
    ]


def test_sessions_of_a_disabled_account_end_at_once(office: Office) -> None:
    office.invite("Ada")
    session = office.people.join(office.people.invite(["Ada"])[0].token, office.accounts)
    assert office.accounts.caller(session.token) is not None  # by memory from now on

    answer = sent(office.client, f"{PLACE}/disable", name="Ada")

    assert answer.status_code == 303
    assert office.accounts.caller(session.token) is None


def test_links_are_shown_once_and_never_again(office: Office) -> None:
    place = office.invite("Ada\nBob")

    first, second = office.client.get(place), office.client.get(place)

    assert len(tokens(first.text)) == 2
    assert f"http://testserver/join/{tokens(first.text)[0]}" in first.text
    assert (second.status_code, tokens(second.text)) == (410, [])
    assert tokens(office.client.get(PLACE).text) == []
    assert first.headers["cache-control"] == "no-store"


def test_a_form_that_is_sent_twice_makes_one_link(office: Office) -> None:
    key = hidden(office.client.get(PLACE), "key")
    answers = [sent(office.client, f"{PLACE}/invite", people="Ada", key=key) for _ in range(2)]

    assert len({answer.headers["location"] for answer in answers}) == 1
    (token,) = tokens(office.client.get(answers[0].headers["location"]).text)
    assert office.people.find(["Ada"])[0].invited
    assert token


def test_another_admin_does_not_see_the_links(office: Office) -> None:
    place = office.invite("Ada")
    other = office.as_(Caller(ANNOTATOR.id, "second", ADMIN.role))

    assert tokens(other.get(place).text) == []
    assert len(tokens(office.client.get(place).text)) == 1


def test_links_that_nobody_looks_at_are_forgotten(office: Office) -> None:
    place = office.invite("Ada")
    office.clock.pass_by(minutes=11)

    assert office.client.get(place).status_code == 410


def test_a_csv_file_is_read_with_what_was_typed(office: Office) -> None:
    key = hidden(office.client.get(PLACE), "key")
    answer = office.client.post(
        f"{PLACE}/invite",
        data={"token": TOKEN, "key": key, "people": "", "group": "readers"},
        files={"file": ("people.csv", "\ufeffgroup,name\r\n,Ada\r\nlinguists,Bob\r\n")},
    )

    assert answer.status_code == 303
    assert [(one.name, one.group) for one in office.people.all()] == [
        ("Ada", "readers"),
        ("Bob", "linguists"),
    ]


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("", "Write at least one name"),
        ("Ada\n,linguists", "Line 2: The name is empty."),
        ("Ada;linguists", "Line 1: Separate name and group with a comma."),
        ("Ada,linguists,more", "Line 1: There are more cells than columns."),
        ('"Ada', "Line 1: The quotation marks do not match."),
        ("Ada\nAda", "'Ada' is named twice"),
        ("admin", "'admin' is kept for the arena's own accounts"),
        ("x" * 81, "a name has at most 80 characters"),
        (f"Ada,{'x' * 81}", "is no group"),
        ("\n".join(f"n{number}" for number in range(501)), "more than 500 people"),
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_typed_is_lost(
    office: Office, typed: str, why: str
) -> None:
    answer = sent(office.client, f"{PLACE}/invite", people=typed, group="readers", days="30")

    assert answer.status_code == 400
    assert why in said(answer)
    assert office.names() == []
    assert 'value="readers"' in answer.text
    assert 'value="30"' in answer.text
    assert typed.splitlines()[-1:] == [] or typed.splitlines()[-1] in said(answer)


def test_every_faulty_line_is_named_at_once(office: Office) -> None:
    answer = sent(office.client, f"{PLACE}/invite", people=",a\nAda;b\nBob")

    assert "Line 1: The name is empty." in said(answer)
    assert "Line 2: Separate name and group with a comma." in said(answer)


@pytest.mark.parametrize("days", ["0", "-1", "1.5", "x", "3651", "9" * 40])
def test_days_that_are_none_are_refused(office: Office, days: str) -> None:
    answer = sent(office.client, f"{PLACE}/invite", people="Ada", days=days)

    assert "whole number of days from 1 to 3650" in said(answer)
    assert office.names() == []


def test_a_link_ends_after_its_days(office: Office) -> None:
    office.invite("Ada", days="2")
    office.clock.pass_by(days=3)

    assert cells(office.client.get(PLACE))[0]["State"] == "no valid link"


def test_names_are_text_wherever_they_stand(office: Office) -> None:
    place = office.invite(f'"{HOSTILE.replace(chr(34), chr(34) * 2)}"')
    shown = [
        office.client.get(place).text,
        office.client.get(PLACE).text,
        office.client.get(f"{PLACE}/disable?name={quote(HOSTILE)}").text,
        office.client.get(f"{PLACE}/disable?name={quote(HOSTILE + '?')}").text,
    ]

    assert all("<img" not in page for page in shown)
    assert all("&lt;img" in page for page in shown)


def test_a_new_link_makes_the_earlier_one_useless(office: Office) -> None:
    (old,) = tokens(office.client.get(office.invite("Ada")).text)

    answer = sent(office.client, f"{PLACE}/renew", name="Ada")

    (new,) = tokens(office.client.get(answer.headers["location"]).text)
    assert new != old


def test_an_account_is_disabled_after_a_question(office: Office) -> None:
    office.invite("Ada Lovelace")
    question = office.client.get(f"{PLACE}/disable?name=Ada%20Lovelace")
    assert "Disable Ada Lovelace?" in said(question)

    answers = [sent(office.client, f"{PLACE}/disable", name="Ada Lovelace") for _ in range(2)]

    page = office.client.get(answers[1].headers["location"])
    assert "Ada Lovelace is disabled." in said(page)
    assert cells(page)[0]["State"] == "disabled"
    refused = sent(office.client, f"{PLACE}/invite", people="Ada Lovelace")
    assert "'Ada Lovelace' is disabled" in said(refused)


def test_a_name_that_nobody_has_is_refused_in_a_sentence(office: Office) -> None:
    answers = [
        sent(office.client, f"{PLACE}/renew", name="Eve"),
        sent(office.client, f"{PLACE}/disable", name="Eve"),
        office.client.get(f"{PLACE}/disable?name=Eve"),
    ]

    assert [answer.status_code for answer in answers] == [400, 400, 404]
    assert all("No annotator is called" in said(answer) for answer in answers)


@pytest.mark.parametrize("form", ["invite", "renew", "disable"])
def test_a_form_of_another_session_does_nothing(office: Office, form: str) -> None:
    office.invite("Ada")

    fields = {"name": "Ada", "people": "Bob", "token": "another"}
    answer = office.client.post(f"{PLACE}/{form}", data=fields)

    assert answer.status_code == 400
    assert "belongs to an earlier sign-in" in said(answer)
    assert [(one.name, one.invited) for one in office.people.all()] == [("Ada", True)]


@pytest.mark.parametrize(("caller", "status"), [(None, 401), (ANNOTATOR, 403)])
def test_nobody_else_gets_in(office: Office, caller: Caller | None, status: int) -> None:
    place = office.invite("Ada")
    client = office.as_(caller)

    for address in (PLACE, place, f"{PLACE}/disable?name=Ada"):
        assert client.get(address).headers["location"] == "/login"
        assert client.get(address, headers={"accept": "*/*"}).status_code == status
    for form in ("invite", "renew", "disable"):
        answer = sent(client, f"{PLACE}/{form}", name="Ada", people="Eve")
        assert answer.status_code == status
        assert "Ada" not in answer.text
    assert office.names() == ["Ada"]
    assert len(tokens(office.client.get(place).text)) == 1


def test_the_page_speaks_chinese(database: Database) -> None:
    assert "尚未邀请任何人" in said(Office(database, "zh").client.get(PLACE))


def test_what_is_refused_is_said_in_chinese(database: Database) -> None:
    office = Office(database, "zh")
    office.people.add([("Ada", None)])
    office.people.disable(["Ada"])

    answer = sent(office.client, f"{PLACE}/invite", people="Ada\nadmin\nBob\nBob")

    assert "“Ada”已停用：请用另一个名称邀请。" in said(answer)
    assert "“Bob”出现了两次。" in said(answer)
    unknown = office.client.get(f"{PLACE}/disable?name=Cyn")
    assert "没有名为“Cyn”的标注者。" in said(unknown)
