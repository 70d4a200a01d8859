"""A file that is taken away under the arena: nothing is acknowledged that would be gone."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from arena.domain.accounts import AccountRole
from arena.storage.accounts import insert_annotator
from arena.storage.database import Database, LedgerLost, StorageError
from tests.fakes.loop import START


@pytest.fixture
def database_kind() -> str:
    """Return where databases are made: what is tried here is of files alone."""
    return "sqlite"


def add(database: Database, name: str) -> None:
    with database.writing() as connection:
        insert_annotator(connection, name=name, role=AccountRole.ANNOTATOR, created_at=START)


def names(file: Path) -> set[str]:
    with closing(sqlite3.connect(file)) as connection:
        return {name for (name,) in connection.execute("SELECT name FROM annotators")}


def delete(file: Path) -> None:
    file.unlink()


def replace(file: Path) -> None:
    twin = file.with_name("twin")
    shutil.copy(file, twin)
    twin.replace(file)


def move(file: Path) -> None:
    file.rename(file.with_name("elsewhere"))


FILES = ["", "-wal", "-shm"]
WAYS = [delete, replace, move]


def beside(database: Database, ending: str) -> Path:
    return database.path.with_name(database.path.name + ending)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ending", FILES)
def test_nothing_is_acknowledged_once_a_file_of_the_database_is_gone(
    database: Database, ending: str, way: Callable[[Path], None]
) -> None:
    add(database, "ada")
    way(beside(database, ending))
    with pytest.raises(LedgerLost, match="while the arena had it open"):
        add(database, "bob")
    with pytest.raises(LedgerLost):
        add(database, "eve")


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ending", FILES)
def test_a_file_that_goes_in_the_middle_of_a_transaction_is_noticed_before_the_answer(
    database: Database, ending: str, way: Callable[[Path], None]
) -> None:
    add(database, "ada")
    with pytest.raises(LedgerLost), database.writing():
        way(beside(database, ending))


@pytest.mark.parametrize("way", WAYS)
def test_no_connection_of_the_pool_writes_to_what_is_gone_nor_is_a_new_one_made(
    database: Database, way: Callable[[Path], None]
) -> None:
    readers = [database.reading() for _ in range(5)]
    for reader in readers:
        reader.__enter__()
    way(database.path)
    for reader in readers:
        with pytest.raises(StorageError):
            add(database, "bob")  # a new connection, since the others are in use
        reader.__exit__(None, None, None)
        with pytest.raises(LedgerLost):
            add(database, "bob")  # one that is old
    assert not database.path.exists() or "bob" not in names(database.path)


def test_an_emptied_file_is_noticed(database: Database) -> None:
    add(database, "ada")
    database.path.write_bytes(b"")
    with pytest.raises(LedgerLost, match="emptied"):
        add(database, "bob")


def test_a_link_that_leads_elsewhere_is_noticed(
    new_database: Callable[[], Database], tmp_path: Path
) -> None:
    first, second = new_database().path, new_database().path
    link = tmp_path / "link"
    link.symlink_to(first)
    database = Database(f"sqlite:///{link}")
    add(database, "ada")
    link.unlink()
    link.symlink_to(second)
    with pytest.raises(LedgerLost):
        add(database, "bob")
    database.close()
    assert (names(first), names(second)) == ({"ada"}, set())


def test_a_file_that_is_put_back_is_written_again(database: Database) -> None:
    add(database, "ada")
    away = database.path.with_name("away")
    database.path.rename(away)
    with pytest.raises(LedgerLost):
        add(database, "bob")
    away.rename(database.path)
    add(database, "bob")
    database.close()
    assert names(database.path) == {"ada", "bob"}


def test_other_programs_come_and_go_without_an_alarm(database: Database) -> None:
    """The last one to close a database ends its log: never while the arena has it open."""
    for number in range(3):
        add(database, f"ours-{number}")
        with closing(sqlite3.connect(database.path)) as other, other:
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            other.execute("DELETE FROM annotators WHERE name = 'nobody'")
    with closing(sqlite3.connect(database.path)) as other:
        other.execute("VACUUM")
    add(database, "last")
    database.close()
    add(database, "after closing")
    database.close()
    assert len(names(database.path)) == 5


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("ending", FILES)
def test_a_copy_saves_everything_that_was_committed(
    database: Database, tmp_path: Path, ending: str, way: Callable[[Path], None]
) -> None:
    for name in ("ada", "bob"):
        add(database, name)
    way(beside(database, ending))
    copy = tmp_path / "copy.sqlite3"
    database.save_copy(copy)
    assert names(copy) == {"ada", "bob"}
    assert copy.stat().st_mode & 0o777 == 0o600
