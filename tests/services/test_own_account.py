"""What people change of their own account, and who has none to change."""

from datetime import timedelta

import pytest

from arena.domain.accounts import Caller
from arena.domain.errors import BadInput, NotAllowed, Refusal
from arena.services.accounts import Accounts
from arena.services.own_account import OwnAccount
from arena.services.people import People
from arena.storage.database import Database
from tests.fakes.loop import FakeClock
from tests.fakes.passwords import CHEAP_PASSWORDS

PASSWORD = "spring tides at noon"


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def accounts(database: Database, clock: FakeClock) -> Accounts:
    return Accounts(database, clock, session_length=timedelta(hours=10), passwords=CHEAP_PASSWORDS)


@pytest.fixture
def people(database: Database, clock: FakeClock) -> People:
    found = People(database, clock)
    found.add([("Ada", None), ("Bob", None)])
    return found


@pytest.fixture
def own(database: Database, clock: FakeClock, accounts: Accounts) -> OwnAccount:
    return OwnAccount(database, clock, accounts, passwords=CHEAP_PASSWORDS)


def joined(people: People, accounts: Accounts, name: str = "Ada") -> tuple[Caller, str]:
    session = people.join(people.invite([name])[0].token, accounts)
    return session.caller, session.token


def test_the_owner_sees_name_password_and_sessions_and_which_one_is_here(
    own: OwnAccount, people: People, accounts: Accounts, clock: FakeClock
) -> None:
    _, first = joined(people, accounts)
    clock.let_pass(timedelta(minutes=5))
    ada, second = joined(people, accounts)
    joined(people, accounts, "Bob")

    view = own.view(ada, first)

    assert (view.name, view.has_password) == ("Ada", False)
    assert [one.here for one in view.sessions] == [False, True]
    assert [one.here for one in own.view(ada, second).sessions] == [True, False]
    assert view.sessions[0].opened_at - view.sessions[1].opened_at == timedelta(minutes=5)


def test_a_new_password_signs_in_and_ends_all_other_sessions_at_once(
    own: OwnAccount, people: People, accounts: Accounts
) -> None:
    ada, here = joined(people, accounts)
    _, elsewhere = joined(people, accounts)
    _, bobs = joined(people, accounts, "Bob")
    assert accounts.caller(elsewhere) == ada

    own.set_password(ada, here, PASSWORD)

    assert accounts.caller(here) == ada
    assert accounts.caller(elsewhere) is None
    assert accounts.caller(bobs) is not None
    assert accounts.log_in("Ada", PASSWORD).caller == ada
    assert own.view(ada, here).has_password


def test_signing_out_everywhere_else_leaves_the_session_that_asks(
    own: OwnAccount, people: People, accounts: Accounts
) -> None:
    ada, here = joined(people, accounts)
    others = [joined(people, accounts)[1] for _ in range(3)]

    own.end_others(ada, here)

    assert [accounts.caller(token) for token in others] == [None] * 3
    assert accounts.caller(here) == ada
    assert [one.here for one in own.view(ada, here).sessions] == [True]


@pytest.mark.parametrize(
    ("password", "refusal"),
    [("short", Refusal.PASSWORD_TOO_SHORT), ("welcome123", Refusal.PASSWORD_TRIED_FIRST)],
)
def test_a_password_that_is_none_changes_nothing(
    own: OwnAccount, people: People, accounts: Accounts, password: str, refusal: Refusal
) -> None:
    ada, here = joined(people, accounts)
    _, elsewhere = joined(people, accounts)
    with pytest.raises(BadInput) as caught:
        own.set_password(ada, here, password)
    assert caught.value.refusal is refusal
    assert accounts.caller(elsewhere) == ada


def test_guests_and_nobody_have_no_account_of_their_own(
    own: OwnAccount, accounts: Accounts
) -> None:
    guest = accounts.open_guest_session()
    for caller, token in ((guest.caller, guest.token), (None, "")):
        with pytest.raises(NotAllowed):
            own.view(caller, token)
        with pytest.raises(NotAllowed):
            own.set_password(caller, token, PASSWORD)
        with pytest.raises(NotAllowed):
            own.end_others(caller, token)


def test_the_admins_password_is_set_elsewhere(own: OwnAccount, accounts: Accounts) -> None:
    accounts.set_admin_password(PASSWORD)
    admin = accounts.log_in("admin", PASSWORD)
    assert own.view(admin.caller, admin.token).has_password
    with pytest.raises(NotAllowed):
        own.set_password(admin.caller, admin.token, "neap tides at noon")
    assert accounts.log_in("admin", PASSWORD).caller.is_admin
