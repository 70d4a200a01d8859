"""Opens the zip file of an archive, which anybody may have made, without unpacking it."""

import hashlib
import json
import re
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from arena.services.campaigns.archive.container import is_as_written, is_sealed
from arena.services.campaigns.archive.files import (
    ALWAYS,
    CHECKSUMS,
    FORMAT,
    VERSIONS,
    is_known,
)
from arena.services.campaigns.archive.lines import decoded
from arena.services.campaigns.archive.refusals import BadArchive

LARGEST_BYTES = 64 * 2**30
LARGEST_SMALL_FILE_BYTES = 64 * 2**20
LONGEST_LINE_BYTES = 64 * 2**20
_MOST_INFLATED = 200
"""Lines of JSON that repeat their keys shrink to a twentieth or fiftieth; zip bombs to less."""
_ALWAYS_FINE_BYTES = 2**20
_CHUNK = 2**20
_ENCRYPTED = 1
_CHECKSUM = re.compile(r"([0-9a-f]{64})  (\S+)")
_UNREADABLE = (
    *(BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError),
    OSError,  # a changed offset in the zip's directory points before the beginning of the file
)


@dataclass(frozen=True, slots=True)
class OpenArchive:
    """An archive whose list of files is in order; their content is not checked yet.

    `checksums` are by name. Every method raises `BadArchive` where a file cannot be read.
    """

    file: IO[bytes]
    zip: ZipFile
    checksums: Mapping[str, str]
    digest: str

    @property
    def names(self) -> frozenset[str]:
        """The names of all files."""
        return frozenset(self.zip.namelist())

    def faults(self) -> Iterator[str]:
        """Yield a line for each file that is missing, not listed, or not what it was."""
        names = self.names - {CHECKSUMS}
        for name in sorted(self.checksums.keys() - names):
            yield f"{name}: is missing"
        for name in sorted(names - self.checksums.keys()):
            yield f"{name}: has no checksum"
        for name in sorted(names & self.checksums.keys()):
            try:
                digest = hashlib.sha256()
                for chunk in self.chunks(name):
                    digest.update(chunk)
            except BadArchive as error:
                yield str(error)
                continue
            if digest.hexdigest() != self.checksums[name]:
                yield f"{name}: was changed: its checksum is another one"

    def is_as_written(self) -> bool:
        """Return whether the zip file around the files is as an arena writes it."""
        if self.zip.comment:
            return is_sealed(self.file, self.zip.comment)
        return is_as_written(self.file, self.zip.infolist())

    def chunks(self, name: str) -> Iterator[bytes]:
        """Yield the content of a file in chunks."""
        with _readable(name), self.zip.open(name) as file:
            while chunk := file.read(_CHUNK):
                yield chunk

    def lines(self, name: str) -> Iterator[bytes]:
        """Yield the lines of a file, with their ends."""
        with _readable(name), self.zip.open(name) as file:
            while line := file.readline(LONGEST_LINE_BYTES):
                if len(line) >= LONGEST_LINE_BYTES:
                    raise BadArchive(f"{name}: a line is longer than any that an arena writes")
                yield line

    def records(self, name: str) -> Iterator[Any]:
        """Yield the records of a file, their types checked."""
        return decoded(name, self.lines(name))

    def content(self, name: str) -> bytes:
        """Return all of a small file."""
        if self.zip.getinfo(name).file_size > LARGEST_SMALL_FILE_BYTES:
            raise BadArchive(f"{name}: is larger than any that an arena writes")
        return b"".join(self.chunks(name))

    def versions(self) -> dict[str, str]:
        """Return what wrote the archive; raises `BadArchive` for a format of the future."""
        try:
            told = json.loads(self.content(VERSIONS))
        except (ValueError, RecursionError) as error:
            raise BadArchive(f"{VERSIONS}: is no JSON") from error
        if not isinstance(told, dict) or told.get("format") != FORMAT:
            raise BadArchive(
                f"{VERSIONS}: this arena reads archives of format {FORMAT}, and it is another one"
            )
        return {str(key): str(value) for key, value in told.items()}


@contextmanager
def open_archive(path: Path) -> Iterator[OpenArchive]:
    """Open an archive for reading.

    Raises:
        BadArchive: It is no zip file, or holds what no archive of a campaign does.
        OSError: It cannot be read.
    """
    # The file is closed here even where somebody stopped in the middle of one of its files.
    with path.open("rb") as opened:
        try:
            file = ZipFile(opened)
        except _UNREADABLE as error:
            raise BadArchive(f"it is no readable zip file ({error})") from error
        with file:
            _require_harmless(file.infolist())
            with _readable(CHECKSUMS):
                text = file.read(CHECKSUMS)
            yield OpenArchive(opened, file, _checksums(text), hashlib.sha256(text).hexdigest())


def _require_harmless(files: list[ZipInfo]) -> None:
    names = [info.filename for info in files]
    for info in files:
        name = ascii(info.filename)
        if not is_known(info.filename):
            raise BadArchive(f"it has a file {name}, which no archive of a campaign has")
        if names.count(info.filename) > 1:
            raise BadArchive(f"it has two files {name}")
        if info.flag_bits & _ENCRYPTED or info.compress_type not in (ZIP_DEFLATED, ZIP_STORED):
            raise BadArchive(f"{name} is packed in a way that an arena does not use")
        most = max(_ALWAYS_FINE_BYTES, _MOST_INFLATED * info.compress_size)
        if info.file_size > most:
            raise BadArchive(f"{name} would grow to {info.file_size} bytes, as in a zip bomb")
    if sum(info.file_size for info in files) > LARGEST_BYTES:
        raise BadArchive("it would grow to more than 64 GiB")
    if missing := sorted(ALWAYS - set(names)):
        raise BadArchive(f"it has no {missing[0]}: it is no archive of a campaign, or was cut")


def _checksums(text: bytes) -> dict[str, str]:
    found: dict[str, str] = {}
    for line in text.decode("ascii", "replace").splitlines():
        match = _CHECKSUM.fullmatch(line)
        if match is None or match[2] in found:
            raise BadArchive(f"{CHECKSUMS}: a line is no checksum and name, or names a file again")
        found[match[2]] = match[1]
    return found


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except _UNREADABLE as error:
        raise BadArchive(f"{name}: cannot be read ({error})") from error
