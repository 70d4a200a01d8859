"""Hashes of addresses go when the last session from there has ended, though nobody comes again."""

from datetime import timedelta

from sqlalchemy import text

from arena.services.accounts import Accounts
from arena.services.board.suspicious_addresses import AddressHashes
from arena.services.operations.address_retention import forget_ended_addresses
from arena.storage.database import Database
from tests.fakes.loop import FakeClock
from tests.fakes.passwords import CHEAP_PASSWORDS

LENGTH = timedelta(hours=10)


def hashes_of(database: Database) -> list[str | None]:
    with database.reading() as connection:
        return list(connection.execute(text("SELECT hash FROM addresses ORDER BY id")).scalars())


def test_a_hash_goes_with_the_last_session_and_the_number_stays(database: Database) -> None:
    clock = FakeClock()
    accounts = Accounts(
        database,
        clock,
        session_length=LENGTH,
        hashes=AddressHashes(b"key"),
        passwords=CHEAP_PASSWORDS,
    )
    accounts.open_guest_session("192.0.2.1")
    clock.let_pass(timedelta(hours=1))
    accounts.open_guest_session("192.0.2.2")

    assert forget_ended_addresses(database, clock) == 0
    clock.let_pass(LENGTH - timedelta(hours=1))
    assert forget_ended_addresses(database, clock) == 1
    first, second = hashes_of(database)
    assert first is None
    assert second is not None

    clock.let_pass(timedelta(hours=1))
    assert forget_ended_addresses(database, clock) == 1
    assert hashes_of(database) == [None, None]
    assert forget_ended_addresses(database, clock) == 0
