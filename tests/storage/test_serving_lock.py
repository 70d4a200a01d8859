"""One server for one database, by whatever name."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from arena.storage.database import Database, UnusableLedger
from arena.storage.serving_lock import serving_alone

HOLDER = """
import sys
from arena.storage.serving_lock import serving_alone
with serving_alone(sys.argv[1]):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def database_kind() -> str:
    """Return where databases are made: what is tried here is of files alone."""
    return "sqlite"


@contextmanager
def another_server(url: str) -> Iterator["subprocess.Popen[str]"]:
    command = [sys.executable, "-c", HOLDER, url]
    with subprocess.Popen(
        command, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def refused(url: str) -> str:
    with pytest.raises(UnusableLedger) as caught, serving_alone(url):
        pass
    return str(caught.value)


def test_a_second_server_is_refused_by_every_name_of_the_file(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "link.sqlite3").symlink_to(database.path)
    (tmp_path / "folder").symlink_to(tmp_path)
    monkeypatch.chdir(tmp_path)
    with another_server(database.url) as first:
        for name in (
            str(database.path),
            database.path.name,
            f"folder/../{database.path.name}",
            "link.sqlite3",
            "folder/link.sqlite3",
        ):
            assert f"process {first.pid} on " in refused(f"sqlite:///{name}")


def test_the_death_of_the_first_server_frees_the_database(database: Database) -> None:
    with another_server(database.url) as first:
        refused(database.url)
        first.kill()
        first.wait()
        with serving_alone(database.url):
            assert "another arena serves" in refused(database.url)
    with serving_alone(database.url):
        pass


def test_a_process_that_the_server_started_does_not_keep_the_lock(database: Database) -> None:
    with serving_alone(database.url):
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    with child, serving_alone(database.url):
        child.kill()


def test_others_read_and_write_beside_a_server(database: Database) -> None:
    with another_server(database.url), database.writing(), database.reading():
        pass


def test_a_file_with_a_second_name_is_refused(database: Database, tmp_path: Path) -> None:
    os.link(database.path, tmp_path / "second")
    assert "2 names" in refused(database.url)
