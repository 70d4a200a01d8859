"""Queries on all campaigns at once, each in a few numbers: as many queries for one as for all."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeAlias

from sqlalchemy import ColumnElement, Connection, Integer, Select, case, cast, func, select

from arena.domain.assignment import AssignmentState, BattlePurpose, CampaignState
from arena.domain.campaign import ProtocolKind
from arena.domain.reply import ReplyEnd
from arena.storage.campaigns.campaigns import newest_versions
from arena.storage.campaigns.items import CHECK, spelled
from arena.storage.schema import (
    assignments,
    campaign_models,
    campaign_prompts,
    campaign_replies,
    campaign_versions,
    campaigns,
    items,
    replies,
)

_Query: TypeAlias = Select[*tuple[Any, ...]]

_NO_TEXT: Final = (ReplyEnd.ERROR.value, ReplyEnd.CANCELLED.value)

_WHITE_SPACE: Final = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007"
    "\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What `str.strip` takes off; SQLite's own `trim` takes off spaces alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignNumbers:
    """A campaign that has a file. Check items and repeats are not counted.

    `turns` are those of all prompts, each of which every model replies to; `replies` are those
    with a text. `judged` are opinions, `recent` those from a moment on, `first_at` the first one.
    """

    id: int
    name: str
    state: CampaignState
    protocol: ProtocolKind
    pairs_per_prompt: int | None
    overlap: int
    overlap_on_disagreement: int | None
    version: int
    prompts: int
    turns: int
    models: int
    replies: int
    items: int
    disputed: int
    judged: int
    recent: int
    first_at: datetime | None


def campaign_numbers(
    connection: Connection, *, since: datetime, name: str | None = None
) -> tuple[CampaignNumbers, ...]:
    """Return every campaign that has a file, or the one of a name, the newest first.

    `recent` opinions are those from `since` on.
    """
    heads = _heads()
    if name is not None:
        heads = heads.where(campaigns.c.name == name)
    found = connection.execute(heads).all()
    only = None if name is None else [row.id for row in found]
    asked = _counts(connection, _asked(), campaign_prompts.c.campaign_id, only)
    models = _counts(connection, _models(), campaign_models.c.campaign_id, only)
    written = _counts(connection, _written(), campaign_replies.c.campaign_id, only)
    judgeable = _counts(connection, _items(), items.c.campaign_id, only)
    given = _counts(connection, _given(since), items.c.campaign_id, only)
    return tuple(
        CampaignNumbers(
            id=row.id,
            name=row.name,
            state=CampaignState(row.state),
            protocol=ProtocolKind(row.protocol),
            pairs_per_prompt=row.pairs_per_prompt,
            overlap=row.overlap,
            overlap_on_disagreement=row.overlap_on_disagreement,
            version=row.version,
            prompts=(counted := asked.get(row.id, (0, 0)))[0],
            turns=counted[1],
            models=models.get(row.id, (0,))[0],
            replies=written.get(row.id, (0,))[0],
            items=(found_items := judgeable.get(row.id, (0, 0)))[0],
            disputed=found_items[1],
            judged=(opinions := given.get(row.id, (0, 0, None)))[0],
            recent=opinions[1],
            first_at=opinions[2],
        )
        for row in found
    )


def _counts(
    connection: Connection,
    query: _Query,
    campaign: ColumnElement[int],
    only: list[int] | None,
) -> Mapping[int, Any]:
    """Return what a query counts, by campaign."""
    if only is not None:
        query = query.where(campaign.in_(only))
    rows = connection.execute(query.add_columns(campaign.label("campaign")).group_by(campaign))
    return {row.campaign: tuple(row)[:-1] for row in rows}


def _heads() -> _Query:
    of = campaigns.c
    protocol = campaign_versions.c.document["protocol"]
    return (
        select(
            *(of.id, of.name, of.state, of.protocol, of.overlap, of.overlap_on_disagreement),
            campaign_versions.c.version,
            protocol["pairs_per_prompt"].as_integer().label("pairs_per_prompt"),
        )
        .join_from(campaigns, campaign_versions, newest_versions())
        .where(of.state.is_not(None))
        .order_by(of.id.desc())
    )


def _asked() -> _Query:
    of = campaign_prompts.c
    turns = func.sum(func.json_array_length(of.turns))
    return select(func.count(), turns).where(of.kind == BattlePurpose.JUDGED.value)


def _models() -> _Query:
    return select(func.count()).select_from(campaign_models)


def _written() -> _Query:
    of = replies.c
    return (
        select(func.count())
        .select_from(campaign_replies)
        .join(replies, of.id == campaign_replies.c.reply_id)
        .where(of.finish_reason.not_in(_NO_TEXT), func.trim(of.text, _WHITE_SPACE) != "")
    )


def _items() -> _Query:
    disputed = func.sum(cast(items.c.disputed, Integer))
    return select(func.count(), disputed).where(items.c.models != spelled(CHECK))


def _given(since: datetime) -> _Query:
    of = assignments.c
    recent = func.sum(case((of.judged_at >= since, 1), else_=0))
    return (
        select(func.count(), recent, func.min(of.judged_at))
        .select_from(assignments)
        .join(items, items.c.id == of.item_id)
        .where(
            of.repeat_of.is_(None),
            of.state == AssignmentState.JUDGED.value,
            items.c.models != spelled(CHECK),
        )
    )
