"""Whether the ledger can take a vote now, found out by storing something."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text

from arena.storage.database import Database, LedgerLost, StorageError
from arena.storage.faults import explanation
from arena.storage.open_files import beside
from arena.storage.postgres_server import WRITER
from arena.storage.sqlite_file import SqliteFile

LEAST_FREE_BYTES = 32 * 2**20
"""With less room, many long answers could fill the disk before anybody looks."""

_PATIENCE_MS = 2_000


class CannotStore(Exception):
    """One sentence: why nothing can be stored now."""


@dataclass(frozen=True, slots=True)
class Room:
    """Bytes that the files of a database take, and that are free for this user on their disk."""

    used_bytes: int
    free_bytes: int


def room_of(database: Database) -> Room | None:
    """Return how much room a file takes and has; one that is gone takes none.

    None for a database on a server, whose disk is the server's own matter.
    """
    if database.file is None:
        return None
    path = database.file.path
    used = sum(file.stat().st_size for file in (path, *beside(path)) if file.exists())
    return Room(used, _free_bytes(path))


def require_storing(database: Database, *, least_free: int = LEAST_FREE_BYTES) -> None:
    """Commit something that changes nothing. Blocking.

    Waits at most two seconds for others that write.

    Raises:
        CannotStore: The commit failed, a file of the database was deleted or replaced, or its
            disk has less than `least_free` bytes for this user. That of a server is its operator's.
    """
    try:
        database.require_unchanged()
        if database.file is None:
            _commit(database)
        else:
            _write(database.file)
        database.require_unchanged()
    except LedgerLost as error:
        raise CannotStore(str(error)) from error
    except (StorageError, sqlite3.Error, OSError) as error:
        raise CannotStore(explanation(error, database.place)) from error
    require_room(database, least_free=least_free)


def require_room(database: Database, *, least_free: int = LEAST_FREE_BYTES) -> None:
    """Look at the disk alone, which waits for nobody.

    Raises:
        CannotStore: The disk has less than `least_free` bytes for this user.
    """
    if database.file is None:
        return
    free = _free_bytes(database.file.path)
    if free < least_free:
        raise CannotStore(
            f"the disk of {database.place} has {free / 2**20:.0f} MiB left, less than "
            f"{least_free / 2**20:.0f}: make room"
        )


def _commit(database: Database) -> None:
    """Commit a transaction that has a number, which the server writes into its log."""
    with database.engine.connect() as connection, connection.begin():
        connection.execute(text(f"SET LOCAL lock_timeout = {_PATIENCE_MS}"))
        connection.execute(text(f"SELECT pg_advisory_xact_lock({WRITER})"))
        connection.execute(text("SELECT pg_current_xact_id()"))


def _write(file: SqliteFile) -> None:
    """Write `user_version`, which nothing else uses, on a connection outside the pool."""
    address = file.address_for_sqlite()
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        ((mark,),) = connection.execute("PRAGMA user_version").fetchall()
        connection.execute(f"PRAGMA user_version = {int(mark)}")
        connection.execute("COMMIT")


def _free_bytes(path: Path) -> int:
    disk = os.statvfs(path.parent)
    return disk.f_bavail * disk.f_frsize
