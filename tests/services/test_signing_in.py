"""Annotators with a name sign in by password, and their sessions can be ended."""

from datetime import timedelta

import pytest

from arena.domain.errors import BadInput, NotAllowed, Refusal
from arena.services.accounts import Accounts
from arena.services.people import People, PersonRefused
from arena.services.signing_in import SigningIn
from arena.storage.database import Database
from tests.fakes.loop import FakeClock
from tests.fakes.passwords import CHEAP_PASSWORDS

PASSWORD = "spring tides at noon"
LENGTH = timedelta(hours=10)
NOTICED = timedelta(seconds=3)
"""By then a server asks the database again."""


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def people(database: Database, clock: FakeClock) -> People:
    found = People(database, clock)
    found.add([("Ada", None), ("Bob", None)])
    return found


@pytest.fixture
def accounts(database: Database, clock: FakeClock, people: People) -> Accounts:
    return Accounts(database, clock, session_length=LENGTH, passwords=CHEAP_PASSWORDS)


@pytest.fixture
def signing_in(database: Database, clock: FakeClock, people: People) -> SigningIn:
    return SigningIn(database, clock, passwords=CHEAP_PASSWORDS)


def refused(accounts: Accounts, name: str, password: str) -> bool:
    try:
        accounts.log_in(name, password)
    except NotAllowed as error:
        return error.refusal is Refusal.WRONG_PASSWORD
    return False


def test_an_annotator_signs_in_by_the_password_that_was_set(
    signing_in: SigningIn, accounts: Accounts
) -> None:
    assert refused(accounts, "Ada", PASSWORD)

    signing_in.set_password("Ada", PASSWORD)

    assert accounts.log_in("Ada", PASSWORD).caller.name == "Ada"
    assert refused(accounts, "Ada", "another one of hers")
    assert refused(accounts, "Bob", PASSWORD)


def test_a_new_password_ends_the_annotators_sessions_and_nobody_elses(
    signing_in: SigningIn, accounts: Accounts, clock: FakeClock
) -> None:
    for name in ("Ada", "Bob"):
        signing_in.set_password(name, PASSWORD)
    ada, bob = (accounts.log_in(name, PASSWORD) for name in ("Ada", "Bob"))

    signing_in.set_password("Ada", "neap tides at noon")
    clock.let_pass(NOTICED)

    assert accounts.caller(ada.token) is None
    assert accounts.caller(bob.token) == bob.caller
    assert refused(accounts, "Ada", PASSWORD)


@pytest.mark.parametrize(
    ("password", "refusal"),
    [("short", Refusal.PASSWORD_TOO_SHORT), ("password1", Refusal.PASSWORD_TRIED_FIRST)],
)
def test_a_password_that_is_none_is_refused(
    signing_in: SigningIn, accounts: Accounts, password: str, refusal: Refusal
) -> None:
    with pytest.raises(BadInput) as caught:
        signing_in.set_password("Ada", password)
    assert caught.value.refusal is refusal
    assert refused(accounts, "Ada", password)


def test_a_closed_account_and_the_admins_get_no_password_here(
    signing_in: SigningIn, accounts: Accounts, people: People
) -> None:
    accounts.ensure_admin("a good password")
    people.disable(["Ada"])
    for name in ("Ada", "admin", "nobody"):
        with pytest.raises(PersonRefused):
            signing_in.set_password(name, PASSWORD)
    assert accounts.log_in("admin", "a good password").caller.is_admin


def test_open_sessions_are_listed_without_anything_that_opens_them(
    signing_in: SigningIn, accounts: Accounts, people: People, clock: FakeClock
) -> None:
    first = people.join(people.invite(["Ada"])[0].token, accounts)
    clock.let_pass(timedelta(minutes=1))
    people.join(people.invite(["Bob"])[0].token, accounts)
    second = people.join(people.invite(["Ada"])[0].token, accounts)
    accounts.open_guest_session()

    found = signing_in.sessions()

    assert [one.name for one in found] == ["Ada", "Ada", "Bob"]
    newest, oldest, _ = found
    assert newest.created_at - oldest.created_at == timedelta(minutes=1)
    assert oldest.expires_at - oldest.created_at == LENGTH
    assert [one.name for one in signing_in.sessions(["Bob"])] == ["Bob"]
    for session in (first, second):
        assert all(one.number not in session.token for one in found)
    assert accounts.caller(newest.number) is None


def test_the_admins_sessions_are_listed_with_all_others(
    signing_in: SigningIn, accounts: Accounts
) -> None:
    accounts.ensure_admin("a good password")
    accounts.log_in("admin", "a good password")
    assert [one.name for one in signing_in.sessions()] == ["admin"]
    with pytest.raises(PersonRefused):
        signing_in.sessions(["admin"])


def test_one_session_can_be_ended_by_its_number_and_only_its_own_persons(
    signing_in: SigningIn, accounts: Accounts, people: People, clock: FakeClock
) -> None:
    lost = people.join(people.invite(["Ada"])[0].token, accounts)
    (number,) = (one.number for one in signing_in.sessions(["Ada"]))
    kept = people.join(people.invite(["Ada"])[0].token, accounts)

    assert not signing_in.end_session("Bob", number)
    assert signing_in.end_session("Ada", number)
    assert not signing_in.end_session("Ada", number)
    clock.let_pass(NOTICED)

    assert accounts.caller(lost.token) is None
    assert accounts.caller(kept.token) == kept.caller


def test_signing_somebody_out_ends_all_of_their_sessions_and_leaves_link_and_password(
    signing_in: SigningIn, accounts: Accounts, people: People, clock: FakeClock
) -> None:
    signing_in.set_password("Ada", PASSWORD)
    link = people.invite(["Ada"])[0].token
    tokens = [people.join(link, accounts).token for _ in range(3)]

    assert signing_in.sign_out(["Ada"]) == 3
    assert signing_in.sign_out(["Ada"]) == 0
    clock.let_pass(NOTICED)

    assert [accounts.caller(token) for token in tokens] == [None] * 3
    assert people.join(link, accounts).caller.name == "Ada"
    assert accounts.log_in("Ada", PASSWORD).caller.name == "Ada"


def test_sessions_that_are_over_are_not_listed(
    signing_in: SigningIn, accounts: Accounts, people: People, clock: FakeClock
) -> None:
    people.join(people.invite(["Ada"])[0].token, accounts)
    clock.let_pass(LENGTH)
    assert signing_in.sessions() == []
    people.join(people.invite(["Ada"])[0].token, accounts)
    people.disable(["Ada"])
    assert signing_in.sessions(["Ada"]) == []
