"""A backup is one whole, private file; before an upgrade one is made without being asked."""

import logging
import shutil
import sqlite3
import stat
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from arena.storage.backups import KEPT_UPGRADE_COPIES, keep_upgrade_copy, write_backup
from arena.storage.database import Database, UnusableLedger
from arena.storage.migrate import newest_revision, stored_revision
from arena.storage.opening import open_ledger
from arena.storage.saved_copies import upgrade_copies
from tests.builders import NOON, seed_vote, seed_votes
from tests.storage.old_ledgers import oldest_ledger


@pytest.fixture
def database_kind() -> str:
    """Return where databases are made: what is tried here is of files alone."""
    return "sqlite"


def votes_in(path: Path) -> int:
    with closing(sqlite3.connect(path)) as copy:
        ((number,),) = copy.execute("SELECT count(*) FROM votes").fetchall()
        return int(number)


def test_a_backup_is_one_private_file_with_every_vote(database: Database, tmp_path: Path) -> None:
    seed_votes(database, wins=3, ties=2)
    folder = tmp_path / "backups"
    folder.mkdir()
    written = write_backup(database, folder / "copy.sqlite3")
    assert [file.name for file in folder.iterdir()] == ["copy.sqlite3"]
    copy = folder / "copy.sqlite3"
    assert written.votes == votes_in(copy) == 5
    assert written.octets == copy.stat().st_size
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600


def test_a_restored_backup_is_an_arena_that_takes_votes(database: Database, tmp_path: Path) -> None:
    seed_votes(database, wins=3)
    write_backup(database, tmp_path / "copy.sqlite3")
    seed_vote(database)
    database.close()
    for file in tmp_path.glob(f"{database.path.name}*"):
        file.unlink()
    shutil.copy(tmp_path / "copy.sqlite3", database.path)
    restored = open_ledger(database.url, create=False)
    seed_vote(restored)
    restored.close()
    assert votes_in(database.path) == 4


def test_a_backup_holds_what_the_log_holds_while_another_connection_writes(
    database: Database, tmp_path: Path
) -> None:
    seed_votes(database, wins=2)
    with database.writing() as connection:
        seed_vote(connection)
        written = write_backup(database, tmp_path / "copy.sqlite3")
    assert written.votes == 2


def test_no_file_is_overwritten(database: Database, tmp_path: Path) -> None:
    target = tmp_path / "copy.sqlite3"
    target.write_text("mine")
    with pytest.raises(FileExistsError, match="choose another name"):
        write_backup(database, target)
    assert target.read_text() == "mine"


def test_nothing_is_left_of_a_backup_that_failed(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seed_votes(database, wins=2)
    folder = tmp_path / "backups"
    folder.mkdir()

    def full(_target: Path) -> None:
        (folder / "copy.sqlite3.part").write_bytes(b"half")
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr(database, "save_copy", full)
    with pytest.raises(sqlite3.OperationalError):
        write_backup(database, folder / "copy.sqlite3")
    assert list(folder.iterdir()) == []


def test_a_damaged_database_gives_no_backup(database: Database, tmp_path: Path) -> None:
    seed_votes(database, wins=150)
    database.close()
    content = bytearray(database.path.read_bytes())
    content[-8000:-4000] = b"\xff" * 4000
    database.path.write_bytes(content)
    with pytest.raises(sqlite3.Error):
        write_backup(database, tmp_path / "copy.sqlite3")
    assert not list(tmp_path.glob("copy*"))


def test_an_older_database_is_copied_before_it_is_upgraded_and_the_log_says_so(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    old = oldest_ledger(tmp_path)
    old.close()
    with caplog.at_level(logging.WARNING):
        upgraded = open_ledger(old.url, create=False, now=lambda: NOON)
    assert stored_revision(upgraded) == newest_revision()
    upgraded.close()
    (copy,) = upgrade_copies(old.path)
    assert copy.name == f"oldest.sqlite3.before-upgrade-{NOON:%Y%m%dT%H%M%SZ}-of-0001"
    assert copy.name in caplog.text
    assert stored_revision(Database(f"sqlite:///{copy}", create=False)) == "0001"
    assert votes_in(copy) == votes_in(old.path)


def test_a_current_or_new_database_is_not_copied(database: Database, tmp_path: Path) -> None:
    database.close()
    open_ledger(database.url, create=False).close()
    open_ledger(f"sqlite:///{tmp_path / 'new.sqlite3'}", create=True).close()
    assert not list(tmp_path.glob("*before*"))


def test_the_newest_copies_of_upgrades_stay(database: Database) -> None:
    for day in range(KEPT_UPGRADE_COPIES + 2):
        keep_upgrade_copy(database, "0001", NOON + timedelta(days=day))
    kept = upgrade_copies(database.path)
    assert len(kept) == KEPT_UPGRADE_COPIES
    assert f"{NOON + timedelta(days=4):%Y%m%d}" in kept[-1].name


def test_an_upgrade_that_cannot_be_copied_first_is_not_begun(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = oldest_ledger(tmp_path)
    old.close()

    def full(_database: Database, _target: Path) -> None:
        raise OSError(28, "No space left on device", "copy")

    monkeypatch.setattr(Database, "save_copy", full)
    with pytest.raises(UnusableLedger, match="No space left"):
        open_ledger(old.url, create=False)
    assert stored_revision(Database(old.url)) == "0001"
