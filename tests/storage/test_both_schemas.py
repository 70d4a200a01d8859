"""A new database on a server has the tables that the migrations make of a file, and their rules."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import Inspector, inspect, select
from sqlalchemy.types import TypeEngine

from arena.storage.database import Database
from arena.storage.objects import statements
from arena.storage.objects.plpgsql import NotTranslated, translated
from arena.storage.schema import VALUE_SETS, metadata
from arena.storage.schema.columns import ROW_NUMBERS

TABLES = sorted(metadata.tables)


@pytest.fixture
def both(
    new_sqlite_url: Callable[[Path, int], str],
    new_postgresql_url: Callable[[Path, int], str],
    tmp_path: Path,
) -> Iterator[tuple[Database, Database]]:
    """Return a migrated file, and a new database of the server."""
    pair = Database(new_sqlite_url(tmp_path, 0)), Database(new_postgresql_url(tmp_path, 0))
    yield pair
    for database in pair:
        database.close()


def kind(stored: TypeEngine[object]) -> str:
    """Return the same word for the same kind of column: SQLite knows no sizes."""
    word = type(stored).__name__.lower()
    return {
        "integer": "number",
        "bigint": "number",
        "timestamp": "time",
        "datetime": "time",
        "double_precision": "float",
        "bytea": "blob",
    }.get(word, word)


def default(stored: str | None) -> str | None:
    """Return a default as SQLite writes it; a number that the server gives is none."""
    if stored is None or stored.startswith("nextval("):
        return None
    return {"false": "0", "true": "1"}.get(stored, re.sub(r"::\w+", "", stored))


def spelled(condition: str) -> str:
    """Return a condition without what PostgreSQL adds to it."""
    words = re.sub(r"::(?:double precision|\w+)(?:\[\])?", "", condition.lower())
    words = re.sub(r"= any \(\(?array\[([^\]]*)\]\)?\)", r"in (\1)", words)
    words = re.sub(r"(\w+) between (\S+) and (\S+)", r"\1 >= \2 and \1 <= \3", words)
    words = words.replace("flagged = 1", "flagged")
    return re.sub(r"[()\s\"]", "", words)


def named_once(table: str, check: str) -> str:
    """Return a name as the tables have it: a migration gave one its prefix twice."""
    return check.replace(f"ck_{table}_ck_{table}_", f"ck_{table}_")


def condition(options: dict[str, object]) -> str:
    """Return the condition of an index, or nothing."""
    return " ".join(str(told) for name, told in options.items() if name.endswith("_where"))


def described(inspector: Inspector, table: str) -> dict[str, object]:
    """All that a table is, in the same words for both databases."""
    return {
        "columns": [
            (one["name"], kind(one["type"]), one["nullable"], default(one["default"]))
            for one in inspector.get_columns(table)
            if one["name"] != ROW_NUMBERS
        ],
        "key": inspector.get_pk_constraint(table)["constrained_columns"],
        "references": sorted(
            (one["constrained_columns"], one["referred_table"], one["referred_columns"])
            for one in inspector.get_foreign_keys(table)
        ),
        "unique": sorted(
            (str(one["name"]), one["column_names"])
            for one in inspector.get_unique_constraints(table)
        ),
        "checks": sorted(
            (named_once(table, str(one["name"])), spelled(one["sqltext"]))
            for one in inspector.get_check_constraints(table)
        ),
        "indexes": sorted(
            (
                str(one["name"]),
                one["column_names"],
                bool(one["unique"]),
                spelled(condition(one["dialect_options"])),
            )
            for one in inspector.get_indexes(table)
            if "duplicates_constraint" not in one
        ),
    }


def test_every_table_is_the_same_in_both(both: tuple[Database, Database]) -> None:
    file, server = (inspect(database.engine) for database in both)
    assert sorted(file.get_table_names()) == sorted(server.get_table_names())
    for table in TABLES:
        assert described(server, table) == described(file, table), table


def test_only_rows_without_a_number_of_their_own_are_numbered_by_the_server(
    both: tuple[Database, Database],
) -> None:
    server = inspect(both[1].engine)
    numbered = {
        table
        for table in TABLES
        if ROW_NUMBERS in {column["name"] for column in server.get_columns(table)}
    }
    assert numbered == {"assignments", "sessions"}


def test_views_have_the_same_columns_in_both(both: tuple[Database, Database]) -> None:
    file, server = (inspect(database.engine) for database in both)
    assert sorted(file.get_view_names()) == sorted(server.get_view_names())
    for view in file.get_view_names():
        names = [
            [column["name"] for column in inspector.get_columns(view)]
            for inspector in (file, server)
        ]
        assert names[0] == names[1], view


def test_a_new_database_has_the_same_rows_in_both(both: tuple[Database, Database]) -> None:
    for table in VALUE_SETS:
        found = []
        for database in both:
            with database.reading() as connection:
                found.append(sorted(map(tuple, connection.execute(select(table)))))
        assert found[0] == found[1], table.name


def rules(dialect: str) -> dict[str, set[str]]:
    """The sentences of every trigger's refusals."""
    created = re.compile(r"CREATE (?:TRIGGER|OR REPLACE FUNCTION) (\w+?)(?:_whole)?\b")
    said = re.compile(r"(?:ABORT, |MESSAGE = )'((?:[^']|'')+)'")
    found: dict[str, set[str]] = {}
    for statement in statements(dialect):
        if match := created.match(statement):
            found.setdefault(match[1], set()).update(said.findall(statement))
    return found


def test_every_rule_has_the_same_name_and_sentence_in_both() -> None:
    assert rules("postgresql") == rules("sqlite")
    assert len(rules("sqlite")) > 50


def test_a_trigger_that_cannot_be_read_is_no_trigger() -> None:
    with pytest.raises(NotTranslated):
        list(translated("CREATE TRIGGER votes_stay INSTEAD OF DELETE ON votes BEGIN SELECT 1; END"))
