"""Rows of a file as records, and their faults as those of the file."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, NoReturn

from arena.catalog import CatalogError, Fault

MOST_BYTES: Final = 100_000_000
MOST_CHARACTERS: Final = 1_000_000
"""Of one row."""
MOST_ROWS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Record:
    """A row, counted from 1 without header and blank lines, and its first line (0: no lines)."""

    row: int
    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowFault:
    """One thing to change in a row. `column` is empty where the whole row is meant."""

    row: int
    line: int
    column: str
    message: str


@dataclass(frozen=True, slots=True)
class Records:
    """The rows of a file that could be read, and the faults of the others."""

    read: tuple[Record, ...]
    faults: tuple[RowFault, ...] = ()


def refuse(path: Path, message: str, line: int = 0) -> NoReturn:
    """Raise CatalogError with one fault of the whole file, or of a line."""
    raise CatalogError(path, (Fault(line, "", message),))


def faults_of_file(faults: Iterable[RowFault]) -> tuple[Fault, ...]:
    """Return one fault for all rows that have the same thing to change, in the file's order."""
    alike: defaultdict[tuple[str, str], list[RowFault]] = defaultdict(list)
    for fault in faults:
        alike[fault.column, fault.message].append(fault)
    merged = [
        (min(one.row for one in same), _merged(column, message, same))
        for (column, message), same in alike.items()
    ]
    return tuple(fault for _, fault in sorted(merged))


def _merged(column: str, message: str, same: Sequence[RowFault]) -> Fault:
    rows = sorted({one.row for one in same})
    named = f"row{'s' * (len(rows) > 1)} {', '.join(_ranges(rows))}"
    key = f"{named}: {column}" if column else named
    return Fault(min(one.line for one in same), key, message)


def _ranges(rows: Sequence[int]) -> Iterator[str]:
    """Yield `3`, `5-9`, …"""
    first = previous = rows[0]
    for row in (*rows[1:], None):
        if row is not None and row == previous + 1:
            previous = row
            continue
        yield str(first) if first == previous else f"{first}-{previous}"
        if row is not None:
            first = previous = row
