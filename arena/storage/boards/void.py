"""Counts of void battles, which say how often a model fails."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Connection, and_, case, exists, func, not_, select

from arena.domain.battle import BattleState
from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.reply import ReplyEnd
from arena.storage.boards.conditions import shared_conditions
from arena.storage.schema import battles, replies, slot_replies, slots


@dataclass(frozen=True, slots=True)
class VoidCount:
    """Void battles of a model, and how many of them its own reply made void."""

    void: int = 0
    failed: int = 0


def void_counts(connection: Connection, board_filter: BoardFilter) -> dict[ModelKey, VoidCount]:
    """Count void battles by model.

    The filter's times are of the battle; its models must be in all slots.
    """
    query = (
        select(
            slots.c.model_key,
            func.count().label("void"),
            func.sum(case((_failed(), 1), else_=0)).label("failed"),
        )
        .join(battles, battles.c.id == slots.c.battle_id)
        .where(battles.c.state == BattleState.VOID.value, *shared_conditions(board_filter, battles))
        .group_by(slots.c.model_key)
    )
    if board_filter.models:
        other = slots.alias("other")
        stranger = and_(
            other.c.battle_id == slots.c.battle_id, other.c.model_key.not_in(board_filter.models)
        )
        query = query.where(not_(exists().where(stranger)))
    return {
        ModelKey(row.model_key): VoidCount(row.void, int(row.failed))
        for row in connection.execute(query)
    }


def _failed() -> ColumnElement[bool]:
    """Return the condition that this slot failed: one failure voids the battle for all."""
    return exists().where(
        slot_replies.c.battle_id == slots.c.battle_id,
        slot_replies.c.position == slots.c.position,
        replies.c.id == slot_replies.c.reply_id,
        replies.c.finish_reason == ReplyEnd.ERROR.value,
    )
