"""Queries on the replies of campaigns: which reply is in force in each place."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, func, select
from sqlalchemy.dialects.sqlite import insert

from arena.domain.assignment import CampaignState
from arena.domain.campaign_replies import Place
from arena.domain.conversation import ModelKey
from arena.domain.reply import ReplyEnd
from arena.storage.schema import (
    campaign_models,
    campaign_prompts,
    campaign_replies,
    campaigns,
    replies,
)


@dataclass(frozen=True, slots=True)
class CampaignHead:
    """A campaign by number; `state` is None where it merely collects imported votes."""

    id: int
    name: str
    state: CampaignState | None


@dataclass(frozen=True, slots=True)
class AskedPrompt:
    """What a campaign asks: the user's messages, and a system prompt of their own."""

    number: int
    identifier: str
    turns: tuple[str, ...]
    system_prompt: str | None


@dataclass(frozen=True, slots=True)
class AskedModel:
    """A model of a campaign. `imported`: its replies were made elsewhere."""

    position: int
    key: ModelKey
    name: str
    imported: bool


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


def campaign_head(connection: Connection, name: str) -> CampaignHead | None:
    """Return the campaign of that name, or None."""
    query = select(campaigns.c.id, campaigns.c.state).where(campaigns.c.name == name)
    row = connection.execute(query).one_or_none()
    if row is None:
        return None
    return CampaignHead(row.id, name, None if row.state is None else CampaignState(row.state))


def asked_prompts(connection: Connection, campaign_id: int) -> tuple[AskedPrompt, ...]:
    """Return the prompts that models answer, in their order; check items are none of them."""
    of = campaign_prompts.c
    query = (
        select(of.number, of.identifier, of.turns, of.system_prompt)
        .where(of.campaign_id == campaign_id, of.kind == "judged")
        .order_by(of.number)
    )
    return tuple(
        AskedPrompt(row.number, row.identifier, tuple(row.turns), row.system_prompt)
        for row in connection.execute(query)
    )


def asked_models(connection: Connection, campaign_id: int) -> tuple[AskedModel, ...]:
    """Return the models of a campaign, in their order."""
    of = campaign_models.c
    query = (
        select(of.position, of.model_key, of.name, of.imported)
        .where(of.campaign_id == campaign_id)
        .order_by(of.position)
    )
    return tuple(
        AskedModel(row.position, ModelKey(row.model_key), row.name, row.imported)
        for row in connection.execute(query)
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
    of = campaign_replies.c
    query = (
        select(*_COLUMNS)
        .join(campaign_replies, replies.c.id == of.reply_id)
        .where(_at(campaign_id, place))
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _stored(row)


def replies_to(
    connection: Connection, model_ids: Collection[int], conversation_hash: str
) -> tuple[StoredReply, ...]:
    """Return what configurations of a model have answered a conversation, newest first.

    Failed and stopped replies are left out, and those that were written in several attempts.
    """
    usable = [ReplyEnd.STOP.value, ReplyEnd.LENGTH.value]
    query = (
        select(*_COLUMNS)
        .where(
            replies.c.model_id.in_(model_ids),
            replies.c.conversation_hash == conversation_hash,
            replies.c.continues_id.is_(None),
            replies.c.finish_reason.in_(usable),
            func.trim(replies.c.text) != "",
        )
        .order_by(replies.c.id.desc())
    )
    return tuple(map(_stored, connection.execute(query)))


def put_reply(connection: Connection, campaign_id: int, place: Place, reply_id: int) -> None:
    """Let a reply be the one in force in a place.

    Where its text differs from the one before, later turns lose their replies: they answer a
    conversation that was never had.

    Raises:
        RuleBroken: The campaign has been opened.
    """
    _forget_answers_to_another(connection, campaign_id, place, reply_id)
    key = {
        "campaign_id": campaign_id,
        "prompt": place.prompt,
        "position": place.position,
        "turn": place.turn,
    }
    added = insert(campaign_replies).values(**key, reply_id=reply_id)
    connection.execute(
        added.on_conflict_do_update(index_elements=list(key), set_={"reply_id": reply_id})
    )


def _forget_answers_to_another(
    connection: Connection, campaign_id: int, place: Place, reply_id: int
) -> None:
    before = reply_in_force(connection, campaign_id, place)
    if before is None:
        return
    text = connection.execute(select(replies.c.text).where(replies.c.id == reply_id)).scalar_one()
    if text != before.text:
        of = campaign_replies.c
        later = and_(_of_prompt(campaign_id, place), of.turn > place.turn)
        connection.execute(delete(campaign_replies).where(later))


def _of_prompt(campaign_id: int, place: Place) -> ColumnElement[bool]:
    of = campaign_replies.c
    return and_(
        of.campaign_id == campaign_id,
        of.prompt == place.prompt,
        of.position == place.position,
    )


def _at(campaign_id: int, place: Place) -> ColumnElement[bool]:
    return and_(_of_prompt(campaign_id, place), campaign_replies.c.turn == place.turn)


def _stored(row: Any) -> StoredReply:
    return StoredReply(
        id=row.id,
        model_id=row.model_id,
        conversation_hash=row.conversation_hash,
        text=row.text,
        end=ReplyEnd(row.finish_reason),
        error=row.error,
    )
