"""A database that has no room, and one that another program holds: real errors of its own."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from sqlalchemy import event

from arena.storage.database import Connection, Database
from arena.storage.postgres_server import WRITER

_NO_LIMIT = 2**31 - 2
_FULL = "DO $$ BEGIN RAISE EXCEPTION 'database or disk is full' USING ERRCODE = 'disk_full'; END $$"


class SmallDisk:
    """From now on the transactions of a database fail for want of room while `full`."""

    def __init__(self, database: Database) -> None:
        self.full = False
        limit = self._limit if database.file else self._refuse
        event.listen(database.engine, "begin", limit)

    def _limit(self, connection: Connection) -> None:
        """SQLite takes the number of pages that there are for a limit below it."""
        most = 1 if self.full else _NO_LIMIT
        connection.exec_driver_sql(f"PRAGMA max_page_count = {most}").close()

    def _refuse(self, connection: Connection) -> None:
        if self.full and connection.get_execution_options().get("arena_writes"):
            connection.exec_driver_sql(_FULL)


def impatient(database: Database, wait_ms: int = 1) -> None:
    """Let new connections of a database wait for a lock this long; for tests in virtual time."""
    database.close()

    def shorten(connection: Any, _record: Any) -> None:
        if database.file:
            connection.execute(f"PRAGMA busy_timeout = {wait_ms}")
        else:
            connection.execute(f"SET lock_timeout = {wait_ms}")
            connection.commit()

    event.listen(database.engine, "connect", shorten)


@contextmanager
def locked(database: Database) -> Iterator[Any]:
    """Another program writes for as long as it likes."""
    if database.file is None:
        driver: Any = database.engine.raw_connection()
        with closing(driver), driver.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock({WRITER})")
            yield cursor
            driver.rollback()
        return
    with closing(sqlite3.connect(database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield other
