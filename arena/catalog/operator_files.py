"""The files that an operator writes, read together: models.yaml and arena.yaml."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from arena.catalog.arena_config import ArenaConfig
from arena.catalog.arena_file import arena_file, find_arena_config
from arena.catalog.faults import CatalogError, FaultyFiles
from arena.catalog.loading import load_catalog
from arena.catalog.model_catalog import ModelCatalog

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class OperatorFiles:
    """What the files say. `config_path` is None where there is no `arena.yaml`."""

    catalog: ModelCatalog
    config: ArenaConfig
    config_path: Path | None


def load_operator_files(models: Path, config: Path | None) -> OperatorFiles:
    """Read a catalog and its `arena.yaml`, the one beside it unless another one is given.

    Raises:
        FaultyFiles: With everything that is wrong in either.
    """
    errors: list[CatalogError] = []
    catalog = _noting(errors, lambda: load_catalog(models))
    words = _noting(errors, lambda: find_arena_config(models, config))
    if catalog is None or words is None:
        raise FaultyFiles(tuple(errors))
    return OperatorFiles(catalog, words, arena_file(models, config))


def _noting(errors: list[CatalogError], load: Callable[[], T]) -> T | None:
    try:
        return load()
    except CatalogError as error:
        errors.append(error)
        return None
