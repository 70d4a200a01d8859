"""The names of the copies that the arena itself puts beside a database."""

from datetime import datetime
from pathlib import Path

_TIME = "%Y%m%dT%H%M%SZ"


def copy_name(path: Path, now: datetime) -> Path:
    """Return the path of a new copy of the database `path`, made when it was lost while open."""
    return path.with_name(f"{path.name}.saved-{now:{_TIME}}")


def saved_copies(path: Path) -> list[Path]:
    """Return the copies that were made when the database `path` was lost, oldest first."""
    return sorted(one for one in path.parent.glob(f"{path.name}.saved-*") if one.is_file())


def upgrade_copy_name(path: Path, revision: str, now: datetime) -> Path:
    """Return the path of a new copy of the database `path`, made before its schema changes."""
    return path.with_name(f"{path.name}.before-upgrade-{now:{_TIME}}-of-{revision}")


def upgrade_copies(path: Path) -> list[Path]:
    """Return the copies that were made before upgrades of the database `path`, oldest first."""
    found = path.parent.glob(f"{path.name}.before-upgrade-*-of-*")
    return sorted(one for one in found if one.is_file() and one.suffix != ".part")
