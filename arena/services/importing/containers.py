"""Files of votes, told apart by their first bytes: CSV, JSON, JSON Lines and Parquet."""

import codecs
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain, islice
from pathlib import Path
from typing import Final, TypeAlias

from arena.services.importing.files import Record, Table, csv_table, json_records
from arena.services.importing.formats import UnreadableFile
from arena.services.importing.json_lists import list_records
from arena.services.importing.rows import RowFault

Told: TypeAlias = Callable[[int], None]
"""Told how many bytes of a file were read, at every piece."""

_HEAD_BYTES: Final = 8192
_CHUNK_BYTES: Final = 2**20
_TELLING_ROWS: Final = 10
"""Of so many rows of JSON the first that is an object tells the names."""

_NOT_OPENED: Final[Mapping[bytes, str]] = {
    b"\x1f\x8b": "is compressed with gzip: decompress it first (gunzip FILE)",
    b"PK\x03\x04": "is a ZIP archive or a workbook: unpack it first, and save tables as CSV",
    b"BZh": "is compressed with bzip2: decompress it first (bunzip2 FILE)",
    b"\xfd7zXZ\x00": "is compressed with xz: decompress it first (unxz FILE)",
    b"\x28\xb5\x2f\xfd": "is compressed with Zstandard: decompress it first (unzstd FILE)",
    b"SQLite format 3\x00": "is a SQLite database: export the table of votes as CSV",
    b"%PDF": "is a PDF: export the votes as a table",
    b"ARROW1": "is an Arrow file: save it as Parquet",
    b"\xff\xfe": "is UTF-16: save it as UTF-8",
    b"\xfe\xff": "is UTF-16: save it as UTF-8",
    b"version https://git-lfs": "is a Git LFS pointer: fetch the file itself (git lfs pull)",
}
"""What a file is by its first bytes, and what to do."""


class FileKind(StrEnum):
    """Kinds of files that votes are read from."""

    CSV = "CSV"
    JSON = "JSON"
    JSON_LINES = "JSON Lines"
    PARQUET = "Parquet"

    @property
    def counts_rows(self) -> bool:
        """Whether faults name rows and not lines: a list or a Parquet file may have no lines."""
        return self in {FileKind.JSON, FileKind.PARQUET}


@dataclass(frozen=True, slots=True)
class VoteFile:
    """A file that can be read again and again."""

    path: Path
    kind: FileKind

    def table(
        self, wanted: Collection[str] | None = None, told: Told = lambda _read: None
    ) -> Table:
        """Return the names and the records of the file; of Parquet only the columns wanted.

        Raises:
            UnreadableFile: The file as a whole cannot be read.
            OSError: The file cannot be read.
        """
        if self.kind is FileKind.PARQUET:
            # Imported here: it takes a while, and few imports need it.
            from arena.services.importing.parquet_records import parquet_table

            return parquet_table(self.path, wanted)
        if self.kind is FileKind.JSON:
            return _json_table(list_records(_texts(_chunks(self.path, told))))
        return lines_table(_lines(self.path, told), self.kind)


def vote_file(path: Path) -> VoteFile:
    """Tell what a file is.

    Raises:
        UnreadableFile: It is no file of votes; says what to do with it.
        OSError: It cannot be read.
    """
    with path.open("rb") as file:
        return VoteFile(path, kind_of(file.read(_HEAD_BYTES)))


def kind_of(head: bytes) -> FileKind:
    """Tell a file by its first bytes. Raises `UnreadableFile`."""
    if head.startswith(b"PAR1"):
        return FileKind.PARQUET
    for start, what in _NOT_OPENED.items():
        if head.startswith(start):
            raise UnreadableFile(f"the file {what}")
    if b"\0" in head:
        raise UnreadableFile("the file is no text: votes are read from CSV, JSON and Parquet")
    text = head.removeprefix(codecs.BOM_UTF8).lstrip()
    if text.startswith(b"["):
        return FileKind.JSON
    return FileKind.JSON_LINES if text.startswith(b"{") else FileKind.CSV


def lines_table(lines: Iterable[bytes], kind: FileKind) -> Table:
    """Return the records of lines of CSV or of JSON. Raises `UnreadableFile`."""
    if kind is FileKind.CSV:
        return csv_table(lines)
    if kind is FileKind.JSON:
        return _json_table(list_records(_texts(lines)))
    return _json_table(json_records(lines))


def _json_table(records: Iterator[Record | RowFault]) -> Table:
    first = list(islice(records, _TELLING_ROWS))
    names = next((tuple(one.cells) for one in first if isinstance(one, Record)), ())
    return Table(names, chain(first, records), has_header=False)


def _lines(path: Path, told: Told) -> Iterator[bytes]:
    with path.open("rb") as file:
        for line in file:
            told(len(line))
            yield line


def _chunks(path: Path, told: Told) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK_BYTES):
            told(len(chunk))
            yield chunk


def _texts(chunks: Iterable[bytes]) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    line = 1
    for chunk in chain(chunks, (b"",)):
        try:
            text = decoder.decode(chunk, final=not chunk)
        except UnicodeDecodeError as error:
            line += chunk.count(b"\n", 0, error.start)
            raise UnreadableFile(f"line {line}: not UTF-8: save the file as UTF-8") from error
        line += chunk.count(b"\n")
        if text:
            yield text
