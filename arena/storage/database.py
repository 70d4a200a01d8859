"""The one way to the database: connections with the right pragmas, and transactions."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from arena.storage.key_files import KeyFile
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
    "RuleBroken",
    "StorageError",
    "TransientErrors",
    "UnusableLedger",
    "WrongAddress",
]

StorageError = SQLAlchemyError
"""Anything the database refuses or cannot do; after it, nothing of the transaction is kept."""

RuleBroken = IntegrityError
"""The `StorageError` of a constraint or trigger: the row contradicts the ledger's rules."""

TransientErrors = (OperationalError, LedgerLost)
"""The `StorageError`s after which the same may succeed: a lock, a full disk, a file put back."""


class Database:
    """Transactions on one SQLite file. Safe for use from many threads.

    Nothing is opened before the first transaction. A missing file is created then, for its owner
    alone, unless `create` is False. One connection stays open until `close`, so that no other
    process can end the write-ahead log meanwhile.

    Raises:
        WrongAddress: The URL names no file.
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        self.url = url
        self.path = ledger_path(url)
        self.chain_key = KeyFile(self.path.with_name("chain-key"))
        self.engine = self._engine()
        self._create = create
        self._files = OpenFiles(self.path)
        self._one_writer = Lock()
        self._opening = Lock()
        self._anchor: sqlite3.Connection | None = None

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hold the write lock for a transaction that commits on leaving the block.

        Writers of this process queue here: SQLite's own waiting is a sleep of up to 100 ms that
        many writers repeat.

        Raises:
            StorageError: Nothing was written, or only to a file that was deleted or replaced,
                even if that happened between the commit and the return.
        """
        with (
            self._one_writer,
            self.engine.connect() as connection,
            self._transaction(connection) as prepared,
        ):
            yield prepared

    @contextmanager
    def rebuilding(self) -> Iterator[Connection]:
        """Hold the write lock for a transaction in which tables may be dropped and created anew.

        Foreign keys are not enforced: the caller checks them before the end. SQLite ignores that
        setting inside a transaction, and enforces them when a table is dropped.

        Raises:
            StorageError: As `writing` does.
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
        prepared = connection.execution_options(arena_writes=True, arena_chain_key=self.chain_key)
        with prepared.begin():
            self._files.require_unchanged()
            yield prepared
        self._files.require_unchanged()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold one consistent snapshot for a transaction that blocks no writer."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

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

    def _engine(self) -> Engine:
        url = ledger_url(self.url)
        engine = create_engine(
            url,
            pool_size=_CONNECTIONS,
            max_overflow=_CONNECTIONS,
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


def _set_pragmas_of_rebuilding(connection: Connection) -> None:
    """Prepare a connection that is closed after one transaction.

    A large cache makes an index over unsorted texts several times faster.
    """
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA foreign_keys = OFF")
    driver.execute(f"PRAGMA cache_size = {-_REBUILDING_CACHE_KIB}")


def _begin(connection: Connection) -> None:
    """Begin a transaction: writers queue here, where the busy timeout applies."""
    writes = connection.get_execution_options().get("arena_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
