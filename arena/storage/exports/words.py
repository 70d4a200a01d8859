"""Lists that the database joins into one cell: `number:word` separated by spaces."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, cast, func, select

from arena.domain.battle import slot_letter


def joined(number: ColumnElement[int], word: ColumnElement[str]) -> Select[tuple[Any]]:
    """Return a query that joins all `number:word` of a group, unordered; NULL without any."""
    return select(func.aggregate_strings(cast(number, Text) + ":" + word, " "))


def by_number(cell: str) -> list[list[str]]:
    """Return words in the order of their numbers, those of one number together and sorted."""
    found: dict[int, list[str]] = {}
    for item in cell.split():
        number, _, word = item.partition(":")
        found.setdefault(int(number), []).append(word)
    return [sorted(found[number]) for number in sorted(found)]


def by_slot(cell: str) -> str:
    """Return `a:useful b:incorrect` for `1:incorrect 0:useful`."""
    items = sorted(item.partition(":") for item in cell.split())
    return " ".join(f"{slot_letter(int(number)).lower()}:{word}" for number, _, word in items)


def slot_letters(positions: Sequence[int | None]) -> list[str | None]:
    """Return the letters of slots, None where there is no slot."""
    return [None if position is None else slot_letter(position) for position in positions]
