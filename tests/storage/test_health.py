"""Whether the ledger can take a vote is found out by storing something."""

import os
import resource
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from arena.storage.database import Database
from arena.storage.health import CannotStore, require_storing
from arena.storage.migrate import schema_sql
from tests.database_kinds import ON_SQLITE
from tests.fakes.disk import locked


def why_not(database: Database, **options: int) -> str:
    with pytest.raises(CannotStore) as caught:
        require_storing(database, **options)
    return str(caught.value)


@ON_SQLITE
def test_a_sound_ledger_can_store_and_is_not_changed_by_the_question(database: Database) -> None:
    with database.reading() as connection:
        before = schema_sql(database), connection.execute(text("PRAGMA user_version")).scalar()
    for _ in range(3):
        require_storing(database, least_free=0)
    with database.reading() as connection:
        after = schema_sql(database), connection.execute(text("PRAGMA user_version")).scalar()
        assert connection.execute(text("PRAGMA integrity_check")).scalar() == "ok"
    assert after == before


@ON_SQLITE
def test_a_deleted_file_cannot_store(database: Database) -> None:
    require_storing(database, least_free=0)
    with database.reading():
        pass
    database.path.unlink()
    assert "was deleted" in why_not(database)
    assert not database.path.exists()


def test_a_locked_ledger_cannot_store(database: Database) -> None:
    with locked(database):
        assert "locked by another program" in why_not(database)


@ON_SQLITE
def test_a_disk_with_little_room_cannot_store(database: Database) -> None:
    disk = os.statvfs(database.path.parent)
    assert "MiB left" in why_not(database, least_free=2 * disk.f_bavail * disk.f_frsize)


@contextmanager
def no_file_may_grow_beyond(octets: int) -> Iterator[None]:
    """The kernel refuses writes of this process beyond that, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (octets, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@ON_SQLITE
def test_a_disk_that_takes_nothing_more_cannot_store(database: Database) -> None:
    with database.reading():
        pass
    log = Path(f"{database.path}-wal")
    with no_file_may_grow_beyond(log.stat().st_size):
        assert "the disk of" in why_not(database, least_free=0)
    require_storing(database, least_free=0)
