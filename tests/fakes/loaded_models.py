"""A loaded model in this process, for tests of what runs on it."""

from pathlib import Path

from arena.catalog import ModelRow, load_catalog
from arena.engine.assembly import ServedModel, assemble
from tests.fakes.catalogs import write_catalog


def row_of(folder: Path, checkpoint: Path) -> ModelRow:
    """Return the row of a catalog with this checkpoint; writes the file into `folder`."""
    return load_catalog(write_catalog(folder, checkpoint)).get("tiny")


def assembled(folder: Path, checkpoint: Path) -> ServedModel:
    """Load a checkpoint and start its generator; the caller closes it."""
    return assemble(row_of(folder, checkpoint), threads=1, on_progress=lambda _: None)
