"""The hub's files on this machine, without the network, in huggingface_hub's own layout."""

import os
import shutil
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from arena.catalog.rows import ModelRow
from arena.checkpoints.repository_files import is_complete

_COMMIT_DIGITS = 12


@dataclass(frozen=True, slots=True)
class HubCopy:
    """What is here of a hub model. `size_bytes` counts begun downloads too.

    `commit` is None when no whole copy of the row's revision is here.
    """

    size_bytes: int
    commit: str | None

    @property
    def complete(self) -> bool:
        """Whether the model can be loaded without the hub."""
        return self.commit is not None


def is_hub_model(row: ModelRow) -> bool:
    """Return whether a row's files come from the hub."""
    return row.backend == "local" and not Path(row.resolved_source()).is_absolute()


def hub_cache(environment: Mapping[str, str]) -> Path:
    """Return the folder of downloads that huggingface_hub would take in this environment."""
    home = environment.get("HF_HOME") or str(
        Path(environment.get("XDG_CACHE_HOME") or "~/.cache", "huggingface")
    )
    legacy = environment.get("HUGGINGFACE_HUB_CACHE") or str(Path(home, "hub"))
    chosen = environment.get("HF_HUB_CACHE") or legacy
    return Path(os.path.expandvars(chosen)).expanduser()


def repository_folder(cache: Path, source: str) -> Path:
    """Return the folder of one repository in the cache."""
    return cache / f"models--{source.replace('/', '--')}"


def snapshot(repository: Path, revision: str | None) -> Path | None:
    """Return the folder with a revision's files, whole or in part; None when there is none."""
    name = revision or "main"
    reference = repository / "refs" / name
    commit = reference.read_text(encoding="utf-8").strip() if reference.is_file() else name
    folder = repository / "snapshots" / commit
    return folder if folder.is_dir() else None


def hub_copy(row: ModelRow, cache: Path) -> HubCopy:
    """Return what is here of a hub model's row."""
    repository = repository_folder(cache, row.resolved_source())
    folder = snapshot(repository, row.revision)
    if folder is not None and is_complete(folder):
        return HubCopy(_total_bytes(folder.rglob("*")), folder.name)
    return HubCopy(_total_bytes((repository / "blobs").glob("*")), None)


def short_commit(commit: str) -> str:
    """Return the beginning of a commit that people read, as the hub's pages show it."""
    return commit[:_COMMIT_DIGITS]


def free_bytes(folder: Path) -> int:
    """Return the free disk space where a folder is, or will be once it is made."""
    there = next(place for place in (folder, *folder.absolute().parents) if place.exists())
    return shutil.disk_usage(there).free


def _total_bytes(paths: Iterable[Path]) -> int:
    """Return the size of all files; a download that ends meanwhile takes its file away."""
    total = 0
    for path in paths:
        with suppress(FileNotFoundError):
            total += path.stat().st_size if path.is_file() else 0
    return total
