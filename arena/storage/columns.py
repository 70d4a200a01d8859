"""Every comparison of a board as columns of numbers, for statistics that need more than counts."""

from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Select,
    case,
    cast,
    exists,
    func,
    not_,
    select,
)

from arena.domain.board import BoardFilter
from arena.domain.mode import PAIR
from arena.domain.verdict import Verdict
from arena.storage.boards import board_conditions
from arena.storage.schema import annotators, models, outcomes, votes

Numbers = NDArray[np.int64]

Seconds = NDArray[np.float64]

_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeColumns:
    """Comparisons in the order of casting: columns of equal length.

    `verdict` holds `Verdict.number`s; `ranked` ones come from votes on more than two slots.
    `weight` is as in `Comparisons`.
    """

    model_id_a: Numbers
    model_id_b: Numbers
    verdict: Numbers
    annotator_id: Numbers
    prompt_hash: Numbers
    flagged: NDArray[np.bool_]
    ranked: NDArray[np.bool_]
    weight: NDArray[np.float64] | None = None


def outcome_columns(connection: Connection, board_filter: BoardFilter) -> OutcomeColumns:
    """Return the comparisons that the filter selects, flagged ones only if it includes them.

    Two million take about 1.3 s of CPU and 150 MB.
    """
    of, weight = outcomes.c, _weights(connection, board_filter)
    # Two numbers a row instead of seven: reading them is what takes the time.
    base = _Bases.of(connection)
    # As 64 bits: PostgreSQL multiplies its 32-bit numbers in 32 bits.
    both = cast(of.model_id_a, BigInteger) * base.model + of.model_id_b
    marks = case((of.flagged, 1), else_=0) + case((of.slots > PAIR, 2), else_=0)
    said = (both * len(Verdict) + _verdict_number()) * 4 + marks
    query = as_cast(select(said * base.annotator + of.annotator_id, of.prompt_hash), board_filter)
    # The driver's own tuples: a million rows of the ORM's kind would take longer than the sums.
    cursor: Any = connection.execute(query).cursor
    packed, prompt_hash = _two_columns(cursor)
    packed, annotator_id = np.divmod(packed, base.annotator)
    flagged, ranked = (packed & 1).astype(np.bool_), (packed & 2).astype(np.bool_)
    both_models, verdict = np.divmod(packed >> 2, len(Verdict))
    sides = np.divmod(both_models, base.model)
    return OutcomeColumns(*sides, verdict, annotator_id, prompt_hash, flagged, ranked, weight)


def _weights(connection: Connection, board_filter: BoardFilter) -> NDArray[np.float64] | None:
    """Return what each row weighs; None where none was drawn by votes, which an index tells."""
    any_weighted = select(exists().where(outcomes.c.weight.is_not(None)))
    if not connection.execute(any_weighted).scalar_one():
        return None
    query = as_cast(select(func.coalesce(outcomes.c.weight, 1.0)), board_filter)
    cursor: Any = connection.execute(query).cursor
    weight = np.fromiter((row[0] for row in cursor), np.float64)
    return weight if (weight != 1).any() else None


class _Bases(NamedTuple):
    """One more than the largest number of a model and of an annotator.

    A row fits in 63 bits with half a billion annotators and thirty thousand configurations.
    """

    model: int
    annotator: int

    @classmethod
    def of(cls, connection: Connection) -> "_Bases":
        largest = (select(func.max(table.c.id)).scalar_subquery() for table in (models, annotators))
        found = connection.execute(select(*largest)).one()
        return cls(*((number or 0) + 1 for number in found))


def reading_seconds(connection: Connection, board_filter: BoardFilter) -> Seconds:
    """Return how many seconds the annotator read, for each row of `outcome_columns`.

    NaN where it was not measured, and where the clock ran backwards meanwhile.
    """
    query = select(votes.c.reading_s).join_from(outcomes, votes, votes.c.id == outcomes.c.vote_id)
    cursor: Any = connection.execute(as_cast(query, board_filter)).cursor
    seconds = np.array([row[0] for row in cursor], dtype=np.float64)
    seconds[~((seconds >= 0) & (seconds < np.inf))] = np.nan
    return seconds


def item_hashes(connection: Connection, board_filter: BoardFilter) -> Numbers:
    """Return the hash of the item judged, for each row of `outcome_columns`.

    A separate query, since only agreement needs it.
    """
    cursor: Any = connection.execute(as_cast(select(outcomes.c.item_hash), board_filter)).cursor
    return np.fromiter((row[0] for row in cursor), np.int64)


def as_cast(query: Select[Any], board_filter: BoardFilter) -> Select[Any]:
    """Limit a query on `outcomes` to what the filter selects, in the order of casting."""
    of = outcomes.c
    query = query.where(*board_conditions(board_filter))
    if not board_filter.include_flagged:
        query = query.where(not_(of.flagged))
    return query.order_by(of.vote_id, of.position_a, of.position_b)


def _two_columns(cursor: Any) -> tuple[Numbers, Numbers]:
    chunks: list[Numbers] = []
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        chunks.append(np.fromiter(chain.from_iterable(rows), np.int64, 2 * len(rows)))
    table = np.concatenate(chunks).reshape(-1, 2) if chunks else np.empty((0, 2), np.int64)
    return np.ascontiguousarray(table[:, 0]), np.ascontiguousarray(table[:, 1])


def _verdict_number() -> ColumnElement[int]:
    numbers = {verdict.value: verdict.number for verdict in Verdict}
    return case(numbers, value=outcomes.c.verdict)
