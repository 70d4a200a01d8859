"""`arena backup` says what it wrote, and overwrites nothing."""

from pathlib import Path

from typer.testing import CliRunner

from arena.cli import app
from arena.storage.database import Database
from tests.builders import seed_votes
from tests.storage.old_ledgers import oldest_ledger


def backup(database: Database, file: Path) -> tuple[int, str]:
    line = ["backup", str(file), "--database-url", database.url]
    result = CliRunner().invoke(app, line)
    return result.exit_code, result.output


def test_a_backup_says_how_many_votes_it_holds(database: Database, tmp_path: Path) -> None:
    seed_votes(database, wins=2, losses=1)
    code, said = backup(database, tmp_path / "copy.sqlite3")
    assert code == 0
    assert f"{tmp_path / 'copy.sqlite3'}: 3 votes, " in said
    assert (tmp_path / "copy.sqlite3").is_file()


def test_a_name_that_is_taken_or_has_no_directory_is_refused(
    database: Database, tmp_path: Path
) -> None:
    assert backup(database, database.path) == (
        2,
        f"{database.path} exists already: choose another name\n",
    )
    code, said = backup(database, tmp_path / "nowhere" / "copy")
    assert (code, "no such directory" in said) == (2, True)


def test_an_older_database_is_backed_up_as_it_is(tmp_path: Path) -> None:
    old = oldest_ledger(tmp_path)
    old.close()
    code, said = backup(old, tmp_path / "copy")
    assert (code, "2 votes" in said) == (0, True)
    assert not list(tmp_path.glob("*before*"))
