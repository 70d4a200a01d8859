"""A database on a disk that is full, and one that another program holds: real errors of SQLite."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import event

from arena.storage.database import Connection, Database

_NO_LIMIT = 2**31 - 2


class SmallDisk:
    """From now on the transactions of a database fail for want of room while `full`."""

    def __init__(self, database: Database) -> None:
        self.full = False
        event.listen(database.engine, "begin", self._limit)

    def _limit(self, connection: Connection) -> None:
        """SQLite takes the number of pages that there are for a limit below it."""
        most = 1 if self.full else _NO_LIMIT
        connection.exec_driver_sql(f"PRAGMA max_page_count = {most}").close()


def impatient(database: Database, wait_ms: int = 1) -> None:
    """Let new connections of a database wait for a lock this long; for tests in virtual time."""
    database.close()

    def shorten(connection: sqlite3.Connection, _record: Any) -> None:
        connection.execute(f"PRAGMA busy_timeout = {wait_ms}")

    event.listen(database.engine, "connect", shorten)


@contextmanager
def locked(database: Database) -> Iterator[sqlite3.Connection]:
    """Another program writes for as long as it likes."""
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other
