"""Accounts, passwords and sessions."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from arena.domain.accounts import AccountRole, Caller, require_admin
from arena.domain.errors import BadInput, NotAllowed, Refusal
from arena.domain.visibility import Visibility, require_reader
from arena.services.accounts import ADMIN_NAME, Accounts
from arena.services.board.suspicious_addresses import AddressHashes
from arena.storage.database import Database
from tests.fakes.loop import FakeClock
from tests.fakes.passwords import CHEAP_PASSWORDS

PASSWORD = "a good password"


def stored(database: Database) -> str:
    """Everything that the account tables hold, as text."""
    with database.reading() as connection:
        return "".join(
            repr(tuple(row))
            for table in ("annotators", "sessions")
            for row in connection.execute(text(f"SELECT * FROM {table}"))
        )


def test_a_guest_is_an_annotator_with_a_random_name(accounts: Accounts) -> None:
    first, second = accounts.open_guest_session(), accounts.open_guest_session()
    assert first.caller.role is AccountRole.ANNOTATOR
    assert first.caller.name != second.caller.name
    assert accounts.caller(first.token) == first.caller


def test_only_hashes_of_tokens_and_passwords_are_stored(
    accounts: Accounts, database: Database
) -> None:
    accounts.set_admin_password(PASSWORD)
    session = accounts.log_in(ADMIN_NAME, PASSWORD)
    assert session.token not in stored(database)
    assert PASSWORD not in stored(database)
    assert "argon2" in stored(database)


def test_passwords_are_hashed_at_the_recommended_cost_unless_told_otherwise(
    database: Database, clock: FakeClock
) -> None:
    accounts = Accounts(database, clock, session_length=timedelta(hours=10))
    accounts.set_admin_password(PASSWORD)
    assert accounts.log_in(ADMIN_NAME, PASSWORD).caller.is_admin
    assert "$argon2id$v=19$m=65536,t=3,p=4$" in stored(database)


@pytest.mark.parametrize("token", [None, "", "unknown"])
def test_an_unknown_token_is_nobodys(accounts: Accounts, token: str | None) -> None:
    assert accounts.caller(token) is None


def test_a_session_ends_after_its_length(accounts: Accounts, clock: FakeClock) -> None:
    token = accounts.open_guest_session().token
    clock.let_pass(timedelta(seconds=accounts.session_seconds - 3))
    assert accounts.caller(token) is not None
    clock.let_pass(timedelta(seconds=3))
    assert accounts.caller(token) is None


def test_logging_out_ends_this_session_alone(accounts: Accounts) -> None:
    accounts.set_admin_password(PASSWORD)
    here, elsewhere = (accounts.log_in(ADMIN_NAME, PASSWORD) for _ in range(2))
    assert accounts.caller(here.token) == here.caller  # known without the database from now on
    accounts.log_out(here.token)
    assert accounts.known(here.token) is None
    assert accounts.caller(here.token) is None
    assert accounts.caller(elsewhere.token) == elsewhere.caller


def test_a_new_password_ends_every_session_of_the_admin(accounts: Accounts) -> None:
    accounts.set_admin_password(PASSWORD)
    token = accounts.log_in(ADMIN_NAME, PASSWORD).token
    guest = accounts.open_guest_session()
    accounts.set_admin_password("another good password")
    assert accounts.caller(token) is None
    assert accounts.caller(guest.token) == guest.caller
    with pytest.raises(NotAllowed):
        accounts.log_in(ADMIN_NAME, PASSWORD)


@pytest.mark.parametrize("name", [ADMIN_NAME, "nobody", "guest"])
def test_wrong_and_unknown_are_refused_in_the_same_words(accounts: Accounts, name: str) -> None:
    accounts.set_admin_password(PASSWORD)
    with pytest.raises(NotAllowed) as caught:
        accounts.log_in(name, "wrong")
    assert caught.value.refusal is Refusal.WRONG_PASSWORD
    assert str(caught.value) == "wrong_password"


def test_an_account_without_a_password_cannot_log_in(accounts: Accounts) -> None:
    name = accounts.open_guest_session().caller.name
    with pytest.raises(NotAllowed):
        accounts.log_in(name, "")


def test_a_disabled_account_has_neither_log_in_nor_session(
    accounts: Accounts, database: Database
) -> None:
    accounts.set_admin_password(PASSWORD)
    token = accounts.log_in(ADMIN_NAME, PASSWORD).token
    with database.writing() as connection:
        connection.execute(text("UPDATE annotators SET disabled_at = created_at"))
    assert accounts.caller(token) is None
    with pytest.raises(NotAllowed):
        accounts.log_in(ADMIN_NAME, PASSWORD)


def test_a_short_password_is_refused_with_the_limit(accounts: Accounts) -> None:
    with pytest.raises(BadInput) as caught:
        accounts.set_admin_password("short")
    assert caught.value.refusal is Refusal.PASSWORD_TOO_SHORT
    assert caught.value.details == {"limit": 8}


class TestEnsureAdmin:
    def test_a_missing_admin_gets_a_password_that_is_told_once(self, accounts: Accounts) -> None:
        generated = accounts.ensure_admin(None)
        assert generated is not None
        assert accounts.log_in(ADMIN_NAME, generated).caller.is_admin
        assert accounts.ensure_admin(None) is None

    def test_a_given_password_becomes_the_admins(self, accounts: Accounts) -> None:
        accounts.ensure_admin(None)
        assert accounts.ensure_admin(PASSWORD) is None
        assert accounts.log_in(ADMIN_NAME, PASSWORD).caller.is_admin

    def test_the_same_password_again_keeps_the_sessions(self, accounts: Accounts) -> None:
        accounts.ensure_admin(PASSWORD)
        session = accounts.log_in(ADMIN_NAME, PASSWORD)
        accounts.ensure_admin(PASSWORD)
        assert accounts.caller(session.token) == session.caller

    def test_an_unsuitable_password_is_refused(self, accounts: Accounts) -> None:
        with pytest.raises(BadInput):
            accounts.ensure_admin("")


class TestRights:
    @pytest.fixture
    def guest(self, accounts: Accounts) -> Caller:
        return accounts.open_guest_session().caller

    @pytest.fixture
    def admin(self, accounts: Accounts) -> Caller:
        accounts.set_admin_password(PASSWORD)
        return accounts.log_in(ADMIN_NAME, PASSWORD).caller

    def test_only_an_admin_is_an_admin(self, guest: Caller, admin: Caller) -> None:
        assert require_admin(admin) is admin
        for caller, refusal in ((guest, Refusal.NOT_ALLOWED), (None, Refusal.NOT_SIGNED_IN)):
            with pytest.raises(NotAllowed) as caught:
                require_admin(caller)
            assert caught.value.refusal is refusal

    def test_a_circle_reads_the_leaderboard_and_nobody_wider(
        self, guest: Caller, admin: Caller
    ) -> None:
        readers: dict[Visibility, list[Caller | None]] = {
            Visibility.ADMINS: [admin],
            Visibility.ANNOTATORS: [admin, guest],
            Visibility.PUBLIC: [admin, guest, None],
        }
        for visibility, allowed in readers.items():
            for caller in (admin, guest, None):
                if caller in allowed:
                    require_reader(caller, visibility)
                else:
                    with pytest.raises(NotAllowed):
                        require_reader(caller, visibility)


def test_a_sign_in_remembers_its_address_as_a_guest_does(
    database: Database, clock: FakeClock
) -> None:
    accounts = Accounts(
        database,
        clock,
        session_length=timedelta(hours=10),
        hashes=AddressHashes(b"key"),
        passwords=CHEAP_PASSWORDS,
    )
    accounts.set_admin_password(PASSWORD)
    accounts.open_guest_session("192.0.2.1")
    accounts.log_in(ADMIN_NAME, PASSWORD, "192.0.2.1")
    accounts.open_guest_session()

    with database.reading() as connection:
        query = text("SELECT address_id FROM sessions ORDER BY rowid")
        assert connection.execute(query).scalars().all() == [1, 1, None]
    assert "192.0.2.1" not in stored(database)
