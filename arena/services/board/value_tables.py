"""Tables of values for pages, terminals and documents: values, and names of what people read."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, NamedTuple

from arena.statistics.thresholds import Scope


class ValueKind(Enum):
    """What the values of a column are, which says how people read them. Any may be None.

    `RATE`, `FACTOR` (of odds), `CHANGE` (of a rating) and `RATE_CHANGE` are `Estimate`s, `RANK`
    has `best` and `worst`, `BOUNDS` (of rates) have `low` and `high`, and `STATE` is the value of
    a `State`.
    """

    MODEL = auto()
    WORD = auto()
    COUNT = auto()
    RATE = auto()
    FACTOR = auto()
    RATING = auto()
    RANK = auto()
    NUMBER = auto()
    BOUNDS = auto()
    CHANGE = auto()
    RATE_CHANGE = auto()
    P_VALUE = auto()
    DAY = auto()
    STATE = auto()


_ESTIMATES = (ValueKind.RATE, ValueKind.FACTOR, ValueKind.CHANGE, ValueKind.RATE_CHANGE)


class Estimate(NamedTuple):
    """A number and its 95 % interval, an object with `low` and `high`; either may be None."""

    value: float | None
    bounds: Any = None


@dataclass(frozen=True, slots=True)
class Heading:
    """The head of a column: a name of ours, and the kind of what stands under it."""

    name: str
    kind: ValueKind


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence of ours by its name, with its figures.

    Those called `first`, `second` and `third` are models; a name that ends in `_rate` is that of a
    share, and one in `_elo` of a rating.
    """

    name: str
    figures: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ValueTable:
    """A table by its name, and what must be known to read it."""

    name: str
    headings: tuple[Heading, ...]
    rows: tuple[tuple[Any, ...], ...]
    notes: tuple[Note, ...] = ()


def headings(**kinds: ValueKind) -> tuple[Heading, ...]:
    """Return the heads of a table by their names, in this order."""
    return tuple(Heading(name, kind) for name, kind in kinds.items())


def holds(scope: Scope, annotators: int) -> list[Note]:
    """Return for whom intervals hold; nothing where there are none."""
    if scope is Scope.NONE:
        return []
    return [Note(f"holds_{scope.name.lower()}", {"annotators": annotators})]


def table_document(table: ValueTable) -> dict[str, Any]:
    """Return the rows and notes of a table for documents."""
    return {
        "rows": [_row(table.headings, row) for row in table.rows],
        "notes": [{"note": note.name, **note.figures} for note in table.notes],
    }


def _row(headings: tuple[Heading, ...], row: tuple[Any, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for heading, value in zip(headings, row, strict=True):
        if heading.kind in _ESTIMATES:
            found[heading.name] = value.value
            found |= _ends(heading.name, value.bounds, ("low", "high"))
        elif heading.kind is ValueKind.BOUNDS:
            found |= _ends(heading.name, value, ("low", "high"))
        elif heading.kind is ValueKind.RANK:
            found |= _ends(heading.name, value, ("best", "worst"))
        else:
            found[heading.name] = value
    return found


def _ends(name: str, value: Any, ends: tuple[str, str]) -> dict[str, Any]:
    return {f"{name}_{end}": None if value is None else getattr(value, end) for end in ends}
