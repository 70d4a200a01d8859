"""The views and triggers of the database, each family in a readable SQL file.

Files of this folder are for every database, those of a folder below it for the dialect that it is
named after. An empty line ends a statement.
"""

from pathlib import Path

from sqlalchemy import Connection, text

_FILES = Path(__file__).parent


def statements(dialect: str) -> tuple[str, ...]:
    """Return the statements that create every view and trigger, without comments."""
    files = (*sorted(_FILES.glob("*.sql")), *sorted((_FILES / dialect).glob("*.sql")))
    return tuple(
        statement.strip().removesuffix(";")
        for file in files
        for statement in _without_comments(file).split("\n\n")
    )


def drop_objects(connection: Connection) -> None:
    """Drop every view and trigger: the first step of each migration.

    SQLite refuses to rename a table while a view or trigger refers to one that is not there.
    """
    found = connection.execute(
        text("SELECT type, name FROM sqlite_master WHERE type IN ('view', 'trigger')")
    )
    for kind, name in found.all():
        connection.exec_driver_sql(f'DROP {kind} "{name}"')


def replace_objects(connection: Connection) -> None:
    """Create the views and triggers of the files in place of those that are there.

    `storage.migrate` does it once, after the last migration: the files are written for the newest
    tables, which an earlier migration does not have yet.
    """
    drop_objects(connection)
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def _without_comments(file: Path) -> str:
    lines = file.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--")).strip()
