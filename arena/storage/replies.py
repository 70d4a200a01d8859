"""Queries on replies: immutable rows that slots of turns refer to."""

import hashlib
from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, func, insert, select

from arena.domain.battle import BattleId
from arena.domain.conversation import ModelKey
from arena.domain.reply import FlagKind, ReplyEnd
from arena.storage.schema import flags, models, replies, slot_replies
from arena.storage.styles import insert_styles

# Statements of a battle's course are made once: making one costs more than running it.
_INSERT_REPLY = insert(replies).returning(replies.c.id)
_INSERT_SHOWN = insert(slot_replies)
_INSERT_FLAG = insert(flags)
_NEWEST_ATTEMPT = select(func.max(slot_replies.c.attempt)).where(
    slot_replies.c.battle_id == bindparam("battle_id"),
    slot_replies.c.turn == bindparam("turn"),
    slot_replies.c.position == bindparam("position"),
)
_NEWEST = (
    select(slot_replies, replies.c.id, replies.c.text, replies.c.finish_reason)
    .join(replies, replies.c.id == slot_replies.c.reply_id)
    .where(slot_replies.c.battle_id == bindparam("battle_id"))
    .order_by(slot_replies.c.position, slot_replies.c.attempt)
)


@dataclass(frozen=True, slots=True)
class ReplyRecord:
    """The newest reply of a slot in a turn."""

    id: int
    position: int
    attempt: int
    text: str
    end: ReplyEnd


@dataclass(frozen=True, slots=True)
class NewReply:
    """A reply to store. Times are seconds from the request; `text` is what was shown."""

    model_id: int
    conversation_hash: str
    text: str
    end: ReplyEnd
    reasoning: str = ""
    continues_id: int | None = None
    error: str | None = None
    rendered_prompt: str | None = None
    prompt_tokens: int | None = None
    reply_tokens: int | None = None
    first_token_s: float | None = None
    total_s: float | None = None


@dataclass(frozen=True, slots=True)
class Flag:
    """A reason why a vote may be left out, with the word or figure behind it."""

    kind: FlagKind
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Writing:
    """The slowest writing of a battle's models.

    `first_s` is the seconds to the first word, `pace` the characters a second after it.
    """

    first_s: float
    pace: float


_TELLING_CHARACTERS = 40
"""Shorter replies say little of a pace."""


def slowest_writing(connection: Connection, battle_id: BattleId) -> Writing | None:
    """Return how slowly the models of a battle wrote so far; None without a measurement."""
    before = replies.alias("before")
    written = func.length(replies.c.text) - func.coalesce(func.length(before.c.text), 0)
    spent = replies.c.total_s - replies.c.first_token_s
    query = (
        select(func.max(replies.c.first_token_s), func.min(written / spent))
        .select_from(slot_replies)
        .join(replies, replies.c.id == slot_replies.c.reply_id)
        .outerjoin(before, before.c.id == replies.c.continues_id)
        .where(slot_replies.c.battle_id == battle_id, spent > 0, written >= _TELLING_CHARACTERS)
    )
    first_s, pace = connection.execute(query).one()
    return None if pace is None else Writing(float(first_s), float(pace))


def answer_hash(conversation: str, text: str) -> int | None:
    """Return 62 bits of the SHA-256 of a conversation's hash and the text that answers it.

    Equal for equal answers in equal conversations; two of them add up to what fits in 63 bits.
    None for an empty text: then the answer is not known.
    """
    if not text:
        return None
    told = f"{conversation}\n{text}".encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(told).digest()[:8], "big") >> 2


def insert_reply(connection: Connection, reply: NewReply, now: datetime) -> int:
    """Store a reply and return its id."""
    values = {
        "model_id": reply.model_id,
        "conversation_hash": reply.conversation_hash,
        "continues_id": reply.continues_id,
        "text": reply.text,
        "reasoning": reply.reasoning,
        "finish_reason": reply.end.value,
        "error": reply.error,
        "rendered_prompt": reply.rendered_prompt,
        "prompt_tokens": reply.prompt_tokens,
        "reply_tokens": reply.reply_tokens,
        "first_token_s": reply.first_token_s,
        "total_s": reply.total_s,
        "created_at": now,
        "answer_hash": answer_hash(reply.conversation_hash, reply.text),
    }
    number = int(connection.execute(_INSERT_REPLY, values).scalar_one())
    insert_styles(connection, {number: reply.text})
    return number


def show_reply(
    connection: Connection,
    battle_id: BattleId,
    *,
    turn: int,
    position: int,
    reply_id: int,
) -> None:
    """Make a reply the newest attempt of a slot in a turn."""
    place = {"battle_id": battle_id, "turn": turn, "position": position}
    newest = connection.execute(_NEWEST_ATTEMPT, place).scalar() or 0
    connection.execute(_INSERT_SHOWN, {**place, "attempt": newest + 1, "reply_id": reply_id})


def flag_reply(connection: Connection, reply_id: int, flag: Flag, now: datetime) -> None:
    """Flag a reply."""
    values = {"reply_id": reply_id, "kind": flag.kind.value, "detail": flag.detail}
    connection.execute(_INSERT_FLAG, values | {"created_at": now})


def newest_replies(connection: Connection, battle_id: str) -> dict[int, tuple[ReplyRecord, ...]]:
    """Return the newest attempt of every slot, by turn number, in slot order."""
    newest: dict[int, dict[int, ReplyRecord]] = defaultdict(dict)
    for row in connection.execute(_NEWEST, {"battle_id": battle_id}):
        newest[row.turn][row.position] = ReplyRecord(
            id=row.id,
            position=row.position,
            attempt=row.attempt,
            text=row.text,
            end=ReplyEnd(row.finish_reason),
        )
    return {turn: tuple(by_slot.values()) for turn, by_slot in newest.items()}


def count_failures(connection: Connection) -> dict[ModelKey, int]:
    """Return the number of failed replies by model key."""
    query = (
        select(models.c.key, func.count())
        .join(replies, replies.c.model_id == models.c.id)
        .where(replies.c.finish_reason == ReplyEnd.ERROR.value)
        .group_by(models.c.key)
    )
    return {ModelKey(key): count for key, count in connection.execute(query)}
