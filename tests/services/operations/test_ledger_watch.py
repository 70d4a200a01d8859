"""Whether votes can be stored: found out now and then, said once, and a lost ledger is copied."""

import logging
import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from arena.services.failures import FailureKind, FailureLog
from arena.services.operations.ledger_watch import LedgerWatch
from arena.storage.database import Database
from arena.storage.saved_copies import saved_copies
from tests.builders import seed_votes
from tests.fakes.disk import locked
from tests.fakes.loop import FakeClock


@pytest.fixture
def database_kind() -> str:
    """Return where databases are made: what is watched here is files."""
    return "sqlite"


class Watched:
    """A watch over a database with five votes."""

    def __init__(self, database: Database) -> None:
        seed_votes(database, wins=3, losses=2)
        self.clock = FakeClock()
        self.failure_log = FailureLog(self.clock)
        self.path = database.path
        self.watch = LedgerWatch(database, self.clock, self.failure_log, least_free=0)

    def fault_later(self) -> str | None:
        self.clock.let_pass(timedelta(seconds=6))
        return self.watch.fault()

    def copies(self) -> list[Path]:
        return saved_copies(self.path)


@pytest.fixture
def watched(database: Database) -> Watched:
    return Watched(database)


def votes(file: Path) -> int:
    with closing(sqlite3.connect(file)) as connection:
        (count,) = connection.execute("SELECT count(*) FROM votes").fetchone()
        return int(count)


def test_a_fault_is_said_once_and_so_is_its_end(
    watched: Watched, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    assert watched.watch.fault() is None
    with caplog.at_level(logging.WARNING):
        with locked(database):
            assert "locked" in str(watched.fault_later())
            assert "locked" in str(watched.fault_later())
        assert watched.fault_later() is None
    assert caplog.text.count("nothing can be stored") == 1
    assert caplog.text.count("can be written again") == 1
    assert [one.kind for one in watched.failure_log.newest] == [FailureKind.CANNOT_STORE]
    assert watched.copies() == []


def test_many_probes_are_one_write_to_the_disk(watched: Watched) -> None:
    watched.watch.fault()
    before = Path(f"{watched.path}-wal").read_bytes()
    for _ in range(100):
        watched.watch.fault()
    assert Path(f"{watched.path}-wal").read_bytes() == before
    watched.fault_later()
    assert Path(f"{watched.path}-wal").read_bytes() != before


@pytest.mark.parametrize("ending", ["", "-wal", "-shm"])
def test_the_votes_of_a_lost_ledger_are_copied_once_and_the_admin_learns_where(
    watched: Watched, ending: str
) -> None:
    Path(f"{watched.path}{ending}").unlink()
    for _ in range(3):
        assert "was deleted" in str(watched.fault_later())
    (copy,) = watched.copies()
    assert votes(copy) == 5
    assert str(copy) in watched.failure_log.newest[0].detail


def test_the_end_of_the_arena_looks_a_last_time(watched: Watched) -> None:
    watched.watch.fault()
    watched.path.unlink()
    watched.watch.close()
    (copy,) = watched.copies()
    assert votes(copy) == 5


def test_a_directory_that_was_deleted_is_made_again_for_the_copy(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'db' / 'arena.sqlite3'}")
    from arena.storage.migrate import migrate

    migrate(database)
    watched = Watched(database)
    for file in (tmp_path / "db").iterdir():
        file.unlink()
    (tmp_path / "db").rmdir()
    assert watched.fault_later() is not None
    (copy,) = watched.copies()
    assert votes(copy) == 5
    database.close()
