"""Fixtures of all tests. Properties are about values, not about time: a busy machine fails none."""

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from arena.storage.database import Database
from arena.storage.migrate import migrate
from tests.fakes.playground import DatabaseMaker
from tests.fakes.real_models import RealModel, real_model_of, real_models
from tests.needs import ROOT, needs_of, place_of, unwanted_markers

settings.register_profile("patient", deadline=None)  # no property fails on a busy machine
settings.load_profile("patient")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave out files of which `-m` wants no test: importing torch and Gradio takes seconds."""
    if collection_path.suffix != ".py" or not collection_path.is_relative_to(ROOT):
        return None
    unwanted = unwanted_markers(config.getoption("markexpr"))
    return True if unwanted.intersection(needs_of(collection_path)) else None


def pytest_configure(config: pytest.Config) -> None:
    """Keep the order of files below: pytest-xdist would start with those that have most tests."""
    config.option.loadscopereorder = False


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs a browser, a server, an engine or patience: `make unit` leaves it out.

    Files with such tests come first: a long one at the end would leave a core without work.
    """
    places: dict[Path, int] = {}
    for item in items:
        needs = list(needs_of(item.path, item.name, getattr(item, "fixturenames", ())))
        for marker in needs:
            item.add_marker(marker)
        places[item.path] = min(place_of(needs), places.get(item.path, place_of([])))
    items.sort(key=lambda item: places[item.path])


def pytest_collection_finish() -> None:
    """Spare later garbage collections what the imports of all tests have left: it stays anyway."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    """Async tests run on asyncio only."""
    return "asyncio"


@pytest.fixture(scope="session", params=real_models())
def real_model(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> RealModel:
    """The model of tests that say «real engine»: each in turn under `make endurance`."""
    name = getattr(request, "param", "demo")
    return real_model_of(name, tmp_path_factory.mktemp("real"))


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an empty, migrated database to copy: migrating once saves a second a dozen tests."""
    path = tmp_path_factory.mktemp("migrated") / "arena.sqlite3"
    database = Database(f"sqlite:///{path}")
    migrate(database)
    database.close()
    return path


@pytest.fixture
def new_database(migrated_file: Path, tmp_path: Path) -> Iterator[DatabaseMaker]:
    """Make migrated SQLite databases, each in a file of its own."""
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
    """Return a migrated SQLite database."""
    return new_database()
