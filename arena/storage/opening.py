"""Opening a database for a command: find it, check it, bring it to the newest schema."""

import logging
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from sqlalchemy import text

from arena.domain.byte_sizes import size_text
from arena.storage.backups import keep_upgrade_copy
from arena.storage.database import Database, StorageError, UnusableLedger, WrongAddress
from arena.storage.faults import explanation
from arena.storage.file_system import MOUNTS, network_file_system
from arena.storage.location import is_file, ledger_path
from arena.storage.migrate import (
    BrokenReferences,
    EmptyDatabase,
    NewerSchema,
    migrate,
    require_known_schema,
)
from arena.storage.saved_copies import saved_copies
from arena.storage.server_opening import require_usable

logger = logging.getLogger(__name__)

_LARGE_BYTES = 2**28


def _utc_now() -> datetime:
    return datetime.now(UTC)


def open_ledger(url: str, *, create: bool, now: Callable[[], datetime] = _utc_now) -> Database:
    """Open the database at an address, checked and migrated; the caller closes it.

    A missing database is refused unless `create` is set; one on a server is an empty one. All pages
    of a file are read and compared, about three seconds of CPU a gigabyte: no rate may come from
    half of the votes. Before a migration a copy named by `now` is put beside a file.

    Raises:
        WrongAddress: The address must change; one sentence.
        UnusableLedger: The database cannot be used; one sentence.
    """
    check_ledger_file(url, create=create)
    database = Database(url, create=create)
    try:
        _require_sound(database, create=create)
        migrate(database, before_upgrade=partial(_keep_copy, database, now))
    except (NewerSchema, BrokenReferences) as error:
        database.close()
        raise UnusableLedger(f"{database.place} {error}") from error
    except (StorageError, sqlite3.Error, OSError, UnicodeDecodeError) as error:
        database.close()
        raise UnusableLedger(explanation(error, database.place)) from error
    except BaseException:
        database.close()
        raise
    return database


def open_unmigrated(url: str) -> Database:
    """Open an existing database, checked, to read it as it is; the caller closes it.

    Raises:
        WrongAddress: The address must change; one sentence.
        UnusableLedger: The database cannot be used; one sentence.
    """
    check_ledger_file(url, create=False)
    database = Database(url, create=False)
    try:
        _require_sound(database, create=False)
        require_known_schema(database)
    except (NewerSchema, EmptyDatabase) as error:
        database.close()
        raise UnusableLedger(f"{database.place} {error}") from error
    except (StorageError, OSError, UnicodeDecodeError) as error:
        database.close()
        raise UnusableLedger(explanation(error, database.place)) from error
    except BaseException:
        database.close()
        raise
    return database


def _keep_copy(database: Database, now: Callable[[], datetime], revision: str) -> None:
    if database.file is None:
        logger.warning(
            "upgrading %s in one transaction; no copy of it is kept here: that is pg_dump's",
            database.place,
        )
        return
    copy = keep_upgrade_copy(database, revision, now())
    logger.warning("upgrading %s: as it was before, it is kept as %s", database.place, copy.name)


def check_ledger_file(url: str, *, create: bool, mounts: Path = MOUNTS) -> None:
    """Refuse a file that is not there, no database of an arena or on a network disk.

    Nothing is changed. A database on a server is not asked for: `open_ledger` does that.

    Raises:
        WrongAddress: The address must change.
        UnusableLedger: The file cannot be used.
    """
    if not is_file(url):
        return
    path = ledger_path(url)
    try:
        mode = path.stat().st_mode
    except FileNotFoundError:
        if path.is_symlink():
            raise WrongAddress(f"{path} is a link to a file that is not there") from None
        if not create:
            raise WrongAddress(f"no arena database at {path}") from None
        _require_no_copy(path)
        _require_own_disk(path, mounts)
        return
    except OSError as error:
        raise WrongAddress(explanation(error, path)) from error
    if not stat.S_ISREG(mode):
        raise WrongAddress(f"{path} is no file: give the arena a file of its own")
    _require_own_disk(path, mounts)
    _require_own(path)


def _require_own_disk(path: Path, mounts: Path) -> None:
    kind = network_file_system(path, mounts)
    if kind is not None:
        raise UnusableLedger(
            f"{path} is on a network disk ({kind}), where SQLite loses votes: its locks and its "
            "log work on disks of this machine alone. Put it on one with --database-url "
            "sqlite:////PATH/arena.sqlite3, and backups on the network (arena backup)"
        )


def _require_no_copy(path: Path) -> None:
    """Refuse to create an empty arena in the place of one that was lost and saved."""
    copies = saved_copies(path)
    if copies:
        raise UnusableLedger(
            f"there is no database at {path}, but {copies[-1]} was saved when it was lost: put it "
            "in its place, or move it away to begin with an empty arena"
        )


def _require_own(path: Path) -> None:
    """Refuse the database of another program.

    The connection is without our settings, which would change the file.
    """
    address = f"{path.as_uri()}?mode=rw"
    try:
        with closing(sqlite3.connect(address, uri=True)) as connection:
            found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
            tables = {name for (name,) in found}
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise UnusableLedger(explanation(error, path)) from error
    if tables and "alembic_version" not in tables:
        raise WrongAddress(
            f"{path} is a database of another program: give the arena a file of its own"
        )


def _require_sound(database: Database, *, create: bool) -> None:
    if database.file is None:
        require_usable(database, create=create)
        return
    with database.reading() as connection:
        size = database.path.stat().st_size
        if size >= _LARGE_BYTES:
            logger.info("checking %s, %s", database.path, size_text(size))
        found = str(connection.execute(text("PRAGMA quick_check(1)")).scalar())
    if found != "ok":
        raise UnusableLedger(
            f"{database.path} is damaged ({' '.join(found.split())}): put a backup in its place; "
            f"`sqlite3 {database.path} .recover` saves what can still be read"
        )
