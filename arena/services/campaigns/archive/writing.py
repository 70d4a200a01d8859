"""Writes the zip file of an archive: the same content gives the same bytes."""

import hashlib
from collections.abc import Iterable
from types import TracebackType
from typing import IO, Self
from zipfile import ZipFile

from arena.services.campaigns.archive.container import entry, seal
from arena.services.campaigns.archive.files import CHECKSUMS


class ArchiveWriter:
    """Writes files one after the other into one that can be sought and read, checksums last."""

    def __init__(self, target: IO[bytes]) -> None:
        self._target = target
        self._zip = ZipFile(target, "w")
        self._checksums: dict[str, str] = {}

    def __enter__(self) -> Self:
        """Begin an archive."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Write the checksums, unless something failed, end the zip file, and seal it."""
        if error is None:
            lines = (f"{found}  {name}\n" for name, found in sorted(self._checksums.items()))
            self._write(CHECKSUMS, [line.encode() for line in lines])
        self._zip.close()
        if error is None:
            seal(self._target)

    def add(self, name: str, chunks: Iterable[bytes]) -> None:
        """Write a file of the archive in chunks."""
        self._checksums[name] = self._write(name, chunks)

    def _write(self, name: str, chunks: Iterable[bytes]) -> str:
        digest = hashlib.sha256()
        with self._zip.open(entry(name), "w", force_zip64=True) as file:
            for chunk in chunks:
                digest.update(chunk)
                file.write(chunk)
        return digest.hexdigest()
