"""Fixtures of all tests. Properties are about values, not about time: a busy machine fails none."""

import gc
import shutil
from collections.abc import Callable, Generator, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from arena.storage.database import Database
from arena.storage.migrate import migrate
from tests.fakes.playground import DatabaseMaker
from tests.fakes.real_models import RealModel, real_model_of, real_models
from tests.needs import ROOT, needs_of, place_of, unwanted_markers

if TYPE_CHECKING:
    from tests.fakes.postgres import TestServer

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
        if _kind_of(item) == "postgresql" and "postgres" not in needs:
            needs.append("postgres")
        for marker in needs:
            item.add_marker(marker)
        places[item.path] = min(place_of(needs), places.get(item.path, place_of([])))
    items.sort(key=lambda item: places[item.path])


def pytest_collection_finish() -> None:
    """Spare later garbage collections what the imports of all tests have left: it stays anyway."""
    gc.collect()
    gc.freeze()


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter,
) -> Generator[None, None, None]:
    """Say loudly, as the last line but one, what did not run for want of PostgreSQL."""
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    missed = sum("postgres" in report.keywords for report in skipped)
    if missed:
        sentence = f"NOT TESTED ON POSTGRESQL: {missed} tests were skipped, `-rs` says why"
        terminalreporter.write_line(sentence, red=True, bold=True)


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


@pytest.fixture(scope="session")
def postgres() -> "Iterator[TestServer]":
    """Return a PostgreSQL server; a test is skipped where none can be had."""
    try:
        from tests.fakes.postgres import running_server
        from tests.fakes.postmaster import NoServer
    except ImportError as error:
        pytest.skip(f"the driver of PostgreSQL is missing, pip install -e '.[dev]': {error}")

    with ExitStack() as held:
        try:
            server = held.enter_context(running_server())
        except NoServer as error:
            pytest.skip(str(error))
        yield server


@pytest.fixture(scope="session")
def migrated_template(postgres: "TestServer", tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the name of an empty, migrated database to copy."""
    from tests.fakes.postgres import migrated_template

    return migrated_template(postgres, tmp_path_factory.mktemp("template"))


@pytest.fixture
def database_kind() -> str:
    """Return where `new_database` makes databases; folders whose tests run on both override it."""
    return "sqlite"


@pytest.fixture
def new_database(
    database_kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> Iterator[DatabaseMaker]:
    """Make migrated databases, each in a file of its own or on the server."""
    made: Callable[[Path, int], str] = request.getfixturevalue(f"new_{database_kind}_url")
    opened: list[Database] = []

    def make() -> Database:
        opened.append(Database(made(tmp_path, len(opened))))
        return opened[-1]

    yield make
    for database in opened:
        database.close()


@pytest.fixture
def new_sqlite_url(migrated_file: Path) -> Callable[[Path, int], str]:
    """Return what makes a migrated SQLite file in a folder, and tells its address."""

    def make(folder: Path, number: int) -> str:
        path = folder / f"arena-{number}.sqlite3"
        shutil.copy(migrated_file, path)
        return f"sqlite:///{path}"

    return make


@pytest.fixture
def new_postgresql_url(
    postgres: "TestServer", migrated_template: str
) -> Iterator[Callable[[Path, int], str]]:
    """Return what makes a migrated database on the server, with keys in a folder."""
    names: list[str] = []

    def make(folder: Path, number: int) -> str:
        names.append(postgres.lend(migrated_template))
        return postgres.url(names[-1], folder)

    yield make
    for name in names:
        postgres.take_back(name)


@pytest.fixture
def database(new_database: DatabaseMaker) -> Database:
    """Return a migrated database."""
    return new_database()


def _kind_of(item: pytest.Item) -> object:
    call = getattr(item, "callspec", None)
    return call.params.get("database_kind") if call else None
