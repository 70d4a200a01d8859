"""A query of any size as batches of columns: in constant memory, and never a row at a time."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Boolean, ColumnElement, Connection, Label, Select, or_, select
from sqlalchemy.types import TypeEngine

from arena.domain.accounts import AnnotatorId
from arena.storage.boards import campaign_number
from arena.storage.json_sql import listed
from arena.storage.schema import UtcDateTime, annotators, battles, campaigns

Batch: TypeAlias = dict[str, Sequence[Any]]
"""Columns of equal length by name.

A cell is a str, int, float, bool or None; a time is ISO 8601 in UTC with microseconds,
`2026-03-01T12:00:00.000000Z`; a conversation is a tuple of `Message`.
"""

ROWS_AT_ONCE = 1000
LONG_ROWS_AT_ONCE = 100
"""For tables whose rows hold whole replies."""

_STORED_TIME = len("2026-03-01 12:00:00.000000")


def batches(
    connection: Connection, query: Select[Any], *, rows: int = ROWS_AT_ONCE
) -> Iterator[Batch]:
    """Run a query and iterate over batches of up to `rows`, named by the labels of its columns.

    Raises:
        StorageError: At any batch.
    """
    plain = {column.name: _plain(column.type) for column in query.selected_columns}
    result: Any = connection.execute(query, execution_options={"stream_results": True})
    with closing(result):
        # The driver's own tuples: making a million SQLAlchemy rows costs more than writing them.
        while found := result.cursor_strategy.fetchmany(result, result.cursor, rows):
            columns = zip(*found, strict=True)
            yield {
                name: change(cells)
                for (name, change), cells in zip(plain.items(), columns, strict=True)
            }


def annotator(account: ColumnElement[int], *, names: bool) -> Label[Any]:
    """Return the column `annotator`: the account's name, or its number."""
    name = select(annotators.c.name).where(annotators.c.id == account).scalar_subquery()
    return (name if names else account).label("annotator")


def campaign_name(number: ColumnElement[int]) -> Label[Any]:
    """Return the column `campaign`: the name of the campaign of that number, NULL without one."""
    name = select(campaigns.c.name).where(campaigns.c.id == number)
    return name.scalar_subquery().label("campaign")


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a table to export: of one campaign, without some annotators."""

    campaign: str | None = None
    left_out: frozenset[AnnotatorId] = frozenset()


EVERYTHING = Part()


def within(query: Select[Any], battle: ColumnElement[Any], part: Part) -> Select[Any]:
    """Restrict a query to battles of a part; rows without a battle belong to no annotator."""
    own = battles.alias("own")
    if part.campaign is not None:
        chosen = select(own.c.id).where(own.c.campaign_id == campaign_number(part.campaign))
        query = query.where(battle.in_(chosen))
    if part.left_out:
        theirs = select(own.c.id).where(own.c.annotator_id.in_(listed(part.left_out)))
        query = query.where(or_(battle.is_(None), battle.not_in(theirs)))
    return query


def mapped(names: Mapping[Any, Any], cells: Sequence[Any]) -> Sequence[Any]:
    """Replace each cell by what it stands for, or by None."""
    return list(map(names.get, cells))


def iso_time(moment: str | datetime) -> str:
    """Return a stored time as `Batch` has it, from SQLite's text or a driver's naive datetime."""
    if isinstance(moment, str) and len(moment) == _STORED_TIME:
        return f"{moment[:10]}T{moment[11:]}Z"
    parsed = datetime.fromisoformat(moment) if isinstance(moment, str) else moment
    return f"{parsed.isoformat(timespec='microseconds')}Z"


def _plain(stored: TypeEngine[Any]) -> Callable[[Sequence[Any]], Sequence[Any]]:
    """Return what turns cells of a column, as the driver gives them, into those of a `Batch`."""
    if isinstance(stored, UtcDateTime):
        return lambda cells: [cell and iso_time(cell) for cell in cells]
    if isinstance(stored, Boolean):
        return lambda cells: mapped({0: False, 1: True}, cells)
    return lambda cells: cells
