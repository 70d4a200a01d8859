"""Every comparison of a board as columns of numbers, for statistics that need more than counts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import ColumnElement, Connection, Select, case, not_, select

from arena.domain.verdict import Verdict
from arena.storage.boards import BoardFilter, board_limits
from arena.storage.schema import outcomes, votes

Numbers = NDArray[np.int64]

Seconds = NDArray[np.float64]

VERDICTS = tuple(Verdict)
"""`verdict` columns hold positions in it."""

_ROWS_AT_ONCE = 50_000
_MODELS = 2**29
"""More than there are configurations of models; two such, a verdict and a flag fit in 63 bits."""


@dataclass(frozen=True, slots=True, eq=False)
class OutcomeColumns:
    """n comparisons in the order of casting: six columns of length n."""

    model_id_a: Numbers
    model_id_b: Numbers
    verdict: Numbers
    annotator_id: Numbers
    prompt_hash: Numbers
    flagged: NDArray[np.bool_]


def outcome_columns(connection: Connection, chosen: BoardFilter) -> OutcomeColumns:
    """What the filter chooses, without what is flagged unless the filter includes it.

    Two million comparisons take about 2 s of CPU and 80 MB.
    """
    of = outcomes.c
    # Three numbers a row instead of six: reading them is what takes the time.
    both = of.model_id_a * _MODELS + of.model_id_b
    said = both * len(VERDICTS) + _verdict_number()
    flag = case((of.flagged, 1), else_=0)
    parts = (said * 2 + flag, of.annotator_id, of.prompt_hash)
    query = _as_cast(select(*parts), chosen)
    # The driver's own tuples: a million rows of the ORM's kind would take longer than the sums.
    cursor: Any = connection.execute(query).cursor
    chunks = list(_chunks(cursor))
    table = np.concatenate(chunks) if chunks else np.empty((0, len(parts)), np.int64)
    packed, annotator_id, prompt_hash = (np.ascontiguousarray(column) for column in table.T)
    both_models, verdict = np.divmod(packed >> 1, len(VERDICTS))
    model_id_a, model_id_b = np.divmod(both_models, _MODELS)
    flagged = (packed & 1).astype(np.bool_)
    return OutcomeColumns(model_id_a, model_id_b, verdict, annotator_id, prompt_hash, flagged)


def reading_seconds(connection: Connection, chosen: BoardFilter) -> Seconds:
    """How long the annotator read, for each row of `outcome_columns`; NaN where nobody measured."""
    query = select(votes.c.reading_s).join_from(outcomes, votes, votes.c.id == outcomes.c.vote_id)
    cursor: Any = connection.execute(_as_cast(query, chosen)).cursor
    return np.array([row[0] for row in cursor], dtype=np.float64)


def _as_cast(query: Select[Any], chosen: BoardFilter) -> Select[Any]:
    of = outcomes.c
    query = query.where(*board_limits(chosen))
    if not chosen.include_flagged:
        query = query.where(not_(of.flagged))
    return query.order_by(of.vote_id, of.position_a, of.position_b)


def _chunks(cursor: Any) -> Iterator[Numbers]:
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        yield np.array(rows, dtype=np.int64)


def _verdict_number() -> ColumnElement[int]:
    numbers = {verdict.value: number for number, verdict in enumerate(VERDICTS)}
    return case(numbers, value=outcomes.c.verdict)
