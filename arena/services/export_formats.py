"""Rows as the bytes of a CSV or JSONL file, in chunks of bounded size."""

import csv
import json
from collections.abc import Generator, Iterable, Sequence
from datetime import UTC, datetime
from enum import StrEnum
from io import StringIO
from typing import TypeAlias

Cell: TypeAlias = str | int | float | bool | datetime | None

CHUNK = 64 * 1024
"""Characters after which a chunk is handed on."""

BOM = "\ufeff"
_GUARDED = ("=", "+", "-", "@", "\t", "\r", "'")


class ExportFormat(StrEnum):
    """File formats of an export."""

    CSV = "csv"
    JSONL = "jsonl"


def guarded(text: str) -> str:
    """A text that no spreadsheet runs as a formula: one `'` goes before a risky first character.

    A text that begins with `'` gets one too, so that taking one leading `'` off every cell that
    has it gives back exactly what was stored.
    """
    return f"'{text}" if text.startswith(_GUARDED) else text


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC, always with microseconds: `2026-03-01T12:00:00.000000Z`."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def csv_chunks(
    columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, bom: bool = False
) -> Generator[bytes]:
    """RFC 4180 in UTF-8: a header, CRLF, quotes where needed; None is an empty cell."""
    buffer = StringIO(newline="")
    buffer.write(BOM if bom else "")
    writer = csv.writer(buffer)
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_csv_cell(cell) for cell in row])
        if buffer.tell() >= CHUNK:
            yield _drained(buffer)
    yield _drained(buffer)


def _csv_cell(cell: Cell) -> str | int | float | None:
    if isinstance(cell, str):
        return guarded(cell)
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return timestamp(cell) if isinstance(cell, datetime) else cell


def jsonl_chunks(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> Generator[bytes]:
    """One JSON object a line in UTF-8, with every column in every object."""
    buffer = StringIO(newline="")
    for row in rows:
        cells = (timestamp(cell) if isinstance(cell, datetime) else cell for cell in row)
        document = dict(zip(columns, cells, strict=True))
        buffer.write(json.dumps(document, ensure_ascii=False, allow_nan=False) + "\n")
        if buffer.tell() >= CHUNK:
            yield _drained(buffer)
    yield _drained(buffer)


def _drained(buffer: StringIO) -> bytes:
    chunk = buffer.getvalue().encode()
    buffer.seek(0)
    buffer.truncate()
    return chunk
