"""What was cast, begun and answered since a moment: an admin's view of a running arena."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

from sqlalchemy import Connection, and_, func, select

from arena.domain.battle import BattleState
from arena.domain.conversation import ModelKey
from arena.domain.reply import ReplyEnd
from arena.storage.schema import battles, models, replies, slot_replies, votes


@dataclass(frozen=True, slots=True)
class RecentReplies:
    """A model's replies: all, those cut at their length limit, those that failed.

    `tokens` were written in `seconds` by those replies that have both.
    """

    shown: int = 0
    cut: int = 0
    failed: int = 0
    tokens: int = 0
    seconds: float = 0.0


def votes_between(connection: Connection, bounds: Sequence[datetime]) -> list[int]:
    """Return how many votes were cast in each span between neighbours of ascending `bounds`."""
    at = votes.c.created_at
    spans = [
        func.count().filter(and_(at >= begin, at < end)).label(f"span_{number}")
        for number, (begin, end) in enumerate(pairwise(bounds))
    ]
    query = select(*spans).where(at >= bounds[0], at < bounds[-1])
    return list(connection.execute(query).one())


def battles_since(connection: Connection, since: datetime) -> dict[BattleState, int]:
    """Return the number of battles that began since then, by the state they are in now."""
    query = (
        select(battles.c.state, func.count())
        .where(battles.c.created_at >= since)
        .group_by(battles.c.state)
    )
    return {BattleState(state): count for state, count in connection.execute(query)}


def replies_since(connection: Connection, since: datetime) -> dict[ModelKey, RecentReplies]:
    """Return the replies in battles that began since then, by model key."""
    begun = select(battles.c.id).where(battles.c.created_at >= since)
    timed = and_(replies.c.reply_tokens.is_not(None), replies.c.total_s > 0)
    query = (
        select(
            models.c.key,
            func.count(),
            func.count().filter(replies.c.finish_reason == ReplyEnd.LENGTH.value),
            func.count().filter(replies.c.finish_reason == ReplyEnd.ERROR.value),
            func.coalesce(func.sum(replies.c.reply_tokens).filter(timed), 0),
            func.coalesce(func.sum(replies.c.total_s).filter(timed), 0.0),
        )
        .join_from(slot_replies, replies, replies.c.id == slot_replies.c.reply_id)
        .join(models, models.c.id == replies.c.model_id)
        .where(slot_replies.c.battle_id.in_(begun))
        .group_by(models.c.key)
    )
    return {ModelKey(key): RecentReplies(*row) for key, *row in connection.execute(query)}
