"""The one way to the database: transactions on a file or on a server."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError

from arena.storage.key_files import KeyFile
from arena.storage.location import (
    UnusableLedger,
    WrongAddress,
    is_file,
    keys_folder,
    ledger_path,
    place_of,
)
from arena.storage.open_files import LedgerLost
from arena.storage.postgres_server import PostgresServer
from arena.storage.sqlite_file import SqliteFile

_CONNECTIONS = 20

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
    """Transactions on one ledger. Safe for use from many threads.

    `file` is the SQLite file, None of a database on a server; `place` names either in messages,
    without a password. Nothing is opened before the first transaction. A missing file is created
    then, unless `create` is False.

    Raises:
        WrongAddress: The URL names neither a file nor a database of a server.
        UnusableLedger: The driver of the server is not installed.
    """

    def __init__(self, url: str, *, create: bool = True) -> None:
        self.url = url
        self.place = place_of(url)
        self.keys_folder = keys_folder(url)
        self.chain_key = KeyFile(self.keys_folder / "chain-key")
        self.file = SqliteFile(url, _CONNECTIONS, create=create) if is_file(url) else None
        self._kept = self.file or PostgresServer(url, _CONNECTIONS)
        self._one_writer = Lock()

    @property
    def engine(self) -> Engine:
        """The connections."""
        return self._kept.engine

    @property
    def path(self) -> Path:
        """The SQLite file. Raises `WrongAddress` for a database on a server."""
        return ledger_path(self.url)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Hold the write lock for a transaction that commits on leaving the block.

        Writers of this process queue here: SQLite's own waiting is a sleep of up to 100 ms that
        many writers repeat, and on a server each of them would take a connection.

        Raises:
            StorageError: Nothing was written, or only to a file that was deleted or replaced,
                even if that happened between the commit and the return. Where the connection to
                a server broke at the commit, it may have been written.
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

        Foreign keys of a file are not enforced: the caller checks them before the end.

        Raises:
            StorageError: As `writing` does.
        """
        with (
            self._one_writer,
            self.engine.connect() as connection,
            self._kept.rebuilding(connection),
            self._transaction(connection) as prepared,
        ):
            yield prepared

    @contextmanager
    def _transaction(self, connection: Connection) -> Iterator[Connection]:
        prepared = connection.execution_options(
            arena_writes=True, arena_chain_key=self.chain_key, **self._kept.writing_options
        )
        with prepared.begin():
            self._kept.require_unchanged()
            yield prepared
        self._kept.require_unchanged()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Hold one consistent snapshot for a transaction that blocks no writer."""
        with self.engine.connect() as connection:
            prepared = connection.execution_options(**self._kept.reading_options)
            with prepared.begin():
                yield prepared

    def save_copy(self, target: Path) -> None:
        """Write everything that is committed into a new file, also when the open one is lost.

        Raises:
            UnusableLedger: The database is on a server, which has programs of its own for that.
            OSError: The file cannot be created.
            sqlite3.Error: The copy failed.
        """
        if self.file is None:
            raise UnusableLedger(
                f"{self.place} is on a PostgreSQL server: back it up with pg_dump "
                f"--format=custom, and the keys in {self.keys_folder} as well"
            )
        self.file.save_copy(target)

    def empty_log(self) -> None:
        """Empty the write-ahead log of a file, unless somebody reads it."""
        if self.file is not None:
            self.file.empty_log()

    def require_unchanged(self) -> None:
        """Raise `LedgerLost` when the open files are no longer those at the address."""
        self._kept.require_unchanged()

    def close(self) -> None:
        """Close every connection."""
        self._kept.close()
