"""Nobody gets or does what is another's: every route and event of a running arena."""

import secrets
import time
from collections.abc import Iterator
from datetime import timedelta

import httpx
import pytest

from arena.domain.accounts import AccountRole
from arena.inference.clock import SystemClock
from arena.services.accounts import Accounts
from arena.services.people import People
from arena.services.signing_in import SigningIn
from arena.storage.database import Database
from arena.web.http.access import COOKIE
from tests.e2e.authorisation import (
    CALLERS,
    EVENTS,
    NOBODIES,
    READ,
    RULES,
    contents,
    events_of,
    places,
)
from tests.e2e.closed_arena import NAMES, SECRETS, ClosedArena, assigned, caller_of, closed_arena
from tests.e2e.driver import HttpAnnotator
from tests.fakes.passwords import CHEAP_PASSWORDS

SAFE = {"GET", "HEAD", "OPTIONS"}
ADMINS_TABLES = ("annotators", "invitations", "campaigns", "campaign_versions", "campaign_events")
LATEST_S = 30.0


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClosedArena]:
    with closed_arena(tmp_path_factory.mktemp("authorisation")) as running:
        yield running


def test_every_route_of_the_server_has_a_rule(arena: ClosedArena) -> None:
    assert set(places(arena.running.app.routes)) == set(RULES)


def test_every_event_of_the_server_is_tried(arena: ClosedArena) -> None:
    found = {path: {name for _, name in events_of(app)} for path, app in arena.apps().items()}
    assert found == EVENTS


def test_every_role_is_among_the_callers() -> None:
    assert set(AccountRole) == {AccountRole.ANNOTATOR, AccountRole.ADMIN}


@pytest.mark.parametrize("caller", CALLERS)
def test_a_route_gives_each_caller_what_is_theirs_and_nothing_else(
    arena: ClosedArena, caller: str
) -> None:
    before, mine = contents(arena.file), arena.own_rows()
    crossings: list[tuple[object, ...]] = []
    for place, status, text in arena.answers(caller, RULES):
        rule = RULES[place]
        if status != rule.status(caller):
            crossings.append((*place, status, "not", rule.status(caller)))
        if caller not in {"annotator", "admin"}:
            crossings += [(*place, secret) for secret in SECRETS if secret in text]
        elif caller == "annotator":  # before the vote
            crossings += [(*place, name) for name in NAMES if name in text]
    assert not crossings, "\n".join(map(str, crossings))
    after = contents(arena.file)
    assert arena.own_rows() == mine
    assert {name: after[name] for name in ADMINS_TABLES} == {
        name: before[name] for name in ADMINS_TABLES
    }
    if caller in NOBODIES:
        assert after == before


@pytest.mark.parametrize("caller", CALLERS)
def test_an_event_reaches_no_battle_of_another_annotator(arena: ClosedArena, caller: str) -> None:
    if caller == "annotator":
        pytest.skip("this is the one whose battle it is")
    before, mine = contents(arena.file), arena.own_rows()
    tried = 0
    with arena.client(caller) as client:
        for path, app in arena.apps().items():
            page = arena.annotator if not path else None
            for number, _ in events_of(app):
                said = event(client, path, number, page)
                tried += 1
                if caller != "admin" or path != "/admin":
                    assert not [secret for secret in SECRETS if secret in said]
                if caller in NOBODIES:
                    assert said.startswith("401 ")
                elif path == "/admin":
                    assert said.startswith("401 ") == (caller != "admin")
    assert tried > len(EVENTS[""])
    assert arena.own_rows() == mine
    if caller in NOBODIES:
        assert contents(arena.file) == before


def event(client: httpx.Client, path: str, number: int, page: HttpAnnotator | None) -> str:
    """Fire an event with what the annotator's page would send; return all that it says."""
    session = secrets.token_hex(6)
    values = page.values_of(number, prompt=f"Mine, {session}?") if page is not None else []
    body = {"data": values, "fn_index": number, "session_hash": session}
    joined = client.post(f"{path}/gradio_api/queue/join", json=body)
    if joined.status_code != httpx.codes.OK:
        return f"{joined.status_code} {joined.text}"
    where = {"session_hash": session}
    return client.get(f"{path}/gradio_api/queue/data", params=where).text


