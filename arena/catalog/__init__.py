"""The operator's files: models.yaml and arena.yaml, checked before anything is started."""

from arena.catalog.arena_config import ArenaConfig, Example
from arena.catalog.arena_file import find_arena_config, load_arena_config
from arena.catalog.examples import read_examples
from arena.catalog.faults import CatalogError, Fault, FaultyFiles, UnknownModelError
from arena.catalog.fields import Script
from arena.catalog.loading import load_catalog
from arena.catalog.model_catalog import ModelCatalog
from arena.catalog.rows import PROMPT_FORMAT_NAMES, ModelRow

__all__ = [
    "PROMPT_FORMAT_NAMES",
    "ArenaConfig",
    "CatalogError",
    "Example",
    "Fault",
    "FaultyFiles",
    "ModelCatalog",
    "ModelRow",
    "Script",
    "UnknownModelError",
    "find_arena_config",
    "load_arena_config",
    "load_catalog",
    "read_examples",
]
