"""Queries on what happened to a campaign, and who did it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select

from arena.domain.accounts import AnnotatorId
from arena.storage.schema import annotators, campaign_events


@dataclass(frozen=True, slots=True)
class PastEvent:
    """Something that happened to a campaign; `who` and `name` are None for the command line."""

    at: datetime
    kind: str
    who: AnnotatorId | None
    name: str | None
    detail: str


def history_of(connection: Connection, campaign_id: int) -> tuple[PastEvent, ...]:
    """Return what happened to a campaign, newest first."""
    of = campaign_events.c
    query = (
        select(of.at, of.kind, of.who, annotators.c.name, of.detail)
        .join_from(campaign_events, annotators, annotators.c.id == of.who, isouter=True)
        .where(of.campaign_id == campaign_id)
        .order_by(of.id.desc())
    )
    return tuple(PastEvent(*row) for row in connection.execute(query))
