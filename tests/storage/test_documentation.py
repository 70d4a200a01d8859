"""The written schema and its dictionary say what the migrations make."""

import re
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from arena.storage.boards import comparisons
from arena.storage.database import Database
from arena.storage.migrate import schema_sql
from arena.storage.schema import metadata
from arena.storage.schema_dump import fresh_schema

ROOT = Path(__file__).parents[2]


@pytest.fixture
def database_kind() -> str:
    """Return where databases are made: what is tried here is of files alone."""
    return "sqlite"


def _documented() -> dict[str, list[str]]:
    text = (ROOT / "db" / "README.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    return {
        section.split("\n", 1)[0].strip(): re.findall(r"^\| `(\w+)` \| .+ \|$", section, re.M)
        for section in sections
    }


def test_the_migrations_make_what_the_tables_say(database: Database) -> None:
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_schema_sql_is_the_schema_of_a_new_database(database: Database) -> None:
    written = (ROOT / "db" / "schema.sql").read_text(encoding="utf-8")

    assert written == schema_sql(database), (
        "regenerate: python -m arena.storage.schema_dump > db/schema.sql"
    )
    assert written == fresh_schema()


def test_every_table_and_column_is_in_the_dictionary_and_nothing_else(database: Database) -> None:
    inspector = inspect(database.engine)
    names = [*inspector.get_table_names(), *inspector.get_view_names()]
    stored = {
        name: [column["name"] for column in inspector.get_columns(name)]
        for name in names
        if not name.startswith("alembic")
    }

    assert _documented() == stored


def test_the_view_has_the_columns_that_queries_use(database: Database) -> None:
    stored = inspect(database.engine).get_columns("comparisons")

    assert {column["name"] for column in stored} == {column.name for column in comparisons.columns}
