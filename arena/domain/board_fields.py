"""The fields of a board filter as addresses, forms and files have them: texts, read and written."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from arena.domain.board import FILTER_FIELDS, BoardFilter, FieldKind, FilterField
from arena.domain.conversation import ModelKey
from arena.domain.days import end_of_day, start_of_day

_OFF = "0"
_MOST_DIGITS = 9
_DAY = timedelta(days=1)

Limits = Mapping[str, Sequence[str]]
"""The values of the fields that set a limit, by their names."""


def written(field: FilterField, board_filter: BoardFilter) -> tuple[str, ...]:
    """Return the values of a field in a filter; none where it sets no limit."""
    value = field.of(board_filter)
    match field.kind:
        case FieldKind.MODELS:
            return tuple(sorted(value))
        case FieldKind.SWITCH:
            return (field.switch,) if value else ()
        case FieldKind.FIRST_DAY | FieldKind.LAST_DAY:
            return (day_of(field, board_filter),) if value else ()
        case FieldKind.NUMBER:
            return () if value is None else (str(value),)
    return () if value is None else (value,)


def limits_of(board_filter: BoardFilter) -> Limits:
    """Return all limits of a filter as texts; `filter_of` gives it back."""
    fields = {one.name: list(written(one, board_filter)) for one in FILTER_FIELDS}
    return {name: values for name, values in fields.items() if values}


def filter_of(limits: Limits) -> BoardFilter:
    """Return the filter that has these limits. Raises as `read` does."""
    return BoardFilter(
        **{one.attribute: read(one, limits.get(one.name, ())) for one in FILTER_FIELDS}
    )


def read(field: FilterField, values: Sequence[str]) -> Any:
    """Return what the values of a field mean in a filter.

    Raises:
        ValueError: They mean nothing.
        OverflowError: No day follows the last one.
    """
    first = next(iter(values), None)
    match field.kind:
        case FieldKind.MODELS:
            return frozenset(map(ModelKey, values))
        case FieldKind.SWITCH:
            return _switched(field, first)
        case FieldKind.FIRST_DAY:
            return first and start_of_day(date.fromisoformat(first))
        case FieldKind.LAST_DAY:
            return first and end_of_day(date.fromisoformat(first))
        case FieldKind.NUMBER:
            return _numbered(first)
    return first


def _numbered(value: str | None) -> int | None:
    if not value:
        return None
    if not (value.isascii() and value.isdecimal() and len(value) <= _MOST_DIGITS and int(value)):
        raise ValueError(value)
    return int(value)


def day_of(field: FilterField, board_filter: BoardFilter) -> str:
    """Return the first or last day of a period as an address has it; empty without a limit."""
    moment: datetime | None = field.of(board_filter)
    if moment is None:
        return ""
    ends = field.kind is FieldKind.LAST_DAY  # before a midnight
    return (moment - _DAY if ends else moment).date().isoformat()


def _switched(field: FilterField, value: str | None) -> bool:
    if value not in {None, _OFF, field.switch}:
        raise ValueError(value)
    return value == field.switch
