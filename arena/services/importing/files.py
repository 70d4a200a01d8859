"""Lines of a CSV or JSON lines file as records, each with the number of its first line."""

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, NamedTuple

from arena.domain.characters import to_well_formed
from arena.services.importing.formats import UnreadableFile
from arena.services.importing.rows import RowFault

_LONGEST_CELL = 2**31 - 1
_SHOWN = 60


class Record(NamedTuple):
    """One record of a file: its cells by the file's own names."""

    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a format, and how the file at hand calls them (`renamed`, by our names)."""

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)

    def called(self, renamed: Mapping[str, str]) -> "Columns":
        """Rename columns as the file does. Raises `UnreadableFile` for an unknown name."""
        known = (*self.required, *self.optional)
        for ours in renamed:
            if ours not in known:
                raise UnreadableFile(
                    f"--columns {ours}={renamed[ours]}: this format has no column {ours}; "
                    f"it has {', '.join(known)}"
                )
        return Columns(self.required, self.optional, renamed)

    def theirs(self, ours: str) -> str:
        """Return the file's name for one of our columns."""
        return self.renamed.get(ours, ours)

    def check(self, header: Sequence[str]) -> None:
        """Raise `UnreadableFile` when the header lacks a column that is required or was named."""
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            raise UnreadableFile(f"line 1: two columns are called {', '.join(twice)}: rename one")
        for ours in dict.fromkeys((*self.required, *self.renamed)):
            if self.theirs(ours) not in header:
                raise UnreadableFile(
                    f"line 1: there is no column {self.theirs(ours)}; there are "
                    f"{shortened(', '.join(header), 300)}. Name the one that holds it: "
                    f"--columns {ours}=NAME"
                )


def csv_records(lines: Iterable[bytes], columns: Columns) -> Iterator[Record | RowFault]:
    """Yield the records of a CSV file with a header, in UTF-8. Raises `UnreadableFile`."""
    limit = csv.field_size_limit(_LONGEST_CELL)  # the library's 128 KiB are less than a long prompt
    try:
        reader = csv.reader(_decoded(lines), strict=True)
        rows = _numbered(reader)
        header = [name.strip() for name in next(rows, (1, []))[1]]
        if not header:
            raise UnreadableFile("the file is empty: its first line should name the columns")
        columns.check(header)
        for line, cells in rows:
            if len(cells) == len(header):
                yield Record(line, dict(zip(header, cells, strict=True)))
            else:
                yield _uneven(line, cells, header)
    except csv.Error as error:
        raise UnreadableFile(f"line {reader.line_num}: no valid CSV: {error}") from error
    finally:
        csv.field_size_limit(limit)


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield rows that are not blank, with their first line number; cells may span lines."""
    first = 1
    for cells in reader:
        if cells:
            yield first, cells
        first = reader.line_num + 1


def _uneven(line: int, cells: Sequence[str], header: Sequence[str]) -> RowFault:
    many = f"{len(cells)} cells where the header has {len(header)}"
    return RowFault(line, "", "", f"{many}: put cells with commas or line breaks in double quotes")


def _decoded(lines: Iterable[bytes]) -> Iterator[str]:
    for number, line in enumerate(lines, start=1):
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise UnreadableFile(f"line {number}: not UTF-8: save the file as UTF-8") from error


def json_records(lines: Iterable[bytes]) -> Iterator[Record | RowFault]:
    """Yield the records of a file with one JSON object a line. Raises `UnreadableFile`."""
    for number, text in enumerate(_decoded(lines), start=1):
        if number == 1 and text.lstrip().startswith("["):
            raise UnreadableFile(
                "the file is one JSON array: write one object a line (jq -c '.[]' does)"
            )
        if text.strip():
            yield _json_record(number, text)


def _json_record(line: int, text: str) -> Record | RowFault:
    try:
        cells = parsed_json(text)
    except (ValueError, RecursionError) as error:
        return RowFault(line, "", shortened(text), f"no valid JSON: {error}")
    if not isinstance(cells, dict):
        return RowFault(line, "", shortened(text), "not a JSON object: write {...} on every line")
    return Record(line, cells)


def parsed_json(text: str) -> Any:
    """Parse a JSON text, with U+FFFD for every lone surrogate.

    Raises ValueError and RecursionError.
    """
    value = json.loads(text)
    if "\\ud" in text or "\\uD" in text:
        return json.loads(to_well_formed(json.dumps(value, ensure_ascii=False)))
    return value


def table_records(lines: Iterable[bytes], columns: Columns) -> Iterator[Record | RowFault]:
    """Yield the records of a CSV or JSON Lines file, told apart by the first character."""
    remaining = iter(lines)
    first = next(remaining, b"")
    lines = chain((first,), remaining)
    if first.lstrip(b"\xef\xbb\xbf \t").startswith((b"{", b"[")):
        return json_records(lines)
    return csv_records(lines, columns)


def shortened(text: str, most: int = _SHOWN) -> str:
    """Return the text on one line, truncated where it is long."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"
