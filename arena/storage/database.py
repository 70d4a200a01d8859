"""The one way to the database: connections with the right pragmas, and transactions."""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from threading import Lock
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

_BUSY_TIMEOUT_MS = 10_000
_CONNECTIONS = 20

__all__ = ["Connection", "Database", "RuleBroken", "StorageError"]

StorageError = SQLAlchemyError
"""Anything the database refuses or cannot do; after it, nothing of the transaction is kept."""

RuleBroken = IntegrityError
"""The `StorageError` of a constraint or trigger: the row contradicts the ledger's rules."""


class Database:
    """Transactions on one database, SQLite by default. Safe for use from many threads."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.engine = _engine(url)
        self._one_writer: AbstractContextManager[Any] = (
            Lock() if self.engine.dialect.name == "sqlite" else nullcontext()
        )

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its start; commits on leaving the block.

        Writers of this process queue here: SQLite's own waiting is a sleep of up to 100 ms that
        a whole crowd of writers repeats. Raises `StorageError`; then nothing was written.
        """
        with self._one_writer, self.engine.connect() as connection:
            prepared = connection.execution_options(arena_writes=True)
            with prepared.begin():
                yield prepared

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A transaction that sees one consistent snapshot and blocks no writer."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Close every pooled connection."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_size=_CONNECTIONS)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(parsed, pool_size=_CONNECTIONS, max_overflow=_CONNECTIONS)
    event.listen(engine, "connect", _set_pragmas)
    event.listen(engine, "begin", _begin)
    return engine


def _set_pragmas(connection: sqlite3.Connection, _record: Any) -> None:
    """WAL lets readers and the writer run at once; FULL makes a commit survive a power cut.

    With recursive triggers the ledger's rules also hold against INSERT OR REPLACE.
    """
    connection.isolation_level = None
    for pragma in (
        "journal_mode = WAL",
        "synchronous = FULL",
        "foreign_keys = ON",
        "recursive_triggers = ON",
        f"busy_timeout = {_BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    """Writers queue at BEGIN, where the busy timeout applies, instead of failing at a write."""
    writes = connection.get_execution_options().get("arena_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
