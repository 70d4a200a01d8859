"""Triggers that a test adds to a database of either kind: what the ledger meets in bad times."""

from arena.storage.database import Connection
from arena.storage.objects.plpgsql import translated


def add_trigger(connection: Connection, name: str, event: str, body: str) -> None:
    """Create a trigger, such as `full` that does `body` on `AFTER INSERT ON votes`."""
    written = f"CREATE TRIGGER {name}\n{event}\nBEGIN\n  {body};\nEND"
    for statement in [written] if connection.dialect.name == "sqlite" else translated(written):
        connection.exec_driver_sql(statement)


def refuse(connection: Connection, event: str, message: str, *, way: str = "ABORT") -> None:
    """Let the trigger `refusing` refuse what happens; how much SQLite rolls back is its `way`."""
    told = way if connection.dialect.name == "sqlite" else "ABORT"
    add_trigger(connection, "refusing", event, f"SELECT RAISE({told}, '{message}')")


def refuse_no_more(connection: Connection, table: str) -> None:
    """Drop the trigger `refusing`."""
    place = "" if connection.dialect.name == "sqlite" else f" ON {table}"
    connection.exec_driver_sql(f"DROP TRIGGER refusing{place}")
