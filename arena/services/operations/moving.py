"""Moves an arena from one database to another: its rows and its keys."""

import shutil
from pathlib import Path

from arena.storage.copying import Copied, NotCopied, copy_ledger
from arena.storage.database import Database
from arena.storage.private_files import PRIVATE

KEYS = ("chain-key", "export-key")
"""Without them votes cannot be checked, and exports name people otherwise."""


def move_arena(source: Database, target: Database) -> Copied:
    """Copy all rows, verified, and the keys that the target lacks. Blocking; nothing is deleted.

    Raises:
        NotCopied: The target is not empty or has another key, or a row cannot be stored in it.
        StorageError: Either database fails.
        OSError: A key cannot be read or written.
    """
    missing = [name for name in KEYS if _is_missing(source.keys_folder / name, target)]
    copied = copy_ledger(source, target)
    for name in missing:
        _copy_key(source.keys_folder / name, target.keys_folder / name)
    return copied


def _is_missing(key: Path, target: Database) -> bool:
    there = target.keys_folder / key.name
    if not key.exists():
        return False
    if there.exists() and there.read_bytes() != key.read_bytes():
        raise NotCopied(
            f"{there} is another key than {key}, with which the votes are stored: move it away"
        )
    return not there.exists()


def _copy_key(key: Path, there: Path) -> None:
    there.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(key, there)
    there.chmod(PRIVATE)
