"""A database as the first version of the arena left it, with rows in every table."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text

from arena.storage.database import Database
from arena.storage.migrate import migrate
from arena.storage.schema import metadata
from arena.storage.schema.columns import order_of_storing

DAY = "2026-03-01 12:00:00.000000"

_MODEL = "({}, '{}', 'f', 'M', 'catalogue', NULL, '{{}}', '{{}}', '" + DAY + "')"
_ROWS = (
    f"INSERT INTO annotators VALUES (1, 'ada', 'annotator', NULL, 'lab', '{DAY}', NULL),"
    f" (2, 'root', 'admin', 'hash', NULL, '{DAY}', NULL)",
    f"INSERT INTO sessions VALUES ('token', 1, '{DAY}', '{DAY}', NULL)",
    f"INSERT INTO models VALUES {_MODEL.format(1, 'alpha')}, {_MODEL.format(2, 'beta')}",
    "INSERT INTO battles VALUES"
    f" ('b', 1, 'complete', 'math', 'en', 0.5, '{DAY}', '{DAY}', NULL),"
    f" ('c', 1, 'complete', NULL, 'zh', 0.5, '{DAY}', '{DAY}', NULL),"
    f" ('d', 1, 'generating', NULL, 'en', 0.5, '{DAY}', NULL, NULL),"
    f" ('e', 1, 'void', NULL, 'en', 0.5, '{DAY}', NULL, NULL)",
    "INSERT INTO slots VALUES ('b', 0, 1, 'alpha'), ('b', 1, 2, 'beta'),"
    " ('c', 0, 2, 'beta'), ('c', 1, 1, 'alpha')",
    "INSERT INTO draws VALUES ('alpha beta', 1), ('beta alpha', 1)",
    f"INSERT INTO turns VALUES ('b', 1, 'Why?', '{DAY}'), ('c', 1, 'How?', '{DAY}')",
    "INSERT INTO replies VALUES"
    f" (1, 1, 'told', NULL, 'So', '', 'stop', {'NULL, ' * 6} '{DAY}'),"
    f" (2, 2, 'told', NULL, 'Because', '', 'length', {'NULL, ' * 6} '{DAY}')",
    "INSERT INTO slot_replies VALUES ('b', 1, 0, 1, 1), ('b', 1, 1, 1, 2)",
    f"INSERT INTO votes VALUES (1, 'b', 1, 'tie', 'so', 2.5, '{DAY}'),"
    f" (2, 'c', 1, NULL, '', NULL, '{DAY}')",
    "INSERT INTO vote_rankings VALUES (2, 0, 1), (2, 1, 2)",
    "INSERT INTO vote_reasons VALUES (1, 0, 'useful'), (1, 1, 'unsafe')",
    f"INSERT INTO vote_revisions VALUES (1, 1, 'a_better', 2, 'slip', '{DAY}')",
    "INSERT INTO flags VALUES"
    f" (1, 'recognised', 1, NULL, '', '{DAY}'), (2, 'truncated', NULL, 2, '9', '{DAY}')",
)

Rows = dict[str, list[dict[str, object]]]
"""Every row of every table, by column."""


def oldest_ledger(directory: Path) -> Database:
    """A database of the first revision with rows in each of its tables."""
    database = Database(f"sqlite:///{directory / 'oldest.sqlite3'}")
    migrate(database, "0001")
    execute(database, *_ROWS)
    return database


def execute(database: Database, *statements: str) -> None:
    """Run statements in one transaction."""
    with database.writing() as connection:
        for statement in statements:
            connection.execute(text(statement))


def rows(database: Database) -> Rows:
    """All that is stored, views apart, in the order of storing."""
    with database.reading() as connection:
        names = inspect(connection).get_table_names()
        tables = [name for name in names if not name.startswith("alembic")]
        return {
            table: [
                dict(row)
                for row in connection.execute(
                    text(f"SELECT * FROM {table}{_in_order(connection, table)}")
                ).mappings()
            ]
            for table in tables
        }


def _in_order(connection: Connection, table: str) -> str:
    """As SQLite reads a table anyhow; PostgreSQL puts a row that was changed behind the others."""
    if connection.dialect.name == "sqlite":
        return ""
    keys = order_of_storing(metadata.tables[table])
    return f" ORDER BY {', '.join(keys)}" if keys else ""
