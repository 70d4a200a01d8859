"""Whether the ledger can take a vote now, found out by storing something."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass

from arena.storage.database import Database, LedgerLost
from arena.storage.faults import explanation
from arena.storage.open_files import beside

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


def room_of(database: Database) -> Room:
    """Return how much room a database takes and has; a file that is gone takes none."""
    files = (database.path, *beside(database.path))
    used = sum(file.stat().st_size for file in files if file.exists())
    return Room(used, _free_bytes(database))


def require_storing(database: Database, *, least_free: int = LEAST_FREE_BYTES) -> None:
    """Commit a change of one page that changes nothing. Blocking.

    Waits at most two seconds for others that write.

    Raises:
        CannotStore: The commit failed, a file of the database was deleted or replaced, or its
            disk has less than `least_free` bytes for this user.
    """
    try:
        database.require_unchanged()
        _write(database)
        database.require_unchanged()
    except LedgerLost as error:
        raise CannotStore(str(error)) from error
    except (sqlite3.Error, OSError) as error:
        raise CannotStore(explanation(error, database.path)) from error
    require_room(database, least_free=least_free)


def require_room(database: Database, *, least_free: int = LEAST_FREE_BYTES) -> None:
    """Look at the disk alone, which waits for nobody.

    Raises:
        CannotStore: The disk has less than `least_free` bytes for this user.
    """
    free = _free_bytes(database)
    if free < least_free:
        raise CannotStore(
            f"the disk of {database.path} has {free / 2**20:.0f} MiB left, less than "
            f"{least_free / 2**20:.0f}: make room"
        )


def _write(database: Database) -> None:
    """Write `user_version`, which nothing else uses, on a connection outside the pool."""
    address = database.address_for_sqlite()
    with closing(sqlite3.connect(address, uri=True, isolation_level=None)) as connection:
        connection.execute(f"PRAGMA busy_timeout = {_PATIENCE_MS}")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN IMMEDIATE")
        ((mark,),) = connection.execute("PRAGMA user_version").fetchall()
        connection.execute(f"PRAGMA user_version = {int(mark)}")
        connection.execute("COMMIT")


def _free_bytes(database: Database) -> int:
    disk = os.statvfs(database.path.parent)
    return disk.f_bavail * disk.f_frsize
