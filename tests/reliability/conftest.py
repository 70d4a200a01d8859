"""One engine process for each module."""

from collections.abc import Iterator

import pytest

from tests.fakes.catalogs import write_catalog
from tests.fakes.checkpoints import TINY, save_random_checkpoint
from tests.fakes.engine_processes import RunningEngine, running_engine
from tests.fakes.real_models import RealModel


@pytest.fixture(scope="module")
def engine(
    tmp_path_factory: pytest.TempPathFactory, real_model: RealModel
) -> Iterator[RunningEngine]:
    """An engine on a real model."""
    with running_engine(real_model.catalog(tmp_path_factory.mktemp("engine"))) as engine:
        yield engine


@pytest.fixture(scope="module")
def talkative_engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningEngine]:
    """An engine whose model writes on, whatever it is asked.

    A trained model has nothing more to say after its answer, and its client nothing to read.
    """
    folder = tmp_path_factory.mktemp("talkative")
    checkpoint = save_random_checkpoint(
        folder / "checkpoint", **TINY | {"max_position_embeddings": 1024}
    )
    with running_engine(write_catalog(folder, checkpoint)) as engine:
        yield engine
