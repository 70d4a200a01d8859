"""The views and triggers of the database, each family in a readable SQL file.

Files of this folder are for every database, those of a folder below it for the dialect that it is
named after. An empty line ends a statement. Triggers are written as SQLite has them, those for
PostgreSQL alone too: `plpgsql` makes functions of them, so that a rule stands in one place.
"""

import re
from pathlib import Path

from sqlalchemy import Connection, text

from arena.storage.objects import server
from arena.storage.objects.plpgsql import translated

_FILES = Path(__file__).parent

_CREATED = re.compile(r"CREATE (?:VIEW|TRIGGER|OR REPLACE FUNCTION) (\w+)")


def statements(dialect: str) -> tuple[str, ...]:
    """Return the statements that create every view and trigger, without comments."""
    written = _written(dialect)
    if dialect == "sqlite":
        return written
    return tuple(statement for one in written for statement in translated(one))


def differing_objects(connection: Connection) -> tuple[str, ...]:
    """Return the names of objects that are not as the files say.

    A view that no file creates is an operator's and no difference. A trigger is one: it would be a
    rule of the ledger that stands nowhere.
    """
    expected = _by_name(statements(connection.dialect.name))
    if connection.dialect.name != "sqlite":
        return server.differing_objects(connection, expected)
    found = connection.execute(
        text("SELECT type, name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')")
    )
    stored = {name: sql for kind, name, sql in found if kind == "trigger" or name in expected}
    names = sorted(expected.keys() | stored.keys())
    return tuple(name for name in names if stored.get(name) != expected.get(name))


def drop_objects(connection: Connection) -> None:
    """Drop every view and trigger: the first step of each migration.

    SQLite refuses to rename a table while a view or trigger refers to one that is not there.
    """
    if connection.dialect.name != "sqlite":
        server.drop_objects(connection)
        return
    found = connection.execute(
        text("SELECT type, name FROM sqlite_master WHERE type IN ('view', 'trigger')")
    )
    for kind, name in found.all():
        connection.exec_driver_sql(f'DROP {kind} "{name}"')


def replace_objects(connection: Connection) -> None:
    """Create the views and triggers of the files in place of those that are there.

    `storage.migrate` does it after the last migration: the files are written for the newest
    tables, which an earlier migration does not have yet.
    """
    drop_objects(connection)
    created = statements(connection.dialect.name)
    for statement in created:
        connection.exec_driver_sql(statement)
    if connection.dialect.name != "sqlite":
        server.note_objects(connection, _by_name(created))


def _written(dialect: str) -> tuple[str, ...]:
    """Return what the files hold, views first, and by the names of files."""
    files = (*_FILES.glob("*.sql"), *(_FILES / dialect).glob("*.sql"))
    found = (
        statement.strip().removesuffix(";")
        for file in sorted(files, key=lambda file: file.name)
        for statement in _without_comments(file).split("\n\n")
    )
    return tuple(sorted(found, key=lambda statement: not statement.startswith("CREATE VIEW")))


def _by_name(created: tuple[str, ...]) -> dict[str, str]:
    """Return statements by the object that they make; a trigger has those of its function too."""
    found: dict[str, str] = {}
    for match in filter(None, map(_CREATED.match, created)):
        found[match[1]] = found.get(match[1], "") + match.string
    return found


def _without_comments(file: Path) -> str:
    lines = file.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--")).strip()
