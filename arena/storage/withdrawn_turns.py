"""Queries that take a stopped turn out of its battle. What was asked and shown is kept apart."""

from datetime import datetime

from sqlalchemy import Connection, and_, delete, func, insert, literal, select

from arena.domain.battle import BattleId
from arena.storage.schema import (
    UtcDateTime,
    replies,
    slot_replies,
    turns,
    withdrawn_replies,
    withdrawn_turns,
)


def withdraw_turn(
    connection: Connection, battle_id: BattleId, *, number: int, now: datetime
) -> None:
    """Move a turn of a stopped battle, and the places of its replies, to the withdrawn ones.

    Raises:
        RuleBroken: The battle is not stopped, or the turn is its first.
    """
    of_turn = and_(turns.c.battle_id == battle_id, turns.c.number == number)
    asked = select(
        turns.c.battle_id,
        turns.c.number,
        turns.c.prompt,
        turns.c.created_at,
        literal(now, UtcDateTime()),
    ).where(of_turn)
    columns = ["battle_id", "number", "prompt", "created_at", "withdrawn_at"]
    kept = insert(withdrawn_turns).from_select(columns, asked).returning(withdrawn_turns.c.id)
    kept_id = connection.execute(kept).scalar_one()
    in_turn = and_(slot_replies.c.battle_id == battle_id, slot_replies.c.turn == number)
    shown = select(
        literal(kept_id),
        slot_replies.c.position,
        slot_replies.c.attempt,
        slot_replies.c.reply_id,
    ).where(in_turn)
    columns = ["withdrawn_turn_id", "position", "attempt", "reply_id"]
    connection.execute(insert(withdrawn_replies).from_select(columns, shown))
    connection.execute(delete(slot_replies).where(in_turn))
    connection.execute(delete(turns).where(of_turn))


def turn_completed_at(
    connection: Connection, battle_id: BattleId, *, number: int
) -> datetime | None:
    """Return when the last reply of a turn was stored; None when it has none."""
    query = (
        select(func.max(replies.c.created_at))
        .join(slot_replies, slot_replies.c.reply_id == replies.c.id)
        .where(slot_replies.c.battle_id == battle_id, slot_replies.c.turn == number)
    )
    found: datetime | None = connection.execute(query).scalar_one()
    return found
