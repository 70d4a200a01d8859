"""A ledger in an SQLite file: connections with the right pragmas, all of them to one file."""

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event

from arena.storage.location import driver_url, ledger_path
from arena.storage.open_files import OpenFiles, beside
from arena.storage.private_files import create_private, make_private

_BUSY_TIMEOUT_MS = 10_000
_REBUILDING_CACHE_KIB = 256 * 1024


class SqliteFile:
    """One SQLite file. Nothing is opened before the first connection is asked for.

    A missing file is created then, for its owner alone, unless `create` is False. One connection
    stays open until `close`, so that no other process can end the write-ahead log meanwhile.

    Raises:
        WrongAddress: The URL names no file.
    """

    def __init__(self, url: str, connections: int, *, create: bool) -> None:
        self.path = ledger_path(url)
        self.writing_options: Mapping[str, Any] = {}
        self.reading_options: Mapping[str, Any] = {}
        self.engine = self._engine(url, connections)
        self._create = create
        self._files = OpenFiles(self.path)
        self._opening = Lock()
        self._anchor: sqlite3.Connection | None = None

    @contextmanager
    def rebuilding(self, connection: Connection) -> Iterator[None]:
        """Prepare a connection for a transaction that drops and creates tables, and end it then.

        SQLite ignores the setting of foreign keys inside a transaction, and enforces them when a
        table is dropped. A large cache makes an index over unsorted texts several times faster.
        """
        try:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA foreign_keys = OFF")
            driver.execute(f"PRAGMA cache_size = {-_REBUILDING_CACHE_KIB}")
            yield
        finally:
            connection.invalidate()

    def require_unchanged(self) -> None:
        """Raise `LedgerLost` when the open files are no longer those at the address."""
        self._files.require_unchanged()

    def save_copy(self, target: Path) -> None:
        """Write everything that is committed into a new file, also when the open one is lost.

        Raises:
            OSError: The file cannot be created.
            sqlite3.Error: The copy failed.
        """
        self._hold_open()
        create_private(target)
        with self._opening, closing(sqlite3.connect(target)) as copy:
            if self._anchor is not None:
                self._anchor.backup(copy)

    def empty_log(self) -> None:
        """Move the write-ahead log into the database and empty it, unless somebody reads it."""
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        with self._opening:
            if self._anchor is not None:
                self._anchor.close()
            self._anchor = None
            self._files.forget()

    def address_for_sqlite(self) -> str:
        """Return the URI by which SQLite opens the file and never creates one."""
        return f"{self.path.as_uri()}?mode=rw"

    def _engine(self, url: str, connections: int) -> Engine:
        address = driver_url(url)
        engine = create_engine(
            address,
            pool_size=connections,
            max_overflow=connections,
            hide_parameters=True,  # an error's text goes to the log, which holds no prompts
        )
        event.listen(engine, "do_connect", self._connecting)
        event.listen(engine, "connect", self._connected)
        event.listen(engine, "begin", _begin)
        return engine

    def _connecting(self, _dialect: Any, _record: Any, place: list[Any], how: Any) -> None:
        self._hold_open()
        place[:] = [self.address_for_sqlite()]
        how["uri"] = True

    def _connected(self, connection: sqlite3.Connection, _record: Any) -> None:
        """Set up a connection, or close it when it leads to another file than the first one."""
        try:
            _set_pragmas(connection)
            self._files.require_unchanged()
        except BaseException:
            connection.close()
            raise

    def _hold_open(self) -> None:
        with self._opening:
            if self._anchor is None:
                self._prepare_files()
                self._anchor = self._anchored()

    def _prepare_files(self) -> None:
        if self._create:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            create_private(self.path)
        for path in (self.path, *beside(self.path)):
            make_private(path)

    def _anchored(self) -> sqlite3.Connection:
        """Return a connection that has read, which keeps the log and its index where they are."""
        anchor = sqlite3.connect(self.address_for_sqlite(), uri=True, check_same_thread=False)
        try:
            _set_pragmas(anchor)
            anchor.execute("SELECT count(*) FROM sqlite_master").fetchall()
            self._files.pin()
        except BaseException:
            anchor.close()
            raise
        return anchor


def _set_pragmas(connection: sqlite3.Connection) -> None:
    """Set up a connection as the ledger needs it.

    WAL lets readers and the writer run at once; FULL makes a commit survive a power cut. With
    recursive triggers the ledger's rules also hold against INSERT OR REPLACE.
    """
    connection.isolation_level = None
    for pragma in (
        f"busy_timeout = {_BUSY_TIMEOUT_MS}",
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "recursive_triggers = ON",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Begin a transaction: writers queue here, where the busy timeout applies."""
    writes = connection.get_execution_options().get("arena_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
