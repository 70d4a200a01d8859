"""Whether the files that SQLite has open are still the ones at their address."""

import os
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

Identity = tuple[int, int]
"""Device and inode: what stays with a file whatever it is called."""

_BESIDE = ("-wal", "-shm")


class LedgerLost(SQLAlchemyError):
    """A file of the database was deleted or replaced: what is written now would be gone."""


class OpenFiles:
    """The database, its write-ahead log and its index: `pin` them, then ask before each commit.

    The name is followed anew each time, so that a link which now leads elsewhere is noticed too.
    """

    def __init__(self, named: Path) -> None:
        self.named = named
        self._pinned: dict[Path, Identity] = {}

    def pin(self) -> None:
        """Remember the files that are there now; a connection must hold them open."""
        found = {path: identity(path) for path in (self.named, *beside(self.named))}
        self._pinned = {path: known for path, known in found.items() if known is not None}

    def forget(self) -> None:
        """Unpin all files: nothing is open any more."""
        self._pinned = {}

    def require_unchanged(self) -> None:
        """Raise `LedgerLost` when a pinned file is no longer at its place."""
        for path, pinned in self._pinned.items():
            now = identity(path)
            if now != pinned:
                what = "was deleted or moved" if now is None else "was replaced by another file"
                raise LedgerLost(f"{path} {what} while the arena had it open")
        if self._pinned and not self.named.stat().st_size:
            raise LedgerLost(f"{self.named} was emptied while the arena had it open")


def beside(named: Path) -> tuple[Path, ...]:
    """Return the files that SQLite keeps beside the real database, wherever a link to it is."""
    real = named.resolve()
    return tuple(real.with_name(f"{real.name}{ending}") for ending in _BESIDE)


def identity(path: Path) -> Identity | None:
    """Return device and inode of a file; None when it cannot be seen."""
    try:
        found = os.stat(path)  # noqa: PTH116 - before every commit, and five times as fast
    except OSError:
        return None
    return found.st_dev, found.st_ino
