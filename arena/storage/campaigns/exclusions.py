"""Queries on exclusions: whose ballots a campaign's boards leave out, since when, and why."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, select

from arena.domain.accounts import AnnotatorId
from arena.storage.schema import annotators, exclusions


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An annotator is left out; `who` did it by name, None stands for the command line."""

    annotator_id: AnnotatorId
    reason: str
    who: str | None
    at: datetime


def exclusions_of(connection: Connection, campaign_id: int) -> Mapping[AnnotatorId, Exclusion]:
    """Return who is left out at present, by annotator."""
    of = exclusions.c
    newest = select(func.max(of.id)).where(of.campaign_id == campaign_id).group_by(of.annotator_id)
    query = (
        select(of.annotator_id, of.reason, annotators.c.name, of.at)
        .outerjoin(annotators, annotators.c.id == of.who)
        .where(of.id.in_(newest), of.excluded)
        .order_by(of.id)
    )
    found = (
        Exclusion(AnnotatorId(number), reason, who, at)
        for number, reason, who, at in connection.execute(query)
    )
    return {one.annotator_id: one for one in found}


def insert_exclusion(
    connection: Connection,
    campaign_id: int,
    annotator_id: AnnotatorId,
    *,
    excluded: bool,
    reason: str,
    who: AnnotatorId | None,
    now: datetime,
) -> None:
    """Leave an annotator's ballots out, or take them back in; earlier rows stay."""
    values = {
        "campaign_id": campaign_id,
        "annotator_id": annotator_id,
        "excluded": excluded,
        "reason": reason,
        "who": who,
        "at": now,
    }
    connection.execute(insert(exclusions).values(values))
