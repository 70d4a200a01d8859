"""The names of copies of a ledger that was lost while it was open."""

from datetime import datetime
from pathlib import Path


def copy_name(path: Path, now: datetime) -> Path:
    """Return the path of a new copy of the database `path`, beside it."""
    return path.with_name(f"{path.name}.saved-{now:%Y%m%dT%H%M%SZ}")


def saved_copies(path: Path) -> list[Path]:
    """Return the copies of the database `path`, oldest first."""
    return sorted(one for one in path.parent.glob(f"{path.name}.saved-*") if one.is_file())
