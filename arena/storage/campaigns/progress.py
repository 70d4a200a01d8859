"""Queries on how far a campaign is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Function, Integer, Select, case, cast, func, select

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import AssignmentState, BattlePurpose
from arena.storage.campaigns.items import CHECK, Positions, judged_first, read_positions, spelled
from arena.storage.schema import (
    annotators,
    assignments,
    campaign_members,
    campaign_prompts,
    items,
)


@dataclass(frozen=True, slots=True)
class MemberCount:
    """What a member has done. `judged` are opinions; repeats and checks are counted apart."""

    annotator_id: AnnotatorId
    name: str
    group: str | None
    judged: int
    repeats: int
    checks: int
    skipped: int
    expired: int
    reserved: int
    last_at: datetime | None
    finished_at: datetime | None


@dataclass(frozen=True, slots=True)
class ItemCount:
    """Items alike in models and category, and how many places are taken and judged.

    `disputed` are those on which annotators disagree.
    """

    models: Positions
    category: str | None
    items: int
    disputed: int
    taken: int
    judged: int


def member_counts(connection: Connection, campaign_id: int) -> tuple[MemberCount, ...]:
    """Return what each member has done, in the order of joining."""
    given = _given(campaign_id).subquery()
    of = campaign_members.c

    def counted(state: AssignmentState, purpose: BattlePurpose | None = None) -> Function[int]:
        right = given.c.state == state.value
        if purpose is not None:
            right &= given.c.purpose == purpose.value
        return func.coalesce(func.sum(case((right, 1), else_=0)), 0)

    judged = AssignmentState.JUDGED
    query = (
        select(
            *(of.annotator_id, annotators.c.name, annotators.c.group_name),
            *(counted(judged, purpose) for purpose in BattlePurpose),
            counted(AssignmentState.SKIPPED),
            counted(AssignmentState.EXPIRED),
            counted(AssignmentState.RESERVED),
            *(func.max(given.c.judged_at), of.finished_at),
        )
        .join_from(campaign_members, annotators, annotators.c.id == of.annotator_id)
        .outerjoin(given, given.c.annotator_id == of.annotator_id)
        .where(of.campaign_id == campaign_id)
        .group_by(of.annotator_id, of.campaign_id, annotators.c.id)
        .order_by(of.joined_at, of.annotator_id)
    )
    return tuple(MemberCount(*row) for row in connection.execute(query))


def item_counts(connection: Connection, campaign_id: int) -> tuple[ItemCount, ...]:
    """Count the items, check items apart, and the places in them, by models and category."""
    of, prompts = items.c, campaign_prompts.c
    judged = (
        select(func.count())
        .where(
            assignments.c.item_id == of.id,
            *judged_first(),
        )
        .correlate(items)
        .scalar_subquery()
    )
    query = (
        select(
            *(of.models, prompts.category, func.count(), func.sum(cast(of.disputed, Integer))),
            *(func.sum(of.taken), func.sum(judged)),
        )
        .join(
            campaign_prompts,
            (prompts.campaign_id == of.campaign_id) & (prompts.number == of.prompt),
        )
        .where(of.campaign_id == campaign_id, of.models != spelled(CHECK))
        .group_by(of.models, prompts.category)
    )
    return tuple(
        ItemCount(read_positions(models), *counts) for models, *counts in connection.execute(query)
    )


def opinions_given(
    connection: Connection, campaign_id: int, *, since: datetime | None = None
) -> tuple[int, datetime | None]:
    """Count the opinions given from a moment on, and return when the first of them was."""
    given = _given(campaign_id).subquery()
    query = select(func.count(), func.min(given.c.judged_at)).where(
        given.c.state == AssignmentState.JUDGED.value,
        given.c.purpose == BattlePurpose.JUDGED.value,
    )
    if since is not None:
        query = query.where(given.c.judged_at >= since)
    number, first = connection.execute(query).one()
    return int(number), first


def own_ballots(
    connection: Connection, campaign_id: int, annotator_id: AnnotatorId, *, since: datetime
) -> tuple[int, int]:
    """Return how many ballots of any purpose an annotator gave: in all, and from a moment on."""
    of = assignments.c
    late = func.sum(case((of.judged_at >= since, 1), else_=0))
    query = (
        select(func.count(), func.coalesce(late, 0))
        .join(items, items.c.id == of.item_id)
        .where(
            items.c.campaign_id == campaign_id,
            of.annotator_id == annotator_id,
            of.state == AssignmentState.JUDGED.value,
        )
    )
    total, recent = connection.execute(query).one()
    return int(total), int(recent)


def _given(campaign_id: int) -> Select[Any]:
    of = assignments.c
    purpose = case(
        (of.repeat_of.is_not(None), BattlePurpose.REPEAT.value),
        (items.c.models == spelled(CHECK), BattlePurpose.CHECK.value),
        else_=BattlePurpose.JUDGED.value,
    )
    return (
        select(of.annotator_id, of.state, of.judged_at, purpose.label("purpose"))
        .join(items, items.c.id == of.item_id)
        .where(items.c.campaign_id == campaign_id)
    )
