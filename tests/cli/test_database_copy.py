"""`arena database copy`: what it says, and what it refuses before anything is written."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from arena.cli import app
from arena.storage.database import Database
from arena.storage.serving_lock import serving_alone
from arena.storage.votes import count_all_votes
from tests.builders import seed_votes


def copy(source: str, target: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["database", "copy", source, target])
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.exit_code, result.stdout, result.stderr


@pytest.fixture
def filled(database: Database) -> Database:
    """Return a database with three votes."""
    seed_votes(database, wins=2, losses=1)
    database.close()
    return database


def test_it_says_what_was_copied_and_where_the_keys_are(filled: Database, tmp_path: Path) -> None:
    there = tmp_path / "new" / "there.sqlite3"
    code, out, err = copy(filled.url, f"sqlite:///{there}")
    assert (code, err) == (0, "")
    assert out.startswith(f"{there}: 3 votes, ")
    assert f"Its keys are in {there.parent}." in out
    key = there.parent / "chain-key"
    assert key.read_bytes() == (tmp_path / "chain-key").read_bytes()
    assert key.stat().st_mode & 0o777 == 0o600
    database = Database(f"sqlite:///{there}")
    with database.reading() as connection:
        assert count_all_votes(connection) == 3
    database.close()


def test_a_second_copy_to_the_same_place_is_refused(filled: Database, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'new' / 'there.sqlite3'}"
    copy(filled.url, url)
    code, out, err = copy(filled.url, url)
    assert (code, out) == (1, "")
    assert "nothing was copied" in err
    assert "is not empty" in err


def test_an_arena_that_is_served_is_not_copied(filled: Database, tmp_path: Path) -> None:
    with serving_alone(filled.url):
        code, out, err = copy(filled.url, f"sqlite:///{tmp_path / 'there.sqlite3'}")
    assert (code, out) == (1, "")
    assert "another arena serves" in err


@pytest.mark.parametrize("name", ["", "other/../"])
def test_a_database_is_not_copied_into_itself(filled: Database, name: str, tmp_path: Path) -> None:
    code, _, err = copy(filled.url, f"sqlite:///{tmp_path}/{name}{filled.path.name}")
    assert (code, err) == (2, "FROM and TO are the same database\n")


def test_what_is_not_there_is_not_copied(tmp_path: Path) -> None:
    code, out, err = copy(f"sqlite:///{tmp_path}/typo", f"sqlite:///{tmp_path}/there")
    assert (code, out) == (2, "")
    assert "no arena database at" in err
    assert list(tmp_path.iterdir()) == []


def test_nothing_shows_a_password(filled: Database, tmp_path: Path) -> None:
    url = f"postgresql://arena:secret@/arena?host={tmp_path}"
    for pair in ((filled.url, url), (url, filled.url)):
        code, out, err = copy(*pair)
        assert code != 0
        assert "secret" not in out + err
