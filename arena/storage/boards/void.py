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
        .where(*_void(board_filter))
        .group_by(slots.c.model_key)
    )
    return {
        ModelKey(row.model_key): VoidCount(row.void, int(row.failed))
        for row in connection.execute(query)
    }


def void_battles(connection: Connection, board_filter: BoardFilter) -> int:
    """Count the same battles, each once."""
    query = select(func.count()).select_from(battles).where(*_void(board_filter))
    return int(connection.execute(query).scalar_one())


def _void(board_filter: BoardFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on battles."""
    void = [battles.c.state == BattleState.VOID.value, *shared_conditions(board_filter, battles)]
    if board_filter.models:
        other = slots.alias("other")
        stranger = and_(
            other.c.battle_id == battles.c.id, other.c.model_key.not_in(board_filter.models)
        )
        void.append(not_(exists().where(stranger)))
    return void


def _failed() -> ColumnElement[bool]:
    """Return the condition that this slot failed: one failure voids the battle for all."""
    return exists().where(
        slot_replies.c.battle_id == slots.c.battle_id,
        slot_replies.c.position == slots.c.position,
        replies.c.id == slot_replies.c.reply_id,
        replies.c.finish_reason == ReplyEnd.ERROR.value,
    )
