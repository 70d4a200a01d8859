"""Votes and secrets are for the owner of the files alone."""

import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from arena.services.pseudonyms import export_key
from arena.storage.database import Database
from arena.storage.migrate import migrate
from arena.storage.serving_lock import serving_alone


@pytest.fixture
def database_kind() -> str:
    """Return where databases are made: what is tried here is of files alone."""
    return "sqlite"


@pytest.fixture(autouse=True)
def _careless_umask() -> Iterator[None]:
    before = os.umask(0)
    yield
    os.umask(before)


def rights(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_whatever_an_arena_writes_is_private(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'db' / 'arena.sqlite3'}"
    database = Database(url)
    with serving_alone(url):
        migrate(database)
        export_key(tmp_path / "db" / "export-key")
        database.save_copy(tmp_path / "db" / "copy")
        found = {file.name: rights(file) for file in (tmp_path / "db").iterdir()}
    database.close()
    endings = ("", "-wal", "-shm", ".lock")
    assert found.keys() == {f"arena.sqlite3{end}" for end in endings} | {"export-key", "copy"}
    assert set(found.values()) == {0o600}


@pytest.mark.parametrize("before", [0o644, 0o666, 0o640, 0o755])
def test_files_of_earlier_versions_are_made_private_and_the_log_says_so(
    database: Database, tmp_path: Path, before: int, caplog: pytest.LogCaptureFixture
) -> None:
    with database.reading():
        pass
    key, lock = tmp_path / "export-key", tmp_path / f"{database.path.name}.lock"
    key.write_bytes(b"0" * 32)
    lock.touch()
    files = [*tmp_path.glob("arena-0.sqlite3*"), key]
    assert len(files) == 5
    for file in files:
        file.chmod(before)
    again = Database(database.url)
    with caplog.at_level(logging.WARNING), serving_alone(database.url), again.reading():
        export_key(key)
        assert {rights(file) for file in files} == {0o600}
    again.close()
    for file in files:
        assert f"{file} was open to other users ({before:03o}): now 600" in caplog.text


def test_a_file_that_is_private_is_not_talked_about(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.path.chmod(0o600)
    with caplog.at_level(logging.WARNING), database.reading():
        pass
    assert caplog.text == ""


def test_a_file_that_its_owner_may_only_read_stays_so(tmp_path: Path, database: Database) -> None:
    database.close()
    database.path.chmod(0o444)
    with database.reading():
        pass
    assert rights(database.path) == 0o400
