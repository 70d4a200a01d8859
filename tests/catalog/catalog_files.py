"""Catalogs written to a file and read, and what is wrong with them."""

from pathlib import Path
from textwrap import dedent

import pytest

from arena.catalog import CatalogError, Fault, ModelCatalog, load_catalog


def written(folder: Path, text: str) -> Path:
    path = folder / "models.yaml"
    path.write_text(dedent(text), encoding="utf-8")
    return path


def loaded(folder: Path, text: str) -> ModelCatalog:
    return load_catalog(written(folder, text))


def faults_of(folder: Path, text: str) -> tuple[Fault, ...]:
    with pytest.raises(CatalogError) as caught:
        loaded(folder, text)
    return caught.value.faults


def fault_of(folder: Path, text: str) -> Fault:
    (fault,) = faults_of(folder, text)
    return fault


def row_fault(folder: Path, line: str) -> Fault:
    """The fault that one line more causes in a row that is right without it."""
    row = "models:\n  x:\n    name: X\n    backend: local\n    source: org/model\n"
    return fault_of(folder, row + f"    {line}\n")
