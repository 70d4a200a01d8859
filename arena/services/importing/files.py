"""Lines of a CSV or JSON Lines file as records, each with the number of its first line."""

import csv
import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
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
class Table:
    """The records of a file, and the names of their cells.

    Every record of a table with a header has its names; `names` of JSON are those of the first
    object alone.
    """

    names: tuple[str, ...]
    records: Iterator[Record | RowFault]
    has_header: bool


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a format, and how the file at hand calls them (`renamed`, by our names).

    Of the groups in `either`, a file has at least one as a whole.
    """

    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)
    either: tuple[tuple[str, ...], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Our names of all columns, each once."""
        grouped = (name for group in self.either for name in group)
        return tuple(dict.fromkeys((*self.required, *grouped, *self.optional)))

    def called(self, renamed: Mapping[str, str]) -> "Columns":
        """Rename columns as the file does. Raises `UnreadableFile` for an unknown name."""
        for ours in renamed:
            if ours not in self.names:
                raise UnreadableFile(
                    f"--columns {ours}={renamed[ours]}: this format has no column {ours}; "
                    f"it has {', '.join(self.names)}"
                )
        return replace(self, renamed=renamed)

    def theirs(self, ours: str) -> str:
        """Return the file's name for one of our columns."""
        return self.renamed.get(ours, ours)

    def check(self, header: Sequence[str]) -> None:
        """Raise `UnreadableFile` when the header lacks a column that is required or was named."""
        twice = sorted({name for name in header if header.count(name) > 1})
        if twice:
            raise UnreadableFile(f"two columns are called {', '.join(twice)}: rename one")
        for ours in dict.fromkeys((*self.required, *self._either(header), *self.renamed)):
            if self.theirs(ours) not in header:
                raise UnreadableFile(
                    f"there is no column {self.theirs(ours)}; there are "
                    f"{shortened(', '.join(header), 300)}. Name the one that holds it: "
                    f"--columns {ours}=NAME"
                )

    def _either(self, header: Collection[str]) -> tuple[str, ...]:
        """Return the group that the header has as a whole; the first if it has none."""
        whole = (group for group in self.either if {*map(self.theirs, group)} <= {*header})
        return next(whole, self.either[0] if self.either else ())


def csv_table(lines: Iterable[bytes]) -> Table:
    """Return a CSV file with a header, in UTF-8, by its first lines.

    Cells are separated by tabs where the header has tabs and no commas. Reading the records raises
    `UnreadableFile` as well.

    Raises:
        UnreadableFile: The file is empty, or its header is no valid CSV.
    """
    texts = _decoded(lines)
    first = next(texts, "")
    delimiter = "\t" if "\t" in first and "," not in first else ","
    reader = csv.reader(_with_first(first, texts), strict=True, delimiter=delimiter)
    rows = _numbered(reader)
    with _csv_errors(reader):
        header = [name.strip() for name in next(rows, (1, []))[1]]
    if not header:
        raise UnreadableFile("the file is empty: its first line should name the columns")
    return Table(tuple(header), _csv_records(reader, rows, header), has_header=True)


def _with_first(first: str, others: Iterator[str]) -> Iterator[str]:
    if first:
        yield first
    yield from others


def _csv_records(
    reader: Any, rows: Iterator[tuple[int, list[str]]], header: Sequence[str]
) -> Iterator[Record | RowFault]:
    with _csv_errors(reader):
        for line, cells in rows:
            if len(cells) == len(header):
                yield Record(line, dict(zip(header, cells, strict=True)))
            else:
                yield _uneven(line, cells, header)


@contextmanager
def _csv_errors(reader: Any) -> Iterator[None]:
    """Allow long cells, and say in which line a file is no valid CSV."""
    limit = csv.field_size_limit(_LONGEST_CELL)  # the library's 128 KiB are less than a long prompt
    try:
        yield
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
    return well_formed(json.loads(text), text)


def well_formed(value: Any, text: str) -> Any:
    """Return what a JSON text was parsed to, with U+FFFD for every lone surrogate."""
    if "\\ud" in text or "\\uD" in text:
        return json.loads(to_well_formed(json.dumps(value, ensure_ascii=False)))
    return value


def shortened(text: str, most: int = _SHOWN) -> str:
    """Return the text on one line that any terminal shows, truncated where it is long."""
    line = "".join(one if one.isprintable() else "\ufffd" for one in " ".join(text.split()))
    return line if len(line) <= most else f"{line[: most - 1]}…"
