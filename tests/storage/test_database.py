"""Transactions: durable, exclusive for writers, and all or nothing."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import text

from arena.domain.accounts import AccountRole
from arena.storage.accounts import insert_annotator
from arena.storage.database import Database, RuleBroken
from arena.storage.migrate import migrate, schema_sql
from tests.database_kinds import ON_SQLITE
from tests.fakes.loop import START


def add(database: Database, *names: str) -> None:
    """Store annotators in one transaction."""
    with database.writing() as connection:
        for name in names:
            insert_annotator(connection, name=name, role=AccountRole.ANNOTATOR, created_at=START)


def names(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.execute(text("SELECT name FROM annotators")).scalars())


@ON_SQLITE
@pytest.mark.parametrize(
    ("pragma", "value"), [("journal_mode", "wal"), ("synchronous", 2), ("foreign_keys", 1)]
)
def test_every_connection_has_the_pragmas_of_the_ledger(
    database: Database, pragma: str, value: object
) -> None:
    with database.reading() as first, database.writing() as second:
        for connection in (first, second):
            assert connection.execute(text(f"PRAGMA {pragma}")).scalar() == value


def test_a_failed_transaction_leaves_nothing(database: Database) -> None:
    add(database, "ada")
    with pytest.raises(RuleBroken):
        add(database, "bob", "ada")
    assert names(database) == {"ada"}


def test_after_a_failed_transaction_the_connection_works(database: Database) -> None:
    for name in ("ada", "ada", "bob", "ada", "eve"):
        if name in names(database):
            with pytest.raises(RuleBroken):
                add(database, name)
        else:
            add(database, name)
    assert names(database) == {"ada", "bob", "eve"}


def test_an_error_of_the_caller_rolls_back(database: Database) -> None:
    def fail_after_writing() -> None:
        with database.writing() as connection:
            insert_annotator(connection, name="ada", role=AccountRole.ADMIN, created_at=START)
            raise KeyError("ada")

    with pytest.raises(KeyError):
        fail_after_writing()
    assert names(database) == set()


def test_a_reader_keeps_its_snapshot_and_blocks_no_writer(database: Database) -> None:
    count = text("SELECT count(*) FROM annotators")
    with database.reading() as connection:
        assert connection.execute(count).scalar() == 0
        add(database, "ada")
        assert connection.execute(count).scalar() == 0
    assert names(database) == {"ada"}


def test_writers_queue_instead_of_failing(database: Database) -> None:
    """Read-then-write would fail at once with «database is locked» in a deferred transaction."""

    def append(number: int) -> None:
        with database.writing() as connection:
            count = connection.execute(text("SELECT count(*) FROM annotators")).scalar_one()
            name = f"annotator-{count}"
            insert_annotator(connection, name=name, role=AccountRole.ANNOTATOR, created_at=START)

    with ThreadPoolExecutor(30) as pool:
        list(pool.map(append, range(90)))
    assert names(database) == {f"annotator-{number}" for number in range(90)}


def test_a_foreign_key_must_exist(database: Database) -> None:
    with pytest.raises(RuleBroken), database.writing() as connection:
        connection.execute(
            text("INSERT INTO turns VALUES ('no battle', 1, 'Why?', '2026-03-01', 7)")
        )


def test_the_directory_of_the_file_is_made(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'new' / 'deep' / 'arena.sqlite3'}")
    migrate(database)
    assert names(database) == set()
    database.close()


@ON_SQLITE
def test_migrating_twice_changes_nothing(database: Database) -> None:
    before = schema_sql(database)
    add(database, "ada")
    migrate(database)
    assert schema_sql(database) == before
    assert names(database) == {"ada"}


def test_everything_written_is_there_after_closing(database: Database) -> None:
    add(database, "ada")
    database.close()
    again = Database(database.url)
    assert names(again) == {"ada"}
    again.close()
