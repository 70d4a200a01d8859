"""The cells of one record, checked: a parser reads on after a fault, so that all are found."""

import math
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from arena.services.importing.files import Columns, Record, shortened
from arena.services.importing.rows import RowFault

_Choice = TypeVar("_Choice")
_YES = {"true": True, "false": False, "": False}
_MILLISECONDS = 1e11
"""Numbers from here on are no seconds since 1970: they would be after the year 5000."""


class Fields:
    """Cells by our names. What is wrong goes to `faults`.

    After a fault a method returns some value of its type: a row with faults is not used.
    """

    def __init__(self, record: Record, columns: Columns) -> None:
        self.line = record.line
        self.faults: list[RowFault] = []
        self._cells = record.cells
        self._columns = columns

    @classmethod
    def of(cls, line: int, cells: Mapping[str, Any]) -> "Fields":
        """Return the cells of an object inside of a record, by its own names."""
        return cls(Record(line, cells), Columns(required=()))

    def fault(self, column: str, change: str) -> None:
        """Note that a cell must change."""
        value = shortened(str(self.raw(column)))
        self.faults.append(RowFault(self.line, self._columns.theirs(column), value, change))

    def raw(self, column: str) -> Any:
        """Return the cell as it stands; an empty text where it is missing, null or NaN."""
        value = self._cells.get(self._columns.theirs(column))
        is_nothing = value is None or (isinstance(value, float) and math.isnan(value))
        return "" if is_nothing else value

    @property
    def present(self) -> Collection[str]:
        """The file's names of the cells that the record has."""
        return self._cells.keys()

    def cell(self, column: str) -> tuple[str, str]:
        """Return the file's name of a cell and its content, for faults found later."""
        return self._columns.theirs(column), shortened(str(self.raw(column)))

    def text(self, column: str) -> str:
        """Return a text, which may be empty; a number is taken as it is written."""
        value = self.raw(column)
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            self.fault(column, "should be a text")
            return ""
        return str(value)

    def name(self, column: str) -> str:
        """Return a text that must not be empty, without surrounding spaces."""
        text = self.text(column).strip()
        if not text and not self._faulty(column):
            self.fault(column, "is empty: fill it in")
        return text

    def one_of(self, column: str, choices: Mapping[str, _Choice]) -> _Choice:
        """Return the meaning of a word from a fixed list."""
        word = self.text(column).strip()
        if word not in choices and not self._faulty(column):
            known = ", ".join(choice for choice in choices if choice)
            self.fault(column, f"is unknown: write one of {known}")
        return choices.get(word, next(iter(choices.values())))

    def boolean(self, column: str) -> bool:
        """Return whether the cell is `true` or `True`; empty is false."""
        value = self.raw(column)
        if isinstance(value, bool):
            return value
        word = value.strip().lower() if isinstance(value, str) else ""
        return _YES[word] if word in _YES and word else self.one_of(column, _YES)

    def integer(self, column: str, *, default: int, most: int) -> int:
        """Return a whole number from 1 to `most`; the default where empty."""
        word = self.text(column).strip()
        if not word:
            return default
        if not word.isdecimal() or not 1 <= int(word[:9]) <= most or len(word) > len(str(most)):
            self.fault(column, f"should be a whole number from 1 to {most}")
            return default
        return int(word)

    def number(self, column: str) -> float | None:
        """Return a finite number; None where the cell is empty."""
        word = self.text(column).strip()
        try:
            number = float(word) if word else None
        except ValueError:
            number = math.nan
        if number is not None and not math.isfinite(number):
            self.fault(column, "should be a number")
            return None
        return number

    def duration(self, column: str) -> float | None:
        """Return seconds, 0 or more; None where the cell is empty."""
        seconds = self.number(column)
        if seconds is not None and seconds < 0:
            self.fault(column, "should be 0 or more")
            return None
        return seconds

    def timestamp(self, column: str) -> datetime | None:
        """Return an ISO 8601 time with a zone; None where the cell is empty."""
        if isinstance(self.raw(column), datetime):
            return self.moment(column)
        word = self.text(column).strip()
        try:
            moment = datetime.fromisoformat(word) if word else None
        except ValueError:
            self.fault(column, "is no time: write it as 2026-03-01T12:00:00Z")
            return None
        if moment is not None and moment.tzinfo is None:
            self.fault(column, "has no time zone: write it as 2026-03-01T12:00:00Z")
            return None
        return moment

    def unix_timestamp(self, column: str) -> datetime | None:
        """Return the time of seconds since 1970; None where the cell is empty."""
        seconds = self.number(column)
        try:
            return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
        except (ValueError, OverflowError, OSError):
            self.fault(column, "should be seconds since 1970")
            return None

    def moment(self, column: str) -> datetime | None:
        """Return a time as published tables have it; None where the cell is empty.

        It may be a time, a text in ISO 8601, or seconds or milliseconds since 1970. Without a zone
        it is taken as UTC.
        """
        value = self.raw(column)
        try:
            found = value if isinstance(value, datetime) else _moment(self.text(column).strip())
        except (ValueError, OverflowError, OSError):
            self.fault(column, "is no time: write it as 2026-03-01T12:00:00Z")
            return None
        return found.replace(tzinfo=UTC) if found is not None and found.tzinfo is None else found

    def _faulty(self, column: str) -> bool:
        return any(fault.column == self._columns.theirs(column) for fault in self.faults)


def _moment(word: str) -> datetime | None:
    """Return the time that a word says. Raises ValueError, OverflowError and OSError."""
    try:
        number = float(word) if word else None
    except ValueError:
        return datetime.fromisoformat(word)
    if number is None:
        return None
    return datetime.fromtimestamp(number / 1000 if number >= _MILLISECONDS else number, UTC)
