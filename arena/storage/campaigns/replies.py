"""Queries on the replies of campaigns: which reply is in force in each place."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    delete,
    func,
    insert,
    select,
    update,
)

from arena.domain.campaign_replies import Place
from arena.domain.reply import ReplyEnd
from arena.storage.schema import campaign_replies, replies


@dataclass(frozen=True, slots=True)
class StoredReply:
    """A stored reply, as far as it decides whether it can be used."""

    id: int
    model_id: int
    conversation_hash: str
    text: str
    end: ReplyEnd
    error: str | None


_COLUMNS = (
    replies.c.id,
    replies.c.model_id,
    replies.c.conversation_hash,
    replies.c.text,
    replies.c.finish_reason,
    replies.c.error,
)

_OF: Final = campaign_replies.c

_OF_PROMPT: Final[ColumnElement[bool]] = and_(
    _OF.campaign_id == bindparam("of_campaign"),
    _OF.prompt == bindparam("of_prompt"),
    _OF.position == bindparam("of_position"),
)

_IN_FORCE: Final = (
    select(*_COLUMNS)
    .join(campaign_replies, replies.c.id == _OF.reply_id)
    .where(_OF_PROMPT, _OF.turn == bindparam("of_turn"))
)

_TO_CONVERSATION: Final = (
    select(*_COLUMNS)
    .where(
        replies.c.model_id.in_(bindparam("model_ids", expanding=True)),
        replies.c.conversation_hash == bindparam("conversation"),
        replies.c.continues_id.is_(None),
        replies.c.finish_reason.in_([ReplyEnd.STOP.value, ReplyEnd.LENGTH.value]),
        func.trim(replies.c.text) != "",
    )
    .order_by(replies.c.id.desc())
)

_FORGET_LATER: Final = delete(campaign_replies).where(_OF_PROMPT, _OF.turn > bindparam("of_turn"))

_PUT: Final = (
    update(campaign_replies)
    .where(_OF_PROMPT, _OF.turn == bindparam("of_turn"))
    .values(reply_id=bindparam("put_reply"))
)


def replies_in_force(
    connection: Connection, campaign_id: int, *, position: int | None = None
) -> dict[Place, StoredReply]:
    """Return the reply of every place that has one; of one model if a position is given."""
    of = campaign_replies.c
    query = (
        select(of.position, of.prompt, of.turn, *_COLUMNS)
        .join(replies, replies.c.id == of.reply_id)
        .where(of.campaign_id == campaign_id)
    )
    if position is not None:
        query = query.where(of.position == position)
    return {
        Place(row.position, row.prompt, row.turn): _stored(row) for row in connection.execute(query)
    }


def reply_in_force(connection: Connection, campaign_id: int, place: Place) -> StoredReply | None:
    """Return the reply of one place."""
    row = connection.execute(_IN_FORCE, _place(campaign_id, place)).one_or_none()
    return None if row is None else _stored(row)


def replies_to(
    connection: Connection, model_ids: Collection[int], conversation_hash: str
) -> tuple[StoredReply, ...]:
    """Return what configurations of a model have answered a conversation, newest first.

    Failed and stopped replies are left out, and those that were written in several attempts.
    """
    asked = {"model_ids": list(model_ids), "conversation": conversation_hash}
    return tuple(map(_stored, connection.execute(_TO_CONVERSATION, asked)))


def put_reply(
    connection: Connection,
    campaign_id: int,
    place: Place,
    reply_id: int,
    *,
    text: str,
    before: StoredReply | None,
) -> None:
    """Let a reply with this text be the one in force in a place, instead of the one `before`.

    Where the texts differ, later turns lose their replies: they answer a conversation that was
    never had.

    Raises:
        RuleBroken: The campaign has been opened.
    """
    if before is not None and before.text != text:
        connection.execute(_FORGET_LATER, _place(campaign_id, place))
    put = {**_place(campaign_id, place), "put_reply": reply_id}
    if connection.execute(_PUT, put).rowcount:
        return
    row = {
        "campaign_id": campaign_id,
        "prompt": place.prompt,
        "position": place.position,
        "turn": place.turn,
        "reply_id": reply_id,
    }
    connection.execute(insert(campaign_replies), row)


def _place(campaign_id: int, place: Place) -> dict[str, int]:
    return {
        "of_campaign": campaign_id,
        "of_prompt": place.prompt,
        "of_position": place.position,
        "of_turn": place.turn,
    }


def _stored(row: Any) -> StoredReply:
    return StoredReply(
        id=row.id,
        model_id=row.model_id,
        conversation_hash=row.conversation_hash,
        text=row.text,
        end=ReplyEnd(row.finish_reason),
        error=row.error,
    )
