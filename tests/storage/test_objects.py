"""Views and triggers are what the files say, in a new database and in one that was upgraded."""

import re
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from arena.storage import objects
from arena.storage.database import Database
from arena.storage.migrate import migrate
from arena.storage.objects import replace_objects, statements
from tests.builders import seed_vote
from tests.storage.old_ledgers import execute, oldest_ledger, rows

_STORED = text("SELECT name, sql FROM sqlite_master WHERE type IN ('view', 'trigger')")


@pytest.fixture
def database_kind() -> str:
    """Return where databases are made: what is tried here is of files alone."""
    return "sqlite"


def stored(database: Database) -> dict[str, str]:
    with database.reading() as connection:
        return {row.name: row.sql for row in connection.execute(_STORED)}


def written() -> dict[str, str]:
    created = re.compile(r"CREATE (?:VIEW|TRIGGER) (\w+)")
    found = [(created.match(statement), statement) for statement in statements("sqlite")]
    return {match[1]: statement for match, statement in found if match}


def test_a_new_database_has_exactly_the_objects_of_the_files(database: Database) -> None:
    assert stored(database) == written()
    assert len(written()) == len(statements("sqlite"))


def test_so_has_the_oldest_one_with_rows(tmp_path: Path) -> None:
    old = oldest_ledger(tmp_path)
    execute(old, "CREATE VIEW of_another_day AS SELECT * FROM votes")
    migrate(old)
    assert stored(old) == written()
    old.close()


def test_every_file_says_why_it_is_there() -> None:
    files = list(Path(objects.__file__).parent.rglob("*.sql"))
    assert len(files) > 10
    assert [file.name for file in files if not file.read_text().startswith("-- ")] == []


def test_replacing_what_is_there_changes_nothing(database: Database) -> None:
    seed_vote(database)
    before, votes = stored(database), rows(database)
    with database.writing() as connection:
        replace_objects(connection)
    assert stored(database) == before
    assert rows(database) == votes


def test_outcomes_and_their_recount_have_the_same_columns_in_the_same_order(
    database: Database,
) -> None:
    inspector = inspect(database.engine)
    outcomes, recounted = (
        [column["name"] for column in inspector.get_columns(name)]
        for name in ("outcomes", "recounted_outcomes")
    )
    assert outcomes == recounted


def test_a_current_database_is_left_alone(database: Database) -> None:
    execute(database, "CREATE VIEW of_the_operator AS SELECT * FROM votes")
    migrate(database)
    assert "of_the_operator" in stored(database)


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER votes_keep",
        "DROP VIEW comparisons",
        "CREATE TRIGGER of_another_day AFTER INSERT ON votes BEGIN SELECT 1; END",
    ],
)
def test_objects_that_differ_from_the_files_are_made_anew_without_a_migration(
    database: Database, change: str
) -> None:
    execute(database, change)
    migrate(database)
    assert stored(database) == written()


def test_an_object_with_another_text_is_made_anew(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    execute(
        database,
        "DROP TRIGGER votes_keep",
        "CREATE TRIGGER votes_keep BEFORE UPDATE ON votes BEGIN SELECT 1; END",
    )
    with caplog.at_level("INFO", "arena"):
        migrate(database)
        migrate(database)
    assert stored(database) == written()
    assert [record.getMessage() for record in caplog.records] == [
        f"renewing the views and triggers of {database.path}, since some differ: votes_keep"
    ]


def test_what_an_outcome_is_may_change_without_a_migration(database: Database) -> None:
    seed_vote(database)
    right = rows(database)
    execute(
        database,
        "DROP VIEW recounted_outcomes",
        written()["recounted_outcomes"].replace("'a_better'", "'b_better'"),
        "UPDATE outcomes SET verdict = 'b_better'",
    )
    migrate(database)
    after = rows(database)
    assert after["outcomes"] == right["outcomes"]
    assert after["board_version"] != right["board_version"]


def test_outcomes_that_a_migration_emptied_are_derived_anew(tmp_path: Path) -> None:
    old = oldest_ledger(tmp_path)
    migrate(old, "0005")
    before = rows(old)
    execute(old, "DELETE FROM outcomes")
    migrate(old)
    after = rows(old)
    assert len(after["outcomes"]) == 2
    columns = before["outcomes"][0]
    kept = [{name: row[name] for name in columns} for row in after["outcomes"]]
    assert kept == before["outcomes"]
    assert after["board_version"] != before["board_version"]
    old.close()


@pytest.mark.parametrize("dialect", ["sqlite", "postgresql"])
def test_views_are_for_every_dialect(dialect: str) -> None:
    views = [one for one in statements(dialect) if one.startswith("CREATE VIEW")]
    assert len(views) == 3
