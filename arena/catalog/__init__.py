"""The catalog: models.yaml, checked as a whole before anything is started."""

from arena.catalog.faults import CatalogError, Fault, UnknownModelError
from arena.catalog.fields import Script
from arena.catalog.loading import load_catalog
from arena.catalog.model_catalog import ModelCatalog
from arena.catalog.rows import PROMPT_FORMAT_NAMES, ModelRow

__all__ = [
    "PROMPT_FORMAT_NAMES",
    "CatalogError",
    "Fault",
    "ModelCatalog",
    "ModelRow",
    "Script",
    "UnknownModelError",
    "load_catalog",
]
