"""Copies of a database as one file, whole or not at all, while votes go on."""

import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from arena.storage.database import Database
from arena.storage.saved_copies import upgrade_copies, upgrade_copy_name

KEPT_UPGRADE_COPIES = 3


class BadCopy(sqlite3.DatabaseError):
    """What was copied is damaged, so that nothing was kept of it."""

    sqlite_errorcode = sqlite3.SQLITE_CORRUPT
    sqlite_errorname = "SQLITE_CORRUPT"


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: how many votes it holds, and its size in bytes."""

    votes: int
    octets: int


def write_backup(database: Database, target: Path) -> Backup:
    """Copy everything that is committed now into a new file for its owner alone.

    One snapshot: every vote that was acknowledged before the call is in it. The file gets its name
    when it is whole, checked and on the disk; it needs nothing beside it.

    Raises:
        UnusableLedger: The database is on a server, which has programs of its own for that.
        FileExistsError: There is a file of that name; it stays as it was.
        OSError: The file cannot be written.
        sqlite3.Error: The copy failed, or is damaged.
    """
    if target.exists():
        raise FileExistsError(None, "exists already: choose another name", str(target))
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    try:
        database.save_copy(part)
        votes = _checked(part)
        _flush(part)
        part.rename(target)
        _flush(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return Backup(votes, target.stat().st_size)


def keep_upgrade_copy(database: Database, revision: str, now: datetime) -> Path:
    """Put a copy beside a database of that revision before it is upgraded, and return its path.

    The newest three stay; older ones are deleted. Raises as `write_backup` does.
    """
    copy = upgrade_copy_name(database.path, revision, now)
    if not copy.exists():
        write_backup(database, copy)
    for old in upgrade_copies(database.path)[:-KEPT_UPGRADE_COPIES]:
        old.unlink(missing_ok=True)
    return copy


def _checked(part: Path) -> int:
    """Return how many votes a copy holds; without a log, it is a single file from now on."""
    with closing(sqlite3.connect(part)) as copy:
        copy.execute("PRAGMA journal_mode = DELETE").fetchall()
        ((found,),) = copy.execute("PRAGMA quick_check(1)").fetchall()
        if found != "ok":
            raise BadCopy(" ".join(str(found).split()))
        ((votes,),) = copy.execute("SELECT count(*) FROM votes").fetchall()
    return int(votes)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
