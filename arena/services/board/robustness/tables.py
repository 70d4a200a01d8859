"""Robustness as tables: the same on the page, on the terminal and in documents."""

from collections.abc import Iterator
from typing import Any

from arena.services.board.robustness.computing import BoardRobustness
from arena.services.board.robustness.method_tables import fit_tables, measures_table
from arena.services.board.robustness.style_tables import style_tables
from arena.services.board.robustness.time_tables import time_tables
from arena.services.board.robustness.vote_tables import (
    flag_table,
    left_out_table,
    tie_table,
    weight_table,
)
from arena.services.board.value_tables import ValueTable, table_document


def robustness_tables(found: BoardRobustness) -> Iterator[ValueTable]:
    """Yield what is known of a board: under other choices, and over time."""
    yield from choice_tables(found)
    yield from time_tables(found.over_time, found.remote)


def choice_tables(found: BoardRobustness) -> Iterator[ValueTable]:
    """Yield what other choices would give, most asked for first."""
    yield from style_tables(found.style)
    yield measures_table(found.measures)
    yield from fit_tables(found.fit)
    counted = [one for one in found.board.best_first if one.pooled.total]
    yield tie_table(counted, found.ties)
    yield left_out_table(counted, found.left_out)
    yield weight_table(counted, found.weighted)
    yield flag_table(found.flags, [one.model for one in found.board.best_first])


def robustness_document(found: BoardRobustness) -> dict[str, Any]:
    """Return the tables under the key `robustness` of `arena leaderboard --json`."""
    return {table.name: table_document(table) for table in robustness_tables(found)}
