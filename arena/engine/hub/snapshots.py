"""The download step: resolve the revision, choose the files, check the disk, fetch what is missing.

Small files come first and weights last, so that a folder with all weights is a whole copy.
"""

import logging
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

import httpx2

from arena.catalog import ModelRow
from arena.checkpoints.hub_cache import free_bytes, is_hub_model, repository_folder, snapshot
from arena.checkpoints.repository_files import companions, is_complete, is_index, shards
from arena.domain.byte_sizes import GIB, size_text
from arena.engine.hub.access import HubAccess, hub_access
from arena.engine.hub.faults import DownloadFailed, explained, not_here
from arena.engine.hub.listing import Listing, RemoteFile, list_repository, refuse_unreadable
from arena.engine.hub.progress import DownloadProgress
from arena.engine.hub.transfer import CachedCommit, download

logger = logging.getLogger(__name__)

SPARE_BYTES = GIB
"""Disk that a download leaves free: the votes may lie on the same one."""

_FAULTS = (OSError, ValueError, KeyError, TypeError, httpx2.HTTPError)
"""What huggingface_hub, its client and the disk raise; HfHubHTTPError and offline are OSErrors."""


@dataclass(frozen=True, slots=True)
class LocalCopy:
    """A row whose `source` is a folder of this machine. `commit` is None if it always was."""

    row: ModelRow
    commit: str | None = None


@dataclass(frozen=True, slots=True)
class DownloadSize:
    """What a model takes on the disk, in bytes: altogether, and what is still to come."""

    commit: str
    total_bytes: int
    missing_bytes: int


def obtain(
    row: ModelRow,
    *,
    on_progress: Callable[[str], None],
    hub: HubAccess | None = None,
    weights: bool = True,
    free: Callable[[Path], int] = free_bytes,
    clock: Callable[[], float] = time.monotonic,
) -> LocalCopy:
    """Return the row with its files on this machine, downloading what is missing. Blocking.

    Without `weights`, only configuration, tokenizer and code are fetched. A whole copy that is
    here serves when the hub cannot be asked. Raises DownloadFailed.
    """
    if not is_hub_model(row):
        return LocalCopy(row)
    hub = hub or hub_access()
    step = _Download(row, hub, on_progress, free, clock)
    return step.offline_copy(weights=weights) if hub.offline else step.copy(weights=weights)


def download_size(row: ModelRow, hub: HubAccess) -> DownloadSize:
    """Ask the hub how large a model is and what of it is missing here; fetches its index only.

    Raises DownloadFailed, also where the files themselves may not be read.
    """
    if hub.offline:
        raise DownloadFailed("HF_HUB_OFFLINE forbids to ask the hub", permanent=True)
    step = _Download(row, hub, lambda _: None, free_bytes, time.monotonic)
    try:
        listing = list_repository(step.source, row.revision, hub)
        refuse_unreadable(step.source, listing, hub)
        chosen = step.chosen(listing, weights=True)
    except _FAULTS as error:
        raise explained(error, step.source, row.revision, hub) from error
    return DownloadSize(
        listing.commit, _total_bytes(chosen.files), _missing(chosen.files, chosen.place)
    )


@dataclass(frozen=True, slots=True)
class _Chosen:
    """The files that one model needs of a commit."""

    place: CachedCommit
    companions: tuple[RemoteFile, ...]
    weights: tuple[RemoteFile, ...]

    @property
    def files(self) -> tuple[RemoteFile, ...]:
        return (*self.companions, *self.weights)


@dataclass(frozen=True, slots=True)
class _Download:
    """One row's download."""

    row: ModelRow
    hub: HubAccess
    on_progress: Callable[[str], None]
    free: Callable[[Path], int]
    clock: Callable[[], float]

    @property
    def source(self) -> str:
        return self.row.resolved_source()

    def copy(self, *, weights: bool) -> LocalCopy:
        self.on_progress("asking the hub")
        try:
            listing = list_repository(self.source, self.row.revision, self.hub)
            chosen = self.chosen(listing, weights=weights)
            self._fetch(chosen)
            chosen.place.remember(self.row.revision)
        except (DownloadFailed, *_FAULTS) as error:
            fault = explained(error, self.source, self.row.revision, self.hub)
            return self._old_copy(fault, weights=weights)
        return self._copied(chosen.place)

    def offline_copy(self, *, weights: bool) -> LocalCopy:
        place = self._place_here(weights=weights)
        if place is None:
            raise not_here(self.source, self.row.revision, self.hub)
        return self._copied(place)

    def chosen(self, listing: Listing, *, weights: bool) -> _Chosen:
        """Return the files that the model needs; an index of shards is fetched to know them."""
        place = CachedCommit(self.hub, self.source, listing.commit)
        small = companions(listing.files, code=self.row.trust_remote_code)
        large = self._weights(listing, place) if weights else ()
        return _Chosen(
            place,
            tuple(listing.files[name] for name in small),
            tuple(listing.files[name] for name in large),
        )

    def _weights(self, listing: Listing, place: CachedCommit) -> tuple[str, ...]:
        entry = listing.weights_entry(self.source)
        if not is_index(entry):
            return (entry,)
        download([listing.files[entry]], place, on_tick=lambda: None)
        parts = shards(place.folder / entry)
        lost = [name for name in parts if name not in listing.files]
        if lost:
            raise DownloadFailed(
                f"{self.source} lacks {', '.join(lost)}, which its {entry} names: choose another "
                "`revision`, or tell its authors",
                permanent=True,
            )
        return (entry, *parts)

    def _fetch(self, chosen: _Chosen) -> None:
        files, place = chosen.files, chosen.place
        self._refuse_full_disk(_missing(files, place))
        progress = DownloadProgress(_total_bytes(files), clock=self.clock)

        def tick() -> None:
            self.on_progress(progress.text(_total_bytes(files) - _missing(files, place)))

        for group in (chosen.companions, chosen.weights):
            if any(not place.has(file) for file in group):
                tick()
                download(group, place, on_tick=tick)

    def _refuse_full_disk(self, missing: int) -> None:
        here = self.free(self.hub.cache)
        lacking = missing + SPARE_BYTES - here
        if missing and lacking > 0:
            raise DownloadFailed(
                f"{self.source} needs {size_text(missing)} in {self.hub.cache} and "
                f"{size_text(SPARE_BYTES)} to spare, but only {size_text(here)} is free: free "
                f"{size_text(lacking)} more, or set HF_HOME to a folder on a larger disk",
                permanent=True,
            )

    def _old_copy(self, fault: DownloadFailed, *, weights: bool) -> LocalCopy:
        place = self._place_here(weights=weights)
        if place is None:
            raise fault
        logger.warning("%s; the files that are here serve, of commit %s", fault, place.commit)
        return self._copied(place)

    def _place_here(self, *, weights: bool) -> CachedCommit | None:
        folder = snapshot(repository_folder(self.hub.cache, self.source), self.row.revision)
        if folder is None or not is_complete(folder, weights=weights):
            return None
        return CachedCommit(self.hub, self.source, folder.name)

    def _copied(self, place: CachedCommit) -> LocalCopy:
        local = {"source": str(place.folder), "revision": None}
        return LocalCopy(self.row.model_copy(update=local), place.commit)


def _total_bytes(files: Collection[RemoteFile]) -> int:
    return sum(file.size_bytes or 0 for file in files)


def _missing(files: Collection[RemoteFile], place: CachedCommit) -> int:
    return sum(max((file.size_bytes or 0) - place.bytes_here(file), 0) for file in files)
