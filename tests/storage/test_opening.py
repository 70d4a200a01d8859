"""What is no arena's database is refused in one sentence, and a damaged one before any vote."""

import sqlite3
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from arena.storage.database import Database, UnusableLedger, WrongAddress
from arena.storage.location import ledger_path
from arena.storage.opening import open_ledger
from tests.builders import seed_votes
from tests.database_kinds import ON_SQLITE


def refused(url: str, *, create: bool = True) -> UnusableLedger:
    with pytest.raises(UnusableLedger) as caught:
        open_ledger(url, create=create)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://arena:secret@db",
        "postgresql+asyncpg://arena:secret@db/arena",
        "mysql://db/arena",
        "sqlite+aiosqlite:///db/arena.sqlite3",
        "sqlite://",
        "sqlite:///:memory:",
        "sqlite:///file:arena.sqlite3?mode=memory&uri=true",
        "sqlite:///arena.sqlite3?mode=ro",
        "sqlite://host/arena.sqlite3",
        "sqlite:///folder/",
        "db/arena.sqlite3",
        "",
    ],
)
def test_an_address_of_no_database_of_ours_is_refused_and_no_password_is_shown(url: str) -> None:
    error = refused(url)
    assert isinstance(error, WrongAddress)
    assert "write sqlite:///db/arena.sqlite3" in str(error)
    assert "secret" not in str(error)


def test_an_address_is_a_path_from_here_or_from_the_root(tmp_path: Path) -> None:
    assert ledger_path("sqlite:///db/a.sqlite3") == Path.cwd() / "db" / "a.sqlite3"
    assert ledger_path(f"sqlite:///{tmp_path}/a b#c.x") == tmp_path / "a b#c.x"


def test_a_database_that_is_not_there_is_made_only_on_request(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'arena.sqlite3'}"
    assert "no arena database at" in str(refused(url, create=False))
    assert list(tmp_path.iterdir()) == []
    open_ledger(url, create=True).close()
    open_ledger(url, create=False).close()


def test_odd_letters_in_a_path_are_no_parameters(tmp_path: Path) -> None:
    odd = tmp_path / "a b#c ü&mode=memory"
    open_ledger(f"sqlite:///{odd}", create=True).close()
    assert odd.is_file()
    assert {path.name for path in tmp_path.iterdir()} == {odd.name}


def test_a_link_to_nothing_is_refused(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "nothing")
    assert "link to a file that is not there" in str(refused(f"sqlite:///{tmp_path / 'link'}"))


def test_a_directory_and_a_path_through_a_file_are_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "is no file" in str(refused(f"sqlite:///{tmp_path}"))
    assert "Not a directory" in str(refused(f"sqlite:///{tmp_path / 'file' / 'db'}"))


def test_the_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "places.sqlite"
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE battles (place TEXT)")
    before = path.read_bytes()
    assert "another program" in str(refused(f"sqlite:///{path}", create=False))
    with closing(sqlite3.connect(path)) as other:
        assert len(other.execute("SELECT * FROM sqlite_master").fetchall()) == 1
    assert len(path.read_bytes()) == len(before)


def test_a_database_of_a_newer_arena_is_refused(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    database.close()
    assert "newer version of the arena" in str(refused(database.url))


def flip(path: Path, octets: int, *, behind: int, seed: int) -> None:
    """Change as many bytes, somewhere in what was written last."""
    content, numbers = bytearray(path.read_bytes()), Random(seed)
    for _ in range(octets):
        content[numbers.randrange(behind, len(content))] ^= numbers.randrange(1, 256)
    path.write_bytes(content)


@ON_SQLITE
def test_sixty_flipped_bytes_among_the_votes_are_found_before_they_are_used(
    database: Database,
) -> None:
    """Whoever does not look everywhere starts on such a file: its schema is whole."""
    database.close()
    empty = database.path.stat().st_size
    seed_votes(database, wins=150, losses=150)
    database.close()
    sound = database.path.read_bytes()
    assert len(sound) > 1.5 * empty
    for seed in range(10):
        database.path.write_bytes(sound)
        flip(database.path, 60, behind=empty, seed=seed)
        assert "is damaged" in str(refused(database.url))


@ON_SQLITE
def test_a_copy_that_was_saved_is_not_passed_over_for_an_empty_arena(database: Database) -> None:
    copy = database.path.with_name(f"{database.path.name}.saved-20260301T120000Z")
    database.save_copy(copy)
    database.close()
    database.path.unlink()
    assert str(copy) in str(refused(database.url))
    copy.rename(database.path)
    open_ledger(database.url, create=True).close()
