"""A tiny checkpoint, and engine processes on a real model for whole modules."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.checkpoints import save_random_checkpoint
from tests.fakes.engine_processes import RunningEngine, running_engine
from tests.fakes.real_models import RealModel


@pytest.fixture(scope="session")
def random_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of random weights that never ends by itself soon, and writes broken characters."""
    return save_random_checkpoint(tmp_path_factory.mktemp("random") / "llama")


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory, real_model: RealModel) -> Path:
    """A catalog file with the model as `tiny`."""
    return real_model.catalog(tmp_path_factory.mktemp("engine"))


@pytest.fixture(scope="module")
def engine(catalog: Path) -> Iterator[RunningEngine]:
    """An engine that is ready."""
    with running_engine(catalog) as engine:
        yield engine
