"""The one way to the database: connections with the right pragmas, and transactions."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from arena.storage.location import UnusableLedger, WrongAddress, ledger_path, ledger_url
from arena.storage.open_files import LedgerLost, OpenFiles, beside
from arena.storage.private_files import create_private, make_private

_BUSY_TIMEOUT_MS = 10_000
_CONNECTIONS = 20
_REBUILDING_CACHE_KIB = 256 * 1024

__all__ = [
    "Connection",
    "Database",
    "LedgerLost",
    "MayPass",
    "RuleBroken",
    "StorageError",
    "UnusableLedger",
    "WrongAddress",
]

StorageError = SQLAlchemyError
"""Anything the database refuses or cannot do; after it, nothing of the transaction is kept."""

RuleBroken = IntegrityError
"""The `StorageError` of a constraint or trigger: the row contradicts the ledger's rules."""

MayPass = (OperationalError, LedgerLost)
"""The `StorageError`s after which the same may succeed: a lock, a full disk, a file put back."""


class Database:
    """Transactions on one SQLite file. Safe for use from many threads.

    Nothing is opened before the first transaction. A file that is not there is made then, for its
    owner alone, unless `create` is False. One connection stays open until `close`, so that nobody
    else can end the write-ahead log meanwhile. Raises `WrongAddress` for an address of no file.
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        self.url = url
        self.path = ledger_path(url)
        self.engine = self._engine()
        self._create = create
        self._files = OpenFiles(self.path)
        self._one_writer = Lock()
        self._opening = Lock()
        self._anchor: sqlite3.Connection | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its start; commits on leaving the block.

        Writers of this process queue here: SQLite's own waiting is a sleep of up to 100 ms that
        a whole crowd of writers repeats. Raises `StorageError`; then nothing was written, or
        only to a file that is lost: who deletes the file between the commit and the return is
        noticed too.
        """
        with (
            self._one_writer,
            self.engine.connect() as connection,
            self._transaction(connection) as prepared,
        ):
            yield prepared

    @contextmanager
    def rebuilding(self) -> Iterator[Connection]:
        """A transaction as of `writing`, in which tables may be dropped and made anew.

        Foreign keys go unchecked: the caller checks them before it ends. SQLite ignores that
        setting inside a transaction, and drops the rows of a table one by one without it.
        """
        with self._one_writer, self.engine.connect() as connection:
            try:
                _set_pragmas_of_rebuilding(connection)
                with self._transaction(connection) as prepared:
                    yield prepared
            finally:
                connection.invalidate()

    @contextmanager
    def _transaction(self, connection: Connection) -> Iterator[Connection]:
        prepared = connection.execution_options(arena_writes=True)
        with prepared.begin():
            self._files.require_unchanged()
            yield prepared
        self._files.require_unchanged()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one consistent snapshot and blocks no writer."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def require_unchanged(self) -> None:
        """Raise `LedgerLost` when the open files are no longer those at the address."""
        self._files.require_unchanged()

    def save_copy(self, target: Path) -> None:
        """Write everything that is committed into a new file, also when the open one is lost.

        Raises OSError and `sqlite3.Error`.
        """
        self._hold_open()
        create_private(target)
        with self._opening, closing(sqlite3.connect(target)) as copy:
            if self._anchor is not None:
                self._anchor.backup(copy)

    def close(self) -> None:
        """Close every connection."""
        self.engine.dispose()
        with self._opening:
            if self._anchor is not None:
                self._anchor.close()
            self._anchor = None
            self._files.forget()

    def address_for_sqlite(self) -> str:
        """The file as a URI by which SQLite opens it and never makes one."""
        return f"{self.path.as_uri()}?mode=rw"

    def _engine(self) -> Engine:
        url = ledger_url(self.url)
        engine = create_engine(url, pool_size=_CONNECTIONS, max_overflow=_CONNECTIONS)
        event.listen(engine, "do_connect", self._connecting)
        event.listen(engine, "connect", self._connected)
        event.listen(engine, "begin", _begin)
        return engine

    def _connecting(self, _dialect: Any, _record: Any, place: list[Any], how: Any) -> None:
        self._hold_open()
        place[:] = [self.address_for_sqlite()]
        how["uri"] = True

    def _connected(self, connection: sqlite3.Connection, _record: Any) -> None:
        """A connection is of use only if it is to the same file as all others."""
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
        """A connection that has read, and thereby keeps the log and its index where they are."""
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
    """WAL lets readers and the writer run at once; FULL makes a commit survive a power cut.

    With recursive triggers the ledger's rules also hold against INSERT OR REPLACE.
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


def _set_pragmas_of_rebuilding(connection: Connection) -> None:
    """For a connection that is thrown away after one transaction.

    With a large cache an index over unsorted texts is made several times faster.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    driver.execute(f"PRAGMA cache_size = {-_REBUILDING_CACHE_KIB}")


def _begin(connection: Connection) -> None:
    """Writers queue at BEGIN, where the busy timeout applies, instead of failing at a write."""
    writes = connection.get_execution_options().get("arena_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
