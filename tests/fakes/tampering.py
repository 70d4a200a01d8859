"""Somebody who changes a ledger by hand and covers the traces that they know of."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from arena.storage.database import Database

Hand = Any
"""A connection of a driver: `execute` takes a statement."""


@contextmanager
def by_hand(database: Database) -> Iterator[Hand]:
    """Open a database without its rules, which are there again afterwards."""
    hand = _file_by_hand(database.path) if database.file else _server_by_hand(database)
    with hand as connection:
        yield connection


@contextmanager
def _file_by_hand(path: Path) -> Iterator[Hand]:
    with closing(sqlite3.connect(path)) as file:
        found = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = found.fetchall()
        for name, _ in triggers:
            file.execute(f"DROP TRIGGER {name}")
        yield file
        for _, statement in triggers:
            file.execute(statement)
        file.commit()


@contextmanager
def _server_by_hand(database: Database) -> Iterator[Hand]:
    driver: Any = database.engine.raw_connection()
    with closing(driver) as connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield cursor
        connection.commit()


def recount(hand: Hand) -> None:
    """Let boards count what the ledger says now."""
    hand.execute("DELETE FROM outcomes")
    hand.execute("INSERT INTO outcomes SELECT * FROM recounted_outcomes")
