"""Somebody who changes the file of a ledger by hand and covers the traces that they know of."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path


@contextmanager
def by_hand(path: Path) -> Iterator[sqlite3.Connection]:
    """Open the file without its triggers, which are there again afterwards; no rule is checked."""
    with closing(sqlite3.connect(path)) as file:
        found = file.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = found.fetchall()
        for name, _ in triggers:
            file.execute(f"DROP TRIGGER {name}")
        yield file
        for _, statement in triggers:
            file.execute(statement)
        file.commit()


def recount(file: sqlite3.Connection) -> None:
    """Let boards count what the ledger says now."""
    file.execute("DELETE FROM outcomes")
    file.execute("INSERT INTO outcomes SELECT * FROM recounted_outcomes")
