"""The table `replies`."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Label, Select, and_, exists, select

from arena.domain.reply import FlagKind
from arena.storage.exports.batches import (
    EVERYTHING,
    LONG_ROWS_AT_ONCE,
    Batch,
    Part,
    batches,
    within,
)
from arena.storage.exports.words import slot_letters
from arena.storage.schema import flags, models, replies, slot_replies, turns


def reply_batches(
    connection: Connection,
    *,
    names: bool,  # noqa: ARG001
    part: Part = EVERYTHING,
) -> Iterator[Batch]:
    """Iterate over every reply in every place where it was shown.

    One that was shown nowhere comes once. The table has no annotators, so `names` changes nothing.
    """
    for batch in batches(
        connection,
        within(_query(), slot_replies.c.battle_id, part),
        rows=LONG_ROWS_AT_ONCE,
    ):
        batch["slot"] = slot_letters(batch["slot"])
        yield batch


def _query() -> Select[Any]:
    asked = and_(
        turns.c.battle_id == slot_replies.c.battle_id, turns.c.number == slot_replies.c.turn
    )
    return (
        select(
            replies.c.id.label("reply_id"),
            slot_replies.c.battle_id,
            slot_replies.c.turn,
            slot_replies.c.position.label("slot"),
            slot_replies.c.attempt,
            _superseded(),
            models.c.key.label("model"),
            models.c.fingerprint,
            turns.c.prompt,
            replies.c.text,
            replies.c.reasoning,
            replies.c.finish_reason,
            replies.c.error,
            _has_flag(FlagKind.IDENTITY_LEAK),
            _has_flag(FlagKind.TRUNCATED),
            replies.c.continues_id,
            replies.c.prompt_tokens,
            replies.c.reply_tokens,
            replies.c.first_token_s,
            replies.c.total_s,
            replies.c.rendered_prompt,
            replies.c.conversation_hash,
            replies.c.created_at,
        )
        .select_from(replies)
        .join(models, models.c.id == replies.c.model_id)
        .outerjoin(slot_replies, slot_replies.c.reply_id == replies.c.id)
        .outerjoin(turns, asked)
        .order_by(replies.c.id, slot_replies.c.battle_id, slot_replies.c.attempt)
    )


def _superseded() -> Label[bool]:
    later = slot_replies.alias("later")
    found = exists().where(
        later.c.battle_id == slot_replies.c.battle_id,
        later.c.turn == slot_replies.c.turn,
        later.c.position == slot_replies.c.position,
        later.c.attempt > slot_replies.c.attempt,
    )
    return found.label("superseded")


def _has_flag(kind: FlagKind) -> Label[bool]:
    found = exists().where(flags.c.reply_id == replies.c.id, flags.c.kind == kind.value)
    return found.label(kind.value)
