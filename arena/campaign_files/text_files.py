"""Records of CSV and JSON Lines files."""

import csv
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any, Final

from arena.campaign_files.records import (
    MOST_BYTES,
    MOST_CHARACTERS,
    Record,
    Records,
    RowFault,
    refuse,
)
from arena.domain.characters import to_well_formed

_LINE_END: Final = re.compile(r"\r\n|\n|\r")
_WIDE_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
TOO_LONG: Final = f"is too long: a row has at most {MOST_CHARACTERS:,} characters"


def csv_records(path: Path) -> Records:
    """Read a CSV file with a header. Raises CatalogError."""
    limit = csv.field_size_limit(MOST_BYTES)  # the library's 128 KiB are less than a long prompt
    reader = csv.reader(StringIO(text_of(path), newline=""), strict=True)
    try:
        rows = _numbered_rows(reader)
        line, header = next(rows)
        return _records_under(_checked_header(path, line, header), rows)
    except csv.Error as error:
        refuse(path, f"not valid CSV: {error}", reader.line_num)
    finally:
        csv.field_size_limit(limit)


def jsonl_records(path: Path) -> Records:
    """Read a file with one JSON object a line. Raises CatalogError."""
    read: list[Record] = []
    faults: list[RowFault] = []
    for line, text in enumerate(_LINE_END.split(text_of(path)), 1):
        if not text.strip():
            continue
        row = len(read) + len(faults) + 1
        if row == 1 and text.lstrip().startswith("["):
            refuse(path, "is one JSON array: write one object a line (jq -c '.[]' does)", line)
        found = _json_record(row, line, text)
        if isinstance(found, Record):
            read.append(found)
        else:
            faults.append(found)
    return Records(tuple(read), tuple(faults))


def text_of(path: Path) -> str:
    """Return the text of a UTF-8 file that is not blank. Raises CatalogError."""
    content = _bytes_of(path)
    if content.startswith(_WIDE_MARKS):
        refuse(path, "is UTF-16 text: save it as UTF-8")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        before = content[: error.start].decode("utf-8")
        refuse(path, "is not UTF-8 text: save it as UTF-8", len(_LINE_END.split(before)))
    if not text.strip():
        refuse(path, "is empty")
    return text


def _bytes_of(path: Path) -> bytes:
    try:
        if path.stat().st_size > MOST_BYTES:
            refuse(path, f"is larger than {MOST_BYTES // 1_000_000} MB: split it")
        return path.read_bytes()
    except OSError as error:
        refuse(path, f"cannot be read: {error.strerror}")


def _numbered_rows(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield rows that are not blank, with their first line; cells may span lines."""
    first = 1
    for cells in reader:
        if any(cells):
            yield first, cells
        first = reader.line_num + 1


def _checked_header(path: Path, line: int, header: Sequence[str]) -> list[str]:
    names = [name.strip() for name in header]
    if "" in names:
        refuse(path, f"column {names.index('') + 1} has no name: name or remove it", line)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        refuse(path, f"two columns are called {', '.join(twice)}: rename one", line)
    if len(names) == 1 and (found := re.search(r"[;\t]", names[0])):
        refuse(path, f"separate columns with commas (the header has {found.group()!r})", line)
    return names


def _records_under(header: Sequence[str], rows: Iterable[tuple[int, list[str]]]) -> Records:
    read, faults = [], []
    for row, (line, cells) in enumerate(rows, 1):
        if len(cells) != len(header):
            many = f"has {len(cells)} cells where the header has {len(header)}"
            quotes = "put cells with commas or line breaks in double quotes"
            faults.append(RowFault(row, line, "", f"{many}: {quotes}"))
        elif sum(map(len, cells)) > MOST_CHARACTERS:
            faults.append(RowFault(row, line, "", TOO_LONG))
        else:
            read.append(Record(row, line, dict(zip(header, cells, strict=True))))
    return Records(tuple(read), tuple(faults))


def _json_record(row: int, line: int, text: str) -> Record | RowFault:
    if len(text) > MOST_CHARACTERS:
        return RowFault(row, line, "", TOO_LONG)
    try:
        value = parsed_json(text)
    except ValueError as error:
        return RowFault(row, line, "", str(error))
    if not isinstance(value, dict):
        return RowFault(row, line, "", "is not a JSON object: write {…} on every line")
    return Record(row, line, value)


def parsed_json(text: str) -> Any:
    """Parse a JSON text, with U+FFFD for every half of a character.

    Raises:
        ValueError: With a sentence.
    """
    try:
        value = json.loads(text)
        if "\\ud" in text.lower():
            value = json.loads(to_well_formed(json.dumps(value, ensure_ascii=False)))
    except json.JSONDecodeError as error:
        raise ValueError(f"not valid JSON: {error.msg} at character {error.colno}") from error
    except RecursionError as error:
        raise ValueError("not valid JSON: nested too deeply") from error
    return value
