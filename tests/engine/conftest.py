"""A tiny checkpoint, the models made of it, and engine processes for whole modules."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fakes.catalogs import EMBEDDED, write_catalog
from tests.fakes.checkpoints import save_random_checkpoint
from tests.fakes.engine_processes import RunningEngine, running_engine


@pytest.fixture(scope="session")
def random_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of random weights that never ends by itself soon, and writes broken characters."""
    return save_random_checkpoint(tmp_path_factory.mktemp("random") / "llama")


@pytest.fixture(scope="session")
def embedded_checkpoint(random_checkpoint: Path) -> Path:
    """The better demo model; the random one where it has not been trained."""
    return EMBEDDED if EMBEDDED.is_dir() else random_checkpoint


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory, embedded_checkpoint: Path) -> Path:
    """A catalog file with the embedded checkpoint as `tiny`."""
    return write_catalog(tmp_path_factory.mktemp("engine"), embedded_checkpoint)


@pytest.fixture(scope="module")
def engine(catalog: Path) -> Iterator[RunningEngine]:
    """An engine that is ready."""
    with running_engine(catalog) as engine:
        yield engine
