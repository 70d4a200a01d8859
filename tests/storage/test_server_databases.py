"""A database on a PostgreSQL server: what is refused, and what its transactions keep."""

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text
from sqlalchemy.exc import InternalError

from arena.domain.verdict import Verdict
from arena.storage.database import Database, RuleBroken, UnusableLedger, WrongAddress
from arena.storage.health import require_storing
from arena.storage.location import keys_folder, place_of
from arena.storage.migrate import migrate
from arena.storage.opening import open_ledger, open_unmigrated
from arena.storage.serving_lock import serving, serving_alone
from arena.storage.votes import count_all_votes
from tests.builders import seed_vote

if TYPE_CHECKING:
    from tests.fakes.postgres import TestServer


@pytest.fixture(params=["postgresql"])
def database_kind(request: pytest.FixtureRequest) -> str:
    """Return where databases are made here."""
    return str(request.param)


@pytest.fixture
def empty(postgres: "TestServer", tmp_path: Path) -> str:
    """Return the address of a database without tables."""
    return postgres.url(postgres.empty_database(), tmp_path)


def refused(url: str, *, create: bool = True) -> UnusableLedger:
    with pytest.raises(UnusableLedger) as caught:
        open_ledger(url, create=create)
    assert "\n" not in str(caught.value)
    return caught.value


def run(database: Database, statement: str) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql(statement)


def test_an_empty_database_gets_its_tables_only_on_request(empty: str) -> None:
    assert isinstance(refused(empty, create=False), WrongAddress)
    open_ledger(empty, create=True).close()
    open_ledger(empty, create=False).close()
    open_unmigrated(empty).close()


def test_a_server_that_is_not_there_is_one_sentence_without_the_password(tmp_path: Path) -> None:
    error = refused(f"postgresql://arena:secret@/arena?host={tmp_path}")
    assert "cannot be reached" in str(error)
    assert "secret" not in str(error)


def test_a_database_that_is_not_there_is_one_sentence(
    postgres: "TestServer", tmp_path: Path
) -> None:
    assert 'database "nowhere" does not exist' in str(refused(postgres.url("nowhere", tmp_path)))


def test_a_database_of_another_program_is_left_alone(empty: str) -> None:
    other = Database(empty)
    run(other, "CREATE TABLE battles (place text)")
    other.close()
    assert "another program" in str(refused(empty))


def test_a_database_that_sorts_by_the_rules_of_a_language_is_refused(
    postgres: "TestServer", tmp_path: Path
) -> None:
    name = postgres.empty_database(icu="en")
    assert "--locale=C.UTF-8" in str(refused(postgres.url(name, tmp_path)))


def test_a_database_of_a_newer_arena_is_refused(database: Database) -> None:
    run(database, "UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "newer version of the arena" in str(refused(database.url))


def test_a_password_and_parameters_are_in_no_message() -> None:
    url = "postgresql+psycopg://arena:secret@db:6432/arena?sslmode=require&keys=/srv/keys"
    assert place_of(url) == "postgresql://arena@db:6432/arena"
    assert keys_folder(url) == Path("/srv/keys")


def test_the_rules_hold_against_emptying_a_whole_table(database: Database) -> None:
    seed_vote(database)
    with pytest.raises(RuleBroken, match="a vote is never deleted"):
        run(database, "TRUNCATE votes CASCADE")
    with database.reading() as connection:
        assert count_all_votes(connection) == 1


def test_a_reader_writes_nothing(database: Database) -> None:
    with pytest.raises(InternalError), database.reading() as connection:
        connection.execute(text("UPDATE board_version SET number = 7"))


def test_no_commit_is_acknowledged_before_it_is_in_the_log(database: Database) -> None:
    """The tests' own server has it off, as an operator's may."""
    with database.writing() as connection:
        assert connection.execute(text("SHOW synchronous_commit")).scalar() == "on"


def test_after_the_server_has_ended_all_connections_votes_go_on(
    database: Database, postgres: "TestServer"
) -> None:
    seed_vote(database)
    postgres.disconnect_all(str(database.engine.url.database))
    seed_vote(database, Verdict.TIE)
    require_storing(database)
    with database.reading() as connection:
        assert count_all_votes(connection) == 2


def test_servers_share_a_database_that_nobody_copies_meanwhile(database: Database) -> None:
    with (
        serving(database.url),
        serving(database.url),
        pytest.raises(UnusableLedger, match="another arena serves"),
        serving_alone(database.url),
    ):
        pass
    with (
        serving_alone(database.url),
        pytest.raises(UnusableLedger, match="is copied or restored right now"),
        serving(database.url),
    ):
        pass
    with serving_alone(database.url), pytest.raises(UnusableLedger), serving_alone(database.url):
        pass


def test_texts_with_nul_are_stored_with_the_replacement_character(database: Database) -> None:
    seed_vote(database, comment="a\0b")
    with database.reading() as connection:
        assert connection.execute(text("SELECT comment FROM votes")).scalar() == "a\ufffdb"


def test_there_is_no_copy_into_a_file(database: Database, tmp_path: Path) -> None:
    with pytest.raises(UnusableLedger, match="pg_dump"):
        database.save_copy(tmp_path / "copy")


@pytest.mark.parametrize(
    "change",
    [
        "DROP TRIGGER votes_keep ON votes",
        "ALTER TABLE votes DISABLE TRIGGER votes_keep",
        "DROP VIEW comparisons",
        "CREATE OR REPLACE FUNCTION votes_keep() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RETURN NEW; END $$",
        "CREATE OR REPLACE VIEW rankings_in_force AS SELECT vote_id, position, 1 AS rank"
        " FROM vote_rankings",
    ],
)
def test_objects_that_differ_from_the_files_are_made_anew(
    database: Database, change: str, caplog: pytest.LogCaptureFixture
) -> None:
    seed_vote(database)
    run(database, change)
    with caplog.at_level("INFO", "arena"):
        migrate(database)
        assert len(caplog.records) == 1
        migrate(database)
        assert len(caplog.records) == 1
    with pytest.raises(RuleBroken, match="a vote is never overwritten"):
        run(database, "UPDATE votes SET verdict = 'tie'")
