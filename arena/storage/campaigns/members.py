"""Queries on who takes part in a campaign, and what they answered about themselves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, exists, func, insert, or_, select, update

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import CampaignState
from arena.storage.schema import (
    assignments,
    campaign_answers,
    campaign_members,
    campaigns,
    items,
)


@dataclass(frozen=True, slots=True)
class CrowdIdentity:
    """Who a person is to a crowd platform."""

    external_id: str
    study: str | None = None
    session: str | None = None


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """An annotator who takes part in a campaign."""

    annotator_id: AnnotatorId
    joined_at: datetime
    consented_at: datetime | None
    finished_at: datetime | None
    crowd: CrowdIdentity | None


def insert_member(
    connection: Connection,
    campaign_id: int,
    annotator_id: AnnotatorId,
    *,
    crowd: CrowdIdentity | None,
    now: datetime,
) -> None:
    """Store a member.

    Raises:
        RuleBroken: The annotator is one already, or somebody else has this identity.
    """
    values: dict[str, object] = {
        "campaign_id": campaign_id,
        "annotator_id": annotator_id,
        "joined_at": now,
    }
    if crowd is not None:
        known = {"external_id": crowd.external_id, "study": crowd.study, "session": crowd.session}
        values |= known
    connection.execute(insert(campaign_members).values(values))


def member(
    connection: Connection, campaign_id: int, annotator_id: AnnotatorId
) -> MemberRecord | None:
    """Return an annotator as a member of a campaign, or None."""
    of = campaign_members.c
    query = select(campaign_members).where(
        of.campaign_id == campaign_id, of.annotator_id == annotator_id
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else _record(row)


def members_of(connection: Connection, campaign_id: int) -> dict[AnnotatorId, MemberRecord]:
    """Return every member of a campaign by annotator."""
    query = select(campaign_members).where(campaign_members.c.campaign_id == campaign_id)
    return {AnnotatorId(row.annotator_id): _record(row) for row in connection.execute(query)}


def _record(row: Any) -> MemberRecord:
    crowd = CrowdIdentity(row.external_id, row.study, row.session) if row.external_id else None
    return MemberRecord(
        AnnotatorId(row.annotator_id), row.joined_at, row.consented_at, row.finished_at, crowd
    )


def member_from_crowd(
    connection: Connection, campaign_id: int, external_id: str
) -> AnnotatorId | None:
    """Return which annotator a person of the crowd platform is in this campaign."""
    of = campaign_members.c
    query = select(of.annotator_id).where(
        of.campaign_id == campaign_id, of.external_id == external_id
    )
    found = connection.execute(query).scalar_one_or_none()
    return None if found is None else AnnotatorId(found)


def is_at_work(connection: Connection, annotator_id: AnnotatorId) -> bool:
    """Return whether an annotator takes part in an open campaign and has not finished there."""
    of = campaign_members.c
    query = (
        select(of.campaign_id)
        .join(campaigns, campaigns.c.id == of.campaign_id)
        .where(
            of.annotator_id == annotator_id,
            of.finished_at.is_(None),
            campaigns.c.state == CampaignState.OPEN.value,
        )
    )
    return connection.execute(query.limit(1)).first() is not None


def is_from_crowd(connection: Connection, annotator_id: AnnotatorId) -> bool:
    """Return whether an annotator came from a crowd platform, to whatever campaign."""
    of = campaign_members.c
    query = select(of.campaign_id).where(
        of.annotator_id == annotator_id, of.external_id.is_not(None)
    )
    return connection.execute(query.limit(1)).first() is not None


def count_members(connection: Connection, campaign_id: int) -> int:
    """Count the members of a campaign."""
    query = select(func.count()).where(campaign_members.c.campaign_id == campaign_id)
    return int(connection.execute(query).scalar_one())


def count_members_at_work(connection: Connection, campaign_id: int, *, since: datetime) -> int:
    """Count the members who have finished, or have joined or opened an item since a moment."""
    of = campaign_members.c
    opened = exists().where(
        assignments.c.item_id == items.c.id,
        items.c.campaign_id == campaign_id,
        assignments.c.annotator_id == of.annotator_id,
        assignments.c.reserved_at > since,
    )
    query = select(func.count()).where(
        of.campaign_id == campaign_id,
        or_(of.finished_at.is_not(None), of.joined_at > since, opened),
    )
    return int(connection.execute(query).scalar_one())


def campaigns_of(connection: Connection, annotator_id: AnnotatorId) -> tuple[str, ...]:
    """Return the names of the campaigns that an annotator takes part in, those over apart."""
    return _names_of(connection, annotator_id, (CampaignState.OPEN, CampaignState.PAUSED))


def closed_campaigns_of(connection: Connection, annotator_id: AnnotatorId) -> tuple[str, ...]:
    """Return the names of the closed campaigns that an annotator took part in."""
    return _names_of(connection, annotator_id, (CampaignState.CLOSED,))


def _names_of(
    connection: Connection, annotator_id: AnnotatorId, states: Sequence[CampaignState]
) -> tuple[str, ...]:
    query = (
        select(campaigns.c.name)
        .join(campaign_members, campaign_members.c.campaign_id == campaigns.c.id)
        .where(campaign_members.c.annotator_id == annotator_id, campaigns.c.state.in_(states))
        .order_by(campaign_members.c.joined_at, campaigns.c.name)
    )
    return tuple(connection.execute(query).scalars())


def open_campaigns_without(connection: Connection, annotator_id: AnnotatorId) -> tuple[str, ...]:
    """Return the names of the open campaigns that an annotator does not take part in."""
    own = select(campaign_members.c.campaign_id).where(
        campaign_members.c.annotator_id == annotator_id
    )
    query = (
        select(campaigns.c.name)
        .where(campaigns.c.state == CampaignState.OPEN.value, campaigns.c.id.not_in(own))
        .order_by(campaigns.c.id)
    )
    return tuple(connection.execute(query).scalars())


def mark_consented(
    connection: Connection, campaign_id: int, annotator_id: AnnotatorId, now: datetime
) -> None:
    """Record the first moment at which a member agreed to take part."""
    _mark_first(connection, "consented_at", campaign_id, annotator_id, now)


def mark_finished(
    connection: Connection, campaign_id: int, annotator_id: AnnotatorId, now: datetime
) -> None:
    """Record the first moment at which nothing was left for a member."""
    _mark_first(connection, "finished_at", campaign_id, annotator_id, now)


def _mark_first(
    connection: Connection,
    column: str,
    campaign_id: int,
    annotator_id: AnnotatorId,
    now: datetime,
) -> None:
    of = campaign_members.c
    statement = update(campaign_members).where(
        of.campaign_id == campaign_id, of.annotator_id == annotator_id, of[column].is_(None)
    )
    connection.execute(statement.values({column: now}))


def put_answers(
    connection: Connection,
    campaign_id: int,
    annotator_id: AnnotatorId,
    answers: Mapping[str, str],
    now: datetime,
) -> None:
    """Store a member's answers by question, in place of earlier ones."""
    of = campaign_answers.c
    for question, answer in answers.items():
        values = {"answer": answer, "answered_at": now}
        key = (
            of.campaign_id == campaign_id,
            of.annotator_id == annotator_id,
            of.question == question,
        )
        changed = connection.execute(update(campaign_answers).where(*key).values(values))
        if changed.rowcount == 0:
            who = {"campaign_id": campaign_id, "annotator_id": annotator_id, "question": question}
            connection.execute(insert(campaign_answers).values(who | values))


def answers_of(
    connection: Connection, campaign_id: int, annotator_id: AnnotatorId
) -> dict[str, str]:
    """Return a member's answers by question."""
    of = campaign_answers.c
    query = select(of.question, of.answer).where(
        of.campaign_id == campaign_id, of.annotator_id == annotator_id
    )
    return {row.question: row.answer for row in connection.execute(query)}
