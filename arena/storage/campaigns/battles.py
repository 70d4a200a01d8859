"""The battles of assignments: complete from the start, with replies that the campaign has."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, insert, select

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import BattlePurpose
from arena.domain.battle import BattleId, BattleState
from arena.domain.campaign import CampaignPrompt
from arena.storage.battles import prompt_hash
from arena.storage.campaigns.items import Positions
from arena.storage.schema import (
    battles,
    campaign_replies,
    check_replies,
    models,
    replies,
    slot_replies,
    slots,
    turns,
)


@dataclass(frozen=True, slots=True)
class GivenReply:
    """A reply of a campaign, and which model gave it in which turn."""

    position: int
    turn: int
    reply_id: int
    model_id: int
    model_key: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AssignedBattle:
    """A battle to store; `ordering` is in slot order, `given` has all replies to its prompt."""

    id: BattleId
    campaign_id: int
    annotator_id: AnnotatorId
    purpose: BattlePurpose
    prompt: CampaignPrompt
    ordering: Positions
    given: tuple[GivenReply, ...]


def replies_given(connection: Connection, campaign_id: int, prompt: int) -> tuple[GivenReply, ...]:
    """Return the replies in force of every model to a prompt."""
    of = campaign_replies.c
    query = (
        select(of.position, of.turn, of.reply_id, models.c.id, models.c.key)
        .join(replies, replies.c.id == of.reply_id)
        .join(models, models.c.id == replies.c.model_id)
        .where(of.campaign_id == campaign_id, of.prompt == prompt)
        .order_by(of.position, of.turn)
    )
    return tuple(GivenReply(*row) for row in connection.execute(query))


def check_given(connection: Connection, campaign_id: int, prompt: int) -> tuple[GivenReply, ...]:
    """Return the two replies of a check item, at position 0 the better one."""
    of = check_replies.c
    query = select(of.better_reply_id, of.worse_reply_id).where(
        of.campaign_id == campaign_id, of.prompt == prompt
    )
    better, worse = connection.execute(query).one()
    by = {
        row.id: (row.model_id, row.key)
        for row in connection.execute(
            select(replies.c.id, replies.c.model_id, models.c.key)
            .join(models, models.c.id == replies.c.model_id)
            .where(replies.c.id.in_([better, worse]))
        )
    }
    return tuple(
        GivenReply(position, 1, reply_id, *by[reply_id])
        for position, reply_id in enumerate((better, worse))
    )


def insert_assigned_battle(connection: Connection, battle: AssignedBattle, now: datetime) -> None:
    """Store a battle that can be voted on. Nothing was drawn, so no draw is counted."""
    connection.execute(
        insert(battles).values(
            id=battle.id,
            annotator_id=battle.annotator_id,
            state=BattleState.COMPLETE.value,
            category=battle.prompt.category,
            language=battle.prompt.language,
            created_at=now,
            completed_at=now,
            campaign_id=battle.campaign_id,
            purpose=battle.purpose.value,
        )
    )
    place = {position: slot for slot, position in enumerate(battle.ordering)}
    given = [reply for reply in battle.given if reply.position in place]
    contestants = {reply.position: reply for reply in given}
    connection.execute(
        insert(slots),
        [
            {
                "battle_id": battle.id,
                "position": slot,
                "model_id": contestants[position].model_id,
                "model_key": contestants[position].model_key,
            }
            for slot, position in enumerate(battle.ordering)
        ],
    )
    connection.execute(
        insert(turns),
        [
            {
                "battle_id": battle.id,
                "number": number,
                "prompt": text,
                "prompt_hash": prompt_hash(text),
                "created_at": now,
            }
            for number, text in enumerate(battle.prompt.turns, start=1)
        ],
    )
    connection.execute(
        insert(slot_replies),
        [
            {
                "battle_id": battle.id,
                "turn": reply.turn,
                "position": place[reply.position],
                "attempt": 1,
                "reply_id": reply.reply_id,
            }
            for reply in given
        ],
    )
