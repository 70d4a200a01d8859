"""People whom a proxy has signed in have the account of their name, and no other."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from arena.domain.errors import NotAllowed, Refusal
from arena.services.accounts import Accounts
from arena.services.people import People
from arena.services.single_sign_on import SingleSignOn
from arena.storage.database import Database
from tests.fakes.loop import FakeClock
from tests.fakes.passwords import CHEAP_PASSWORDS


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def accounts(database: Database, clock: FakeClock) -> Accounts:
    return Accounts(database, clock, session_length=timedelta(hours=10), passwords=CHEAP_PASSWORDS)


@pytest.fixture
def sign_on(database: Database, clock: FakeClock, accounts: Accounts) -> SingleSignOn:
    return SingleSignOn(database, clock, accounts)


@pytest.mark.parametrize("name", ["ada@example.org", "王小明", "Ada Lovelace"])
def test_a_new_name_becomes_an_annotator_and_the_same_one_the_next_time(
    sign_on: SingleSignOn, accounts: Accounts, name: str
) -> None:
    first, second = sign_on.session(name), sign_on.session(name)

    assert first.caller == second.caller
    assert (first.caller.name, first.caller.is_admin) == (name, False)
    assert first.token != second.token
    assert accounts.caller(first.token) == first.caller


def test_who_was_invited_under_the_name_is_the_same_person(
    sign_on: SingleSignOn, accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    people = People(database, clock)
    people.add([("Ada", "linguists")])
    invited = people.join(people.invite(["Ada"])[0].token, accounts)

    assert sign_on.session("Ada").caller == invited.caller
    assert [one.name for one in people.all()] == ["Ada"]


def test_who_came_this_way_is_listed_with_everybody_who_signs_in(
    sign_on: SingleSignOn, accounts: Accounts, database: Database, clock: FakeClock
) -> None:
    sign_on.session("Ada")
    accounts.open_guest_session()
    assert [one.name for one in People(database, clock).all()] == ["Ada"]


@pytest.mark.parametrize(
    "name", ["", " ", " Ada", "A\nda", "admin", "guest-0", "crowd-0", "erased-1", "A" * 81]
)
def test_a_name_that_nobody_can_have_opens_nothing(
    sign_on: SingleSignOn, accounts: Accounts, database: Database, name: str
) -> None:
    accounts.ensure_admin("a good password")
    accounts.open_guest_session()
    before = count(database)

    with pytest.raises(NotAllowed) as refused:
        sign_on.session(name)

    assert refused.value.refusal is Refusal.NOT_ALLOWED
    assert count(database) == before


def test_a_closed_account_stays_closed(
    sign_on: SingleSignOn, database: Database, clock: FakeClock
) -> None:
    sign_on.session("Ada")
    People(database, clock).disable(["Ada"])
    with pytest.raises(NotAllowed):
        sign_on.session("Ada")


def count(database: Database) -> tuple[int, ...]:
    with database.reading() as connection:
        return tuple(
            connection.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
            for table in ("annotators", "sessions")
        )
