"""The zip file around the files of an archive: how it is written, and whether it still is so.

Checksums tell of changes inside the files. Between them a zip file has names, times and modes, and
one content can be packed in many ways: the comment at the end is the SHA-256 of all before it.
"""

import hashlib
import zlib
from collections.abc import Sequence
from os import SEEK_END
from typing import IO
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The time of every file in an archive, the first that zip files know."""

_MODE = 0o600 << 16
_UNIX = 3
_CHUNK = 2**18
_SEAL_BYTES = 64
"""A SHA-256 in hexadecimal digits."""
_LENGTH_BYTES = 2
"""At the end of a zip file without a comment stands how long its comment is."""


def entry(name: str) -> ZipInfo:
    """Return what an archive says of a file but for its content: always the same."""
    info = ZipInfo(name, _MOMENT)
    info.compress_type, info.external_attr, info.create_system = ZIP_DEFLATED, _MODE, _UNIX
    return info


def seal(file: IO[bytes]) -> None:
    """Write at the end of a zip file that has no comment the SHA-256 of everything before."""
    file.seek(-_LENGTH_BYTES, SEEK_END)
    file.write(_SEAL_BYTES.to_bytes(_LENGTH_BYTES, "little"))
    file.write(_sha256(file, file.tell()))


def is_sealed(file: IO[bytes], comment: bytes) -> bool:
    """Return whether the comment of a zip file is the SHA-256 of everything before it."""
    return _sha256(file, file.seek(0, SEEK_END) - len(comment)) == comment


def _sha256(file: IO[bytes], size: int) -> bytes:
    """Return that of the first bytes of a file, in digits; leaves off behind them."""
    digest = hashlib.sha256()
    file.seek(0)
    for start in range(0, size, _CHUNK):
        digest.update(file.read(min(_CHUNK, size - start)))
    return digest.hexdigest().encode("ascii")


def is_as_written(file: IO[bytes], found: Sequence[ZipInfo]) -> bool:
    """Return whether everything in a zip file but the content of its files is as we write it.

    For archives without a seal, as they were written until December 2026.
    """
    place, entries = 0, [_again(info) for info in found]
    for info in entries:
        header = info.FileHeader(zip64=True)
        file.seek(place)
        if info.header_offset != place or file.read(len(header)) != header:
            return False
        place += len(header) + info.compress_size
        if not _ends_as_packed(file, info):
            return False
    directory = _directory(entries, place)
    file.seek(place)
    return file.read(len(directory) + 1) == directory


def _ends_as_packed(file: IO[bytes], info: ZipInfo) -> bool:
    """Return whether packed content ends with its last byte, and bits that tell nothing are 0.

    Reading stops when all is unpacked, whatever follows. If the highest 1 of the last byte can be
    a 0 and nothing changes, it tells nothing: zlib leaves a 0 there.
    """
    unpacking, size, unpacked = zlib.decompressobj(-zlib.MAX_WBITS), info.compress_size, 0
    try:
        for start in range(0, size - 1, _CHUNK):
            unpacked += len(unpacking.decompress(file.read(min(_CHUNK, size - 1 - start))))
        last, other = file.read(1), unpacking.copy()
        told = unpacking.decompress(last)
    except zlib.error:
        return False
    if not last or not unpacking.eof or unpacked + len(told) != info.file_size:
        return False
    if last == b"\0":
        return True
    lower = last[0] ^ (1 << (last[0].bit_length() - 1))
    try:
        return (other.decompress(bytes([lower])), other.eof) != (told, True)
    except zlib.error:
        return True


def _again(info: ZipInfo) -> ZipInfo:
    """Return the entry that we would have written for the same content at the same place."""
    again = entry(info.filename)
    again.CRC, again.header_offset = info.CRC, info.header_offset
    again.compress_size, again.file_size = info.compress_size, info.file_size
    return again


def _directory(entries: Sequence[ZipInfo], place: int) -> bytes:
    """Return the end of a zip file, which lists its files, as `zipfile` writes it at a place."""
    end = _End(place)
    with ZipFile(end, "w") as file:
        file.filelist.extend(entries)
        file.start_dir = place
    return bytes(end.written)


class _End:
    """A file of which only what is written counts; it begins at a place."""

    def __init__(self, place: int) -> None:
        self.written = bytearray()
        self._place = place

    def write(self, content: bytes) -> int:
        """Keep bytes."""
        self.written += content
        return len(content)

    def read(self, _size: int = -1) -> bytes:
        """Return nothing: there is nothing to read."""
        return b""

    def seek(self, _offset: int, _whence: int = 0) -> int:
        """Stay at the end, wherever one wants to be."""
        return self.tell()

    def tell(self) -> int:
        """Return the place of the next byte."""
        return self._place + len(self.written)

    def flush(self) -> None:
        """Do nothing: all is kept."""

    def close(self) -> None:
        """Do nothing: there is no file."""
