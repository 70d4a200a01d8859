"""Flags, categories and times of comparisons, row by row, for who compares boards by them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, Select, case, func, select

from arena.domain.board import EXCLUDING_FLAGS, NO_CATEGORY, BoardFilter
from arena.domain.reply import FlagKind
from arena.storage.columns import Numbers, as_cast
from arena.storage.json_sql import days_since_1970
from arena.storage.schema import outcomes

Marks = NDArray[np.bool_]
Days = NDArray[np.float64]


class CategoryColumn(NamedTuple):
    """The category of each row, as a position in `names`; `NO_CATEGORY` is one of them."""

    number: Numbers
    names: tuple[str, ...]


def flag_marks(connection: Connection, board_filter: BoardFilter) -> Mapping[FlagKind, Marks]:
    """Return which rows of `columns.outcome_columns` carry each flag that boards leave out."""
    bits = [
        case((outcomes.c[kind.value], 1 << place), else_=0)
        for place, kind in enumerate(EXCLUDING_FLAGS)
    ]
    found = np.fromiter(_values(connection, select(sum(bits[1:], bits[0])), board_filter), np.int64)
    return {
        kind: (found & (1 << place)).astype(np.bool_) for place, kind in enumerate(EXCLUDING_FLAGS)
    }


def category_column(connection: Connection, board_filter: BoardFilter) -> CategoryColumn:
    """Return the category of each row of `columns.outcome_columns`."""
    query = select(func.coalesce(outcomes.c.category, NO_CATEGORY))
    numbers: dict[str, int] = {}
    found = [
        numbers.setdefault(name, len(numbers)) for name in _values(connection, query, board_filter)
    ]
    return CategoryColumn(np.array(found, np.int64), tuple(numbers))


def cast_days(connection: Connection, board_filter: BoardFilter) -> Days:
    """Return when the vote was cast, in days since 1970-01-01 UTC, for each row."""
    query = select(days_since_1970(outcomes.c.created_at))
    return np.fromiter(_values(connection, query, board_filter), np.float64)


def _values(connection: Connection, query: Select[Any], board_filter: BoardFilter) -> Any:
    cursor: Any = connection.execute(as_cast(query, board_filter)).cursor
    return (row[0] for row in cursor)
