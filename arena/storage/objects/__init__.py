"""The views and triggers of the database, each family in a readable SQL file.

Files of this folder are for every database, those of a folder below it for the dialect that it is
named after. An empty line ends a statement.
"""

import re
from pathlib import Path

from sqlalchemy import Connection, text

_FILES = Path(__file__).parent

_CREATED = re.compile(r"CREATE (?:VIEW|TRIGGER) (\w+)")


def statements(dialect: str) -> tuple[str, ...]:
    """Return the statements that create every view and trigger, without comments."""
    files = (*_FILES.glob("*.sql"), *(_FILES / dialect).glob("*.sql"))
    found = (
        statement.strip().removesuffix(";")
        for file in sorted(files, key=lambda file: file.name)
        for statement in _without_comments(file).split("\n\n")
    )
    return tuple(sorted(found, key=lambda statement: not statement.startswith("CREATE VIEW")))


def differing_objects(connection: Connection) -> tuple[str, ...]:
    """Return the names of objects that are not as the files say.

    A view that no file creates is an operator's and no difference. A trigger is one: it would be a
    rule of the ledger that stands nowhere.
    """
    expected = _by_name(statements(connection.dialect.name))
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
    for statement in statements(connection.dialect.name):
        connection.exec_driver_sql(statement)


def _by_name(created: tuple[str, ...]) -> dict[str, str]:
    return {match[1]: match.string for match in map(_CREATED.match, created) if match}


def _without_comments(file: Path) -> str:
    lines = file.read_text(encoding="utf-8").splitlines()
    return "\n".join(line for line in lines if not line.startswith("--")).strip()
