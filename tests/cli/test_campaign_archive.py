"""`arena campaign export` and `verify`, and `arena import campaign`."""

import stat
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from arena.cli import app
from arena.domain.campaign import ProtocolKind
from arena.storage.database import Database
from tests.fakes.archived_campaigns import judged_campaign
from tests.fakes.changed_archives import changed, contents, replacing


@pytest.fixture
def folder(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working directory, beside a database with a judged campaign."""
    judged_campaign(database, ProtocolKind.ALL_AT_ONCE, judged=4)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, list(arguments))


def test_a_campaign_is_exported_verified_and_imported(folder: Path, database: Database) -> None:
    exported = run("campaign", "export", "spring", "--database-url", database.url)
    assert exported.exit_code == 0, exported.output
    assert exported.stdout.startswith("spring.zip: ")
    archive = folder / "spring.zip"
    assert stat.S_IMODE(archive.stat().st_mode) == 0o600
    assert b"<svg" in contents(archive)["figures/1.svg"]

    verified = run("campaign", "verify", "spring.zip")
    assert verified.exit_code == 0, verified.output

    url = f"sqlite:///{folder / 'other.sqlite3'}"
    imported = run("import", "campaign", "spring.zip", "--database-url", url)
    assert imported.exit_code == 0, imported.output
    boards = [
        run("leaderboard", "--campaign", "spring", "--json", "--database-url", one).stdout
        for one in (database.url, url)
    ]
    assert boards[0] == boards[1]
    again = run("import", "campaign", "spring.zip", "--database-url", url)
    assert (again.exit_code, "nothing changed" in again.stdout) == (0, True)


def test_a_changed_archive_is_named_and_not_imported(folder: Path, database: Database) -> None:
    run("campaign", "export", "spring", "--output", "a.zip", "--database-url", database.url)
    changed(folder / "a.zip", "replies.jsonl", replacing("says", "said"))

    verified = run("campaign", "verify", "a.zip")
    assert verified.exit_code == 1
    assert "replies.jsonl: was changed: its checksum is another one" in verified.stdout

    url = f"sqlite:///{folder / 'other.sqlite3'}"
    imported = run("import", "campaign", "a.zip", "--database-url", url)
    assert imported.exit_code == 2
    assert "replies.jsonl: was changed" in imported.stderr
    assert "Nothing was imported." in imported.stderr


def test_what_is_not_there_or_no_archive_is_refused(folder: Path, database: Database) -> None:
    (folder / "text.zip").write_text("hello")
    (folder / "old.zip").write_text("kept")
    address = ("--database-url", database.url)
    for arguments, code, words in (
        (("campaign", "export", "autumn", "--output", "old.zip", *address), 2, "no campaign"),
        (("campaign", "export", "spring", "--output", "no/a.zip", *address), 2, "existing"),
        (("campaign", "verify", "absent.zip"), 2, "no such file"),
        (("campaign", "verify", "text.zip"), 1, "no readable zip file"),
        (("import", "campaign", "absent.zip", *address), 2, "no such file"),
        (("import", "campaign", "text.zip", *address), 2, "no readable zip file"),
    ):
        result = run(*arguments)
        assert (result.exit_code, words in result.stderr) == (code, True), (
            arguments,
            result.output,
        )
    assert (folder / "old.zip").read_text() == "kept"
    assert list(folder.glob("*.part")) == []
