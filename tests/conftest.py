"""Fixtures of all tests. Properties are about values, not about time: a busy machine fails none."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from arena.storage.database import Database
from arena.storage.migrate import migrate
from tests.fakes.playground import DatabaseMaker

settings.register_profile("patient", deadline=None)
settings.load_profile("patient")


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio only."""
    return "asyncio"


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty, migrated SQLite database to copy: migrating once saves a second a dozen tests."""
    path = tmp_path_factory.mktemp("migrated") / "arena.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture
def new_database(migrated_file: Path, tmp_path: Path) -> Iterator[DatabaseMaker]:
    """Makes migrated SQLite databases, each in a file of its own."""
    opened: list[Database] = []

    def make() -> Database:
        path = tmp_path / f"arena-{len(opened)}.sqlite3"
        shutil.copy(migrated_file, path)
        opened.append(Database(f"sqlite:///{path}"))
        return opened[-1]

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def database(new_database: DatabaseMaker) -> Database:
    """A migrated SQLite database."""
    return new_database()
