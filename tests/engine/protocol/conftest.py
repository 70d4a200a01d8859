"""One engine for all modules here: to start one takes longer than all of their requests."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.engine_processes import RunningEngine, running_engine


@pytest.fixture(scope="session")
def engine(catalog: Path) -> Iterator[RunningEngine]:
    """An engine that is ready; each test leaves it idle."""
    with running_engine(catalog) as engine:
        yield engine
