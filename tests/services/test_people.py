"""Annotators who are invited by name."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from arena.domain.errors import NotAllowed, Refusal
from arena.services.accounts import ADMIN_NAME, Accounts
from arena.services.people import LONGEST_NAME, People, PersonRefused
from arena.storage.database import Database
from tests.builders import seed_vote
from tests.fakes.loop import FakeClock

ADA = ("Ada", "linguists")


def link_of(people: People, name: str = "Ada", **validity: timedelta) -> str:
    return people.invite([name], **validity)[0].token


def refusal(people: People, accounts: Accounts, token: str) -> Refusal:
    with pytest.raises(NotAllowed) as refused:
        people.join(token, accounts)
    return refused.value.refusal


def test_a_personal_link_opens_a_session_of_the_annotator(
    people: People, accounts: Accounts
) -> None:
    people.add([ADA])

    session = people.join(link_of(people), accounts)

    assert session.caller.name == "Ada"
    assert not session.caller.is_admin
    assert accounts.caller(session.token) == session.caller


def test_a_link_can_be_used_again_on_another_machine(people: People, accounts: Accounts) -> None:
    people.add([ADA])
    token = link_of(people)

    assert people.join(token, accounts).caller == people.join(token, accounts).caller


def test_only_the_hash_of_a_link_is_stored(people: People, database: Database) -> None:
    people.add([ADA])
    token = link_of(people)

    with database.reading() as connection:
        rows = connection.execute(text("SELECT * FROM invitations")).all()

    assert len(rows) == 1
    assert token not in repr(rows)


def test_a_new_link_makes_the_older_one_useless(people: People, accounts: Accounts) -> None:
    people.add([ADA])
    before, after = link_of(people), link_of(people)

    assert refusal(people, accounts, before) is Refusal.LINK_NOT_VALID
    assert people.join(after, accounts).caller.name == "Ada"


def test_a_link_ends_with_its_validity_when_it_is_revoked_and_with_the_account(
    people: People, accounts: Accounts, clock: FakeClock
) -> None:
    people.add([ADA])
    dated = link_of(people, valid_for=timedelta(days=1))
    people.join(dated, accounts)
    clock.let_pass(timedelta(days=1))
    assert refusal(people, accounts, dated) is Refusal.LINK_NOT_VALID

    revoked = link_of(people)
    people.revoke(["Ada"])
    assert refusal(people, accounts, revoked) is Refusal.LINK_NOT_VALID

    token = link_of(people)
    people.disable(["Ada"])
    assert refusal(people, accounts, token) is Refusal.LINK_NOT_VALID


@pytest.mark.parametrize("token", ["", "unknown", "é", "\udc80"])
def test_an_unknown_link_is_refused(people: People, accounts: Accounts, token: str) -> None:
    assert refusal(people, accounts, token) is Refusal.LINK_NOT_VALID


def test_disabling_ends_sessions_and_keeps_votes(
    people: People, accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    seed_vote(database, annotator="Ada")
    session = people.join(link_of(people), accounts)

    people.disable(["Ada"])
    clock.let_pass(timedelta(seconds=3))

    assert accounts.caller(session.token) is None
    (ada,) = people.all()
    assert ada.disabled_at is not None
    assert ada.votes == 1
    with pytest.raises(PersonRefused, match="disabled: Ada"):
        people.invite(["Ada"])


def test_the_list_tells_group_votes_link_and_the_last_visit(
    people: People, accounts: Accounts, clock: FakeClock
) -> None:
    people.add([ADA, ("Bob", None), ("Cyn", None)])
    token = link_of(people)
    people.invite(["Bob"])
    people.revoke(["Bob"])
    clock.let_pass(timedelta(minutes=1))
    people.join(token, accounts)

    ada, bob = people.all()

    assert (ada.name, ada.group, ada.votes, ada.invited) == ("Ada", "linguists", 0, True)
    assert ada.last_seen_at == clock.now()
    assert (bob.group, bob.invited, bob.last_seen_at) == (None, False, None)


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", "is no name"),
        (" Ada", "is no name"),
        ("A\nda", "is no name"),
        ("A" * (LONGEST_NAME + 1), "at most 80 characters"),
        (ADMIN_NAME, "kept for the arena's own"),
        ("guest-1", "kept for the arena's own"),
    ],
)
def test_a_name_that_cannot_be_one_is_refused(people: People, name: str, fault: str) -> None:
    with pytest.raises(PersonRefused, match=fault):
        people.add([("Bob", None), (name, None)])

    assert people.find(["Bob"]) == []


def test_all_faults_are_told_at_once_and_nobody_is_added(people: People) -> None:
    people.add([ADA])

    with pytest.raises(PersonRefused) as refused:
        people.add([ADA, ("Bob", None), ("Bob", None)])

    assert str(refused.value).splitlines() == ["'Ada' exists already", "'Bob' is named twice"]
    assert people.find(["Bob"]) == []


def test_who_is_unknown_is_neither_invited_nor_disabled(people: People) -> None:
    people.add([ADA])

    for act in (people.invite, people.disable, people.revoke):
        with pytest.raises(PersonRefused, match="no annotator is called Bob, Cyn"):
            act(["Ada", "Bob", "Cyn"])
    assert people.all() == []


def test_the_admin_is_nobody_who_can_be_invited(people: People, accounts: Accounts) -> None:
    accounts.ensure_admin("a good password")

    with pytest.raises(PersonRefused, match="no annotator is called admin"):
        people.invite([ADMIN_NAME])