@pytest.mark.parametrize("caller", ["guest", "annotator", "other", "admin"])
@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {"origin": "null"},
    ],
    ids=lambda headers: "-".join(headers.values()),
)
def test_no_other_site_changes_anything_in_anybodys_name(
    arena: ClosedArena, caller: str, headers: dict[str, str]
) -> None:
    before = contents(arena.file)
    with arena.client(caller) as client:
        for method, pattern in (place for place in RULES if place[0] not in SAFE):
            rule = RULES[method, pattern]
            whole = {**rule.data, **rule.whole}
            form = {name: arena.fill(value, caller) for name, value in whole.items()}
            answer = client.request(method, pattern, data=form, headers=headers)
            assert answer.status_code == 403, (method, pattern)
            assert "another site" in answer.text
            assert "set-cookie" not in answer.headers
    assert contents(arena.file) == before


def test_looking_changes_nothing_even_for_an_admin(arena: ClosedArena) -> None:
    """Whatever a link or an embedded picture asks for; only the way in opens a session."""
    before = contents(arena.file)
    looking = {place: rule for place, rule in RULES.items() if place[0] in SAFE}
    assert len(list(arena.answers("admin", looking))) == len(looking)
    assert contents(arena.file) == before


def test_a_session_in_use_ends_within_seconds_of_its_revocation(
    arena: ClosedArena,
) -> None:
    database = Database(f"sqlite:///{arena.file}")
    clock = SystemClock()
    people = People(database, clock)
    people.add([("Sue", None)])
    accounts = Accounts(
        database, clock, session_length=timedelta(hours=1), passwords=CHEAP_PASSWORDS
    )
    token = accounts.open_session(caller_of(people, "Sue")).token
    with httpx.Client(
        base_url=arena.running.address, cookies={COOKIE: token}, trust_env=False
    ) as client:
        assert client.get("/config").status_code == 200
        SigningIn(database, clock).sign_out(["Sue"])
        deadline = time.monotonic() + LATEST_S
        while client.get("/config").status_code == 200:
            assert time.monotonic() < deadline
        assert client.get("/config").status_code == 401
    database.close()


def test_what_others_were_refused_is_what_the_owner_may_do(arena: ClosedArena) -> None:
    """A matrix of refusals shows nothing if nobody is ever let in. Only one test comes after it."""
    item, shown = assigned(arena.running, arena.tokens["annotator"])
    ballot = {"item": item, "shown": shown, "verdict": "a_better", "visible_s": "5"}
    before = len(contents(arena.file, ("votes",))["votes"])
    with arena.client("annotator") as client:
        assert client.post("/evaluate/vote", data=ballot).status_code == 303
    assert arena.annotator.fire("vote-tie").revealed
    assert len(contents(arena.file, ("votes",))["votes"]) == before + 2


def test_when_the_admin_has_closed_the_campaign_annotators_read_the_leaderboard_and_nobody_else(
    arena: ClosedArena,
) -> None:
    form = {"name": "spring", "token": arena.fill("{token}", "admin")}
    with arena.client("admin") as client:
        assert client.post("/admin/campaigns/close", data=form).status_code == 303
        frozen = client.post("/leaderboard/snapshots", data=form)
        assert frozen.headers["location"] == "/leaderboard/snapshots/1"
    read = {place: rule for place, rule in RULES.items() if place[0] in READ}
    boards = {place: rule for place, rule in read.items() if rule.annotator == 403}
    boards = {place: rule for place, rule in boards.items() if "/leaderboard" in place[1]}
    assert len(boards) > 8
    for caller in CALLERS:
        expected = 401 if caller in NOBODIES else 200
        for place, status, text in arena.answers(caller, boards):
            assert status == expected, (place, caller)
            assert status == 200 or not [name for name in NAMES if name in text]
