"""Whom an admin types or uploads to invite: lines of CSV with a name and perhaps a group."""

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO

from arena.services.administration.people import WantedPerson

MOST_PEOPLE = 500
_COLUMNS = ("name", "group")


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with a line: `why` ends the name of a sentence."""

    line: int
    why: str


class FaultyRows(Exception):
    """The lines were refused. Carries everything that is wrong with them."""

    def __init__(self, faults: Sequence[RowFault]) -> None:
        self.faults = tuple(faults)
        super().__init__(", ".join(f"line {fault.line}: {fault.why}" for fault in faults))


def read_people(text: str, *, group: str | None = None) -> tuple[WantedPerson, ...]:
    """Read lines of `name` or `name,group`; a first line `name,group` tells the columns.

    `group` is that of people whose line names none.

    Raises:
        FaultyRows: With every line that cannot be read, or there are none, or too many.
    """
    people: list[WantedPerson] = []
    faults: list[RowFault] = []
    columns: Sequence[str] = _COLUMNS
    for place, (line, cells) in enumerate(_rows(text, faults)):
        if place == 0 and "name" in (header := [cell.lower() for cell in cells]):
            columns = header
            continue
        why = _fault_of(cells, columns)
        if why:
            faults.append(RowFault(line, why))
            continue
        row = dict(zip(columns, cells, strict=False))
        people.append(WantedPerson(row["name"], row.get("group") or group))
    if not faults and not people:
        faults.append(RowFault(0, "nobody"))
    if len(people) > MOST_PEOPLE:
        faults.append(RowFault(0, "too_many"))
    if faults:
        raise FaultyRows(faults)
    return tuple(people)


def _rows(text: str, faults: list[RowFault]) -> Iterator[tuple[int, list[str]]]:
    reader = csv.reader(StringIO(text.removeprefix("\ufeff"), newline=""), strict=True)
    line = 1
    try:
        for cells in reader:
            stripped = [cell.strip() for cell in cells]
            if any(stripped):
                yield line, stripped
            line = reader.line_num + 1
    except csv.Error:
        faults.append(RowFault(reader.line_num, "quotes"))


def _fault_of(cells: Sequence[str], columns: Sequence[str]) -> str:
    if len(cells) == 1 and any(mark in cells[0] for mark in ";\t"):
        return "separator"
    if len(cells) > len(columns):
        return "columns"
    row = dict(zip(columns, cells, strict=False))
    return "" if row.get("name") else "no_name"
