"""Catalogs that come with the arena and are chosen by their names, such as `laptop`."""

from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parent / "shipped"


def shipped_names() -> tuple[str, ...]:
    """Return the names of all catalogs that come with the arena."""
    return tuple(sorted(file.stem for file in _FOLDER.glob("*.yaml")))


def catalog_path(given: Path) -> Path:
    """Return the file of a catalog: the one that is there, else the shipped one of that name."""
    if given.is_file() or not is_bare_name(given):
        return given
    shipped = _FOLDER / f"{given}.yaml"
    return shipped if shipped.is_file() else given


def is_bare_name(given: Path) -> bool:
    """Return whether a path may be the name of a shipped catalog: one word without an ending."""
    return len(given.parts) == 1 and not given.suffix
