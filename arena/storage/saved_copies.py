"""Copies of a ledger that was lost while it was open: how they are called, and which there are."""

from datetime import datetime
from pathlib import Path


def copy_name(path: Path, now: datetime) -> Path:
    """Where the copy of the database `path` goes: beside it."""
    return path.with_name(f"{path.name}.saved-{now:%Y%m%dT%H%M%SZ}")


def saved_copies(path: Path) -> list[Path]:
    """Copies of the database `path`, oldest first."""
    return sorted(one for one in path.parent.glob(f"{path.name}.saved-*") if one.is_file())
