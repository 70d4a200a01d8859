"""Downloads files of the hub into the cache: several in parallel, resumed and verified.

huggingface_hub's own download abandons a partial file when its process ends, leaves it on the
disk, and does not verify hashes. So the bytes are fetched here, into the place where
it looks for them; it then puts the file into the snapshot. Plain HTTP, so mirrors and proxies work.
"""

import hashlib
import threading
from collections.abc import Callable, Collection
from concurrent.futures import FIRST_EXCEPTION, ThreadPoolExecutor, wait
from dataclasses import dataclass
from io import SEEK_END
from pathlib import Path
from typing import BinaryIO

import httpx2
from huggingface_hub import constants, hf_hub_download, hf_hub_url
from huggingface_hub.utils import (  # type: ignore[attr-defined]  # it exports by __getattr__
    WeakFileLock,
    build_hf_headers,
    hf_raise_for_status,
    http_stream_backoff,
    silent_tqdm,
)

from arena.checkpoints.hub_cache import repository_folder
from arena.engine.hub.access import HubAccess
from arena.engine.hub.faults import DownloadFailed
from arena.engine.hub.listing import ANSWER_S, PROGRAM, RemoteFile

_AT_ONCE = 8
_LOOK_EVERY_S = 1.0
_PIECE_BYTES = 2**20
_RETRY_DELAYS_S = (1.0, 2.0, 4.0, 8.0)
_PART = ".arena.incomplete"


class _Stopped(Exception):
    """Another file has failed: this one is left as it is."""


@dataclass(frozen=True, slots=True)
class CachedCommit:
    """One commit's place in the cache."""

    hub: HubAccess
    source: str
    commit: str

    @property
    def repository(self) -> Path:
        """The repository's folder in the cache."""
        return repository_folder(self.hub.cache, self.source)

    @property
    def folder(self) -> Path:
        """The snapshot: the files under their own names."""
        return self.repository / "snapshots" / self.commit

    def has(self, file: RemoteFile) -> bool:
        """Return whether a file is here whole, under its own name."""
        return (self.folder / file.name).is_file()

    def bytes_here(self, file: RemoteFile) -> int:
        """Return how many bytes of a file are here, complete or not."""
        for path in (self.folder / file.name, *self._blobs(file)):
            if path.is_file():
                return path.stat().st_size
        return 0

    def _blobs(self, file: RemoteFile) -> tuple[Path, ...]:
        if file.blob is None:
            return ()
        blob = self.repository / "blobs" / file.blob
        return blob, part_of(blob)

    def remember(self, revision: str | None) -> None:
        """Note that a branch or tag stands for this commit, once its files are whole."""
        if revision != self.commit:
            reference = self.repository / "refs" / (revision or constants.DEFAULT_REVISION)
            reference.parent.mkdir(parents=True, exist_ok=True)
            reference.write_text(self.commit, encoding="utf-8")


def part_of(blob: Path) -> Path:
    """Return where a file grows until it is whole."""
    return blob.with_name(blob.name + _PART)


def download(
    files: Collection[RemoteFile], place: CachedCommit, *, on_tick: Callable[[], None]
) -> None:
    """Bring all files into the snapshot. Blocking; `on_tick` is called every second meanwhile.

    What is here of a file is kept, also when this fails or the process is killed. Processes that
    want the same file take turns. Raises DownloadFailed and what huggingface_hub, httpx2 and the
    disk raise.
    """
    stop = threading.Event()
    pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="download")
    try:
        waiting = {pool.submit(_obtain, file, place, stop) for file in files}
        while waiting:
            done, waiting = wait(waiting, _LOOK_EVERY_S, FIRST_EXCEPTION)
            for one in done:
                one.result()
            on_tick()
    finally:
        stop.set()
        pool.shutdown(cancel_futures=True)


def _obtain(file: RemoteFile, place: CachedCommit, stop: threading.Event) -> None:
    if place.has(file):
        return
    if file.blob is not None and 0 < (file.size_bytes or 0) < constants.MAX_HTTP_DOWNLOAD_SIZE:
        _obtain_blob(file, place.repository / "blobs" / file.blob, place, stop)
    # Puts the blob into the snapshot. What the hub tells no size of, and files beyond the 50 GB
    # that it serves over HTTP, are downloaded here, without resuming.
    hf_hub_download(
        place.source,
        file.name,
        revision=place.commit,
        cache_dir=place.hub.cache,
        endpoint=place.hub.endpoint,
        token=place.hub.credential,
        etag_timeout=ANSWER_S,
        library_name=PROGRAM,
        tqdm_class=silent_tqdm,
    )


def _obtain_blob(file: RemoteFile, blob: Path, place: CachedCommit, stop: threading.Event) -> None:
    lock = place.hub.cache / ".locks" / place.repository.name / f"{blob.name}.lock"
    blob.parent.mkdir(parents=True, exist_ok=True)
    lock.parent.mkdir(parents=True, exist_ok=True)
    with WeakFileLock(lock):
        if not blob.exists():
            _complete(file, part_of(blob), place, stop)
            _verify(file, part_of(blob))
            part_of(blob).replace(blob)


def _complete(file: RemoteFile, part: Path, place: CachedCommit, stop: threading.Event) -> None:
    """Fetch what is missing of a file; an attempt that makes progress resets the retries."""
    delays = list(_RETRY_DELAYS_S)
    with part.open("ab") as data:
        while (before := data.seek(0, SEEK_END)) < (file.size_bytes or 0):
            try:
                _stream(file, data, before, place, stop)
            except httpx2.TransportError:
                if data.seek(0, SEEK_END) > before:
                    delays = list(_RETRY_DELAYS_S)
                elif not delays or stop.wait(delays.pop(0)):
                    raise
            else:
                break


def _stream(
    file: RemoteFile, data: BinaryIO, begin: int, place: CachedCommit, stop: threading.Event
) -> None:
    """Append a file's bytes from `begin` on, as far as one connection brings them."""
    url = hf_hub_url(place.source, file.name, revision=place.commit, endpoint=place.hub.endpoint)
    headers = build_hf_headers(token=place.hub.credential, library_name=PROGRAM)
    headers["Accept-Encoding"] = "identity"  # a part of a compressed file could not be resumed
    if begin:
        headers["Range"] = f"bytes={begin}-"
    with http_stream_backoff(
        "GET",
        url,
        headers=headers,
        timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT,
        retry_on_exceptions=(),  # it could not say how far it had come
    ) as response:
        hf_raise_for_status(response)
        if response.status_code != httpx2.codes.PARTIAL_CONTENT:
            data.truncate(0)  # a server without ranges begins anew
        for piece in response.iter_bytes(_PIECE_BYTES):
            if stop.is_set():
                raise _Stopped
            data.write(piece)


def _verify(file: RemoteFile, part: Path) -> None:
    """Refuse a file that is not what the hub's listing says; what is there of it is deleted."""
    sound = part.stat().st_size == file.size_bytes
    if sound and file.hashed:
        with part.open("rb") as data:
            sound = hashlib.file_digest(data, "sha256").hexdigest() == file.blob
    if not sound:
        part.unlink()
        raise DownloadFailed(
            f"{file.name} arrived damaged and was deleted: it will be downloaded anew. If this "
            "happens again, a proxy or a mirror (HF_ENDPOINT) changes files, or the disk does",
            permanent=False,
        )
