"""Counts of flagged comparisons, which boards leave out by default."""

from dataclasses import dataclass

from sqlalchemy import Connection, func, select

from arena.domain.board import EXCLUDING_FLAGS, BoardFilter
from arena.domain.mode import PAIR
from arena.domain.reply import FlagKind
from arena.storage.boards.conditions import board_conditions
from arena.storage.schema import outcomes


@dataclass(frozen=True, slots=True)
class FlagCount:
    """Flagged comparisons alike in configurations and flags; `ranked` as in `OutcomeCount`."""

    model_id_a: int
    model_id_b: int
    ranked: bool
    flags: frozenset[FlagKind]
    count: int

    @property
    def ids(self) -> tuple[int, int]:
        """The numbers of both configurations."""
        return (self.model_id_a, self.model_id_b)


def flag_counts(connection: Connection, board_filter: BoardFilter) -> tuple[FlagCount, ...]:
    """Count the flagged comparisons of a filter, also where the board leaves them out."""
    of = outcomes.c
    parts = (of.model_id_a, of.model_id_b, of.slots, *(of[kind.value] for kind in EXCLUDING_FLAGS))
    query = select(*parts, func.count().label("number")).where(
        of.flagged, *board_conditions(board_filter)
    )
    return tuple(
        FlagCount(
            row.model_id_a,
            row.model_id_b,
            row.slots > PAIR,
            frozenset(kind for kind in EXCLUDING_FLAGS if getattr(row, kind.value)),
            row.number,
        )
        for row in connection.execute(query.group_by(*parts))
    )
