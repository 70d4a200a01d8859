"""Both kinds of database; accounts, and the people behind them, on one and a clock."""

from datetime import timedelta

import pytest

from arena.services.accounts import Accounts
from arena.services.board.suspicious_addresses import AddressHashes
from arena.services.people import People
from arena.storage.database import Database
from tests.fakes.loop import FakeClock
from tests.fakes.passwords import CHEAP_PASSWORDS


@pytest.fixture(params=["sqlite", "postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Run every test of a database on both kinds of it."""
    return str(request.param)


@pytest.fixture
def clock() -> FakeClock:
    """Return the clock that the test moves."""
    return FakeClock()


@pytest.fixture
def people(database: Database, clock: FakeClock) -> People:
    """Return the people who are invited by name."""
    return People(database, clock)


@pytest.fixture
def accounts(database: Database, clock: FakeClock) -> Accounts:
    """Return accounts with passwords that take no time, and with hashes of addresses."""
    return Accounts(
        database,
        clock,
        session_length=timedelta(hours=10),
        hashes=AddressHashes(b"key"),
        passwords=CHEAP_PASSWORDS,
    )
