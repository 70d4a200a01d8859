"""Styles of both replies of every comparison of a board, as columns of numbers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, func, select

from arena.domain.board import BoardFilter
from arena.domain.style import StyleFeature
from arena.storage.columns import Numbers, as_cast
from arena.storage.schema import outcomes, reply_styles, slot_replies, turns, votes

NOT_KNOWN = -1

_ROWS_AT_ONCE = 2_000


@dataclass(frozen=True, slots=True, eq=False)
class SideCounts:
    """How often a feature occurs on each side, by row; `NOT_KNOWN` where a reply is not known."""

    earlier: Numbers
    later: Numbers


def style_columns(
    connection: Connection, board_filter: BoardFilter
) -> Mapping[StyleFeature, SideCounts]:
    """Return what replies look like, for each row of `outcome_columns`.

    A side has the counts of its newest replies in all turns together; they are known if every one
    of these replies is.
    """
    earlier, later = (
        _side(connection, board_filter, position)
        for position in (outcomes.c.position_a, outcomes.c.position_b)
    )
    return {
        feature: SideCounts(earlier[:, number], later[:, number])
        for number, feature in enumerate(StyleFeature)
    }


def _side(
    connection: Connection, board_filter: BoardFilter, position: ColumnElement[int]
) -> Numbers:
    """Return counts by row and feature."""
    of, shown = outcomes.c, slot_replies.c
    newest = and_(
        shown.battle_id == votes.c.battle_id,
        shown.position == position,
        shown.attempt == _newest_attempt(),
    )
    known = func.count(reply_styles.c.reply_id) == _turns()
    sums = (
        func.coalesce(func.sum(reply_styles.c[feature.value]), NOT_KNOWN)
        for feature in StyleFeature
    )
    row = [of.vote_id, of.position_a, of.position_b]
    if connection.dialect.name != "sqlite":  # which would sort once more
        row.append(votes.c.battle_id)
    query = (
        select(known, *sums)
        .select_from(outcomes)
        .join(votes, votes.c.id == of.vote_id)
        .outerjoin(slot_replies, newest)
        .outerjoin(reply_styles, reply_styles.c.reply_id == shown.reply_id)
        .group_by(*row)
    )
    cursor: Any = connection.execute(as_cast(query, board_filter)).cursor
    chunks = [np.empty((0, 1 + len(StyleFeature)), np.int64)]
    while rows := cursor.fetchmany(_ROWS_AT_ONCE):
        chunks.append(np.array(rows, dtype=np.int64))
    table = np.concatenate(chunks)
    return np.where(table[:, :1] == 1, table[:, 1:], NOT_KNOWN)


def _newest_attempt() -> ScalarSelect[int]:
    later, shown = slot_replies.alias("later"), slot_replies.c
    return (
        select(func.max(later.c.attempt))
        .where(
            later.c.battle_id == shown.battle_id,
            later.c.turn == shown.turn,
            later.c.position == shown.position,
        )
        .correlate(slot_replies)
        .scalar_subquery()
    )


def _turns() -> ScalarSelect[int]:
    return (
        select(func.count())
        .select_from(turns)
        .where(turns.c.battle_id == votes.c.battle_id)
        .correlate(votes)
        .scalar_subquery()
    )
