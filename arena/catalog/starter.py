"""The files that a new arena begins with: `models.yaml` and `arena.yaml`, for its operator to edit.

A wheel holds copies of those at the root of the repository (`pyproject.toml`).
"""

import shutil
from pathlib import Path
from typing import Final

from arena.catalog.arena_file import FILE_NAME

_IN_WHEEL: Final = Path(__file__).parent / "starter"
_IN_REPOSITORY: Final = Path(__file__).parents[2]
_CATALOG: Final = "models.yaml"


def starter_catalog() -> Path:
    """Return the `models.yaml` that comes along."""
    folder = _IN_WHEEL if _IN_WHEEL.is_dir() else _IN_REPOSITORY
    return folder / _CATALOG


def begin_with_starter(models: Path) -> bool:
    """Put the starter files in the place of a catalog that is not there; return whether it was so.

    Raises:
        OSError: They cannot be written.
    """
    if models.exists():
        return False
    models.parent.mkdir(parents=True, exist_ok=True)
    starter = starter_catalog()
    words = models.with_name(FILE_NAME)
    if not words.exists():
        shutil.copyfile(starter.with_name(FILE_NAME), words)
    shutil.copyfile(starter, models)
    return True
