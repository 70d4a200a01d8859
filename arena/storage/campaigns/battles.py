"""The battles of assignments: complete from the start, with replies that the campaign has."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, case, insert, literal, or_, select

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import BattlePurpose
from arena.domain.battle import BattleId, BattleState
from arena.domain.campaign import CampaignPrompt
from arena.domain.conversation import ModelKey
from arena.domain.reply import ReplyEnd
from arena.storage.battles import BattleRecord, SlotRecord, TurnRecord, prompt_hash
from arena.storage.campaigns.items import Positions
from arena.storage.replies import ReplyRecord
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
    text: str
    end: str
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


_REPLY = (replies.c.id, replies.c.text, replies.c.finish_reason, models.c.id, models.c.key)


def replies_given(connection: Connection, campaign_id: int, prompt: int) -> tuple[GivenReply, ...]:
    """Return the replies in force of every model to a prompt."""
    of = campaign_replies.c
    query = (
        select(of.position, of.turn, *_REPLY)
        .join(replies, replies.c.id == of.reply_id)
        .join(models, models.c.id == replies.c.model_id)
        .where(of.campaign_id == campaign_id, of.prompt == prompt)
        .order_by(of.position, of.turn)
    )
    return tuple(GivenReply(*row) for row in connection.execute(query))


def check_given(connection: Connection, campaign_id: int, prompt: int) -> tuple[GivenReply, ...]:
    """Return the two replies of a check item, at position 0 the better one."""
    of, position = (
        check_replies.c,
        case((check_replies.c.better_reply_id == replies.c.id, 0), else_=1),
    )
    query = (
        select(position, literal(1), *_REPLY)
        .join_from(
            check_replies,
            replies,
            or_(of.better_reply_id == replies.c.id, of.worse_reply_id == replies.c.id),
        )
        .join(models, models.c.id == replies.c.model_id)
        .where(of.campaign_id == campaign_id, of.prompt == prompt)
        .order_by(position)
    )
    return tuple(GivenReply(*row) for row in connection.execute(query))


def insert_assigned_battle(
    connection: Connection, battle: AssignedBattle, now: datetime
) -> BattleRecord:
    """Store a battle that can be voted on, and return what the database would say of it.

    Nothing was drawn, so no draw is counted.
    """
    connection.execute(insert(battles), _battle_row(battle, now))
    connection.execute(insert(slots), list(_slot_rows(battle)))
    connection.execute(insert(turns), list(_turn_rows(battle, now)))
    connection.execute(insert(slot_replies), list(_reply_rows(battle)))
    return BattleRecord(
        id=battle.id,
        annotator_id=battle.annotator_id,
        state=BattleState.COMPLETE,
        category=battle.prompt.category,
        language=battle.prompt.language,
        completed_at=now,
        revealed_at=None,
        slots=tuple(
            SlotRecord(slot, reply.model_id, ModelKey(reply.model_key))
            for slot, reply in enumerate(_contestants(battle))
        ),
        turns=tuple(
            TurnRecord(number, text, _shown(battle, turn=number))
            for number, text in enumerate(battle.prompt.turns, start=1)
        ),
    )


def _battle_row(battle: AssignedBattle, now: datetime) -> dict[str, object]:
    return {
        "id": battle.id,
        "annotator_id": battle.annotator_id,
        "state": BattleState.COMPLETE.value,
        "category": battle.prompt.category,
        "language": battle.prompt.language,
        "created_at": now,
        "completed_at": now,
        "campaign_id": battle.campaign_id,
        "purpose": battle.purpose.value,
    }


def _slot_rows(battle: AssignedBattle) -> Iterator[dict[str, object]]:
    for slot, reply in enumerate(_contestants(battle)):
        yield {
            "battle_id": battle.id,
            "position": slot,
            "model_id": reply.model_id,
            "model_key": reply.model_key,
        }


def _turn_rows(battle: AssignedBattle, now: datetime) -> Iterator[dict[str, object]]:
    for number, text in enumerate(battle.prompt.turns, start=1):
        yield {
            "battle_id": battle.id,
            "number": number,
            "prompt": text,
            "prompt_hash": prompt_hash(text),
            "created_at": now,
        }


def _reply_rows(battle: AssignedBattle) -> Iterator[dict[str, object]]:
    for slot, reply in _in_slots(battle):
        yield {
            "battle_id": battle.id,
            "turn": reply.turn,
            "position": slot,
            "attempt": 1,
            "reply_id": reply.reply_id,
        }


def _in_slots(battle: AssignedBattle) -> Iterator[tuple[int, GivenReply]]:
    """Yield the replies that are shown, each with its slot."""
    place = {position: slot for slot, position in enumerate(battle.ordering)}
    for reply in battle.given:
        if reply.position in place:
            yield place[reply.position], reply


def _contestants(battle: AssignedBattle) -> list[GivenReply]:
    """Return a reply of each slot, in slot order: it tells who answers there."""
    by_slot = dict(_in_slots(battle))
    return [by_slot[slot] for slot in range(len(battle.ordering))]


def _shown(battle: AssignedBattle, *, turn: int) -> tuple[ReplyRecord, ...]:
    """Return the replies of a turn in slot order."""
    records = [
        ReplyRecord(reply.reply_id, slot, 1, reply.text, ReplyEnd(reply.end))
        for slot, reply in _in_slots(battle)
        if reply.turn == turn
    ]
    return tuple(sorted(records, key=lambda record: record.position))
