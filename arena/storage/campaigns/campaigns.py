"""Queries on campaigns that run: their state, their files by version, and what happened."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, select, update

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import CampaignState
from arena.domain.campaign import ProtocolKind
from arena.storage.schema import campaign_events, campaign_versions, campaigns


@dataclass(frozen=True, slots=True)
class CampaignRecord:
    """A campaign that runs, with the newest version of its file.

    `document` is the file without prompts and check items; `fingerprint` is of all of it.
    `overlap_on_disagreement` is None where a disagreement calls for no further annotators.
    """

    id: int
    name: str
    state: CampaignState
    protocol: ProtocolKind
    overlap: int
    overlap_on_disagreement: int | None
    version: int
    fingerprint: str
    document: Mapping[str, Any]

    @property
    def most(self) -> int:
        """How many annotators may judge an item on which the first ones disagree."""
        return max(self.overlap, self.overlap_on_disagreement or 0)

    def places_left(self, taken: int) -> int:
        """Return how many places an open item has left; past the overlap it is a disputed one."""
        return (self.overlap if taken < self.overlap else self.most) - taken


@dataclass(frozen=True, slots=True)
class CampaignEvent:
    """Something that happened to a campaign; `who` is None for the command line."""

    at: datetime
    kind: str
    who: AnnotatorId | None
    detail: str


_NEWEST = (
    select(func.max(campaign_versions.c.version))
    .where(campaign_versions.c.campaign_id == campaigns.c.id)
    .correlate(campaigns)
    .scalar_subquery()
)


def newest_versions() -> ColumnElement[bool]:
    """Return the condition that joins each campaign to the newest version of its file."""
    of = campaign_versions.c
    return and_(of.campaign_id == campaigns.c.id, of.version == _NEWEST)


_CAMPAIGN = (
    select(
        *(campaigns.c.id, campaigns.c.name, campaigns.c.state),
        *(campaigns.c.protocol, campaigns.c.overlap, campaigns.c.overlap_on_disagreement),
        campaign_versions.c.version,
        *(campaign_versions.c.fingerprint, campaign_versions.c.document),
    )
    .join_from(campaigns, campaign_versions, newest_versions())
    .where(campaigns.c.state.is_not(None))
)


def campaign_named(connection: Connection, name: str) -> CampaignRecord | None:
    """Return the campaign of that name; None also for one that only collects imported votes."""
    return _campaign(connection, campaigns.c.name == name)


def campaign_numbered(connection: Connection, campaign_id: int) -> CampaignRecord | None:
    """Return the campaign of that number; None also for one that only collects imported votes."""
    return _campaign(connection, campaigns.c.id == campaign_id)


def is_name_taken(connection: Connection, name: str) -> bool:
    """Return whether any campaign has that name, also one that collects imported votes."""
    query = select(campaigns.c.id).where(campaigns.c.name == name)
    return connection.execute(query).first() is not None


def insert_campaign(
    connection: Connection, *, name: str, protocol: ProtocolKind, overlap: int, now: datetime
) -> int:
    """Store a campaign in state `created` and return its number."""
    values = {
        "name": name,
        "created_at": now,
        "state": CampaignState.CREATED.value,
        "protocol": protocol.value,
        "overlap": overlap,
    }
    inserted = insert(campaigns).values(values).returning(campaigns.c.id)
    return int(connection.execute(inserted).scalar_one())


def add_version(
    connection: Connection,
    campaign_id: int,
    *,
    fingerprint: str,
    document: Mapping[str, Any],
    overlap: int,
    overlap_on_disagreement: int | None,
    now: datetime,
) -> int:
    """Store a campaign file as the newest version, put it in force, and return its number."""
    of = campaign_versions.c
    newest = select(func.max(of.version)).where(of.campaign_id == campaign_id)
    version = (connection.execute(newest).scalar() or 0) + 1
    values = {
        "campaign_id": campaign_id,
        "version": version,
        "fingerprint": fingerprint,
        "document": dict(document),
        "created_at": now,
    }
    connection.execute(insert(campaign_versions).values(values))
    in_force = {"overlap": overlap, "overlap_on_disagreement": overlap_on_disagreement}
    connection.execute(update(campaigns).where(campaigns.c.id == campaign_id).values(in_force))
    return version


def move_campaign(
    connection: Connection,
    campaign_id: int,
    *,
    sources: Collection[CampaignState],
    target: CampaignState,
) -> bool:
    """Change the state if it is one of `sources`; return False when it was another."""
    statement = update(campaigns).where(
        campaigns.c.id == campaign_id, campaigns.c.state.in_([state.value for state in sources])
    )
    return connection.execute(statement.values(state=target.value)).rowcount == 1


def insert_event(connection: Connection, campaign_id: int, event: CampaignEvent) -> None:
    """Store what happened."""
    values = {
        "campaign_id": campaign_id,
        "at": event.at,
        "kind": event.kind,
        "who": event.who,
        "detail": event.detail,
    }
    connection.execute(insert(campaign_events).values(values))


def events_of(connection: Connection, campaign_id: int) -> tuple[CampaignEvent, ...]:
    """Return what happened to a campaign, oldest first."""
    of = campaign_events.c
    query = select(of.at, of.kind, of.who, of.detail).where(of.campaign_id == campaign_id)
    return tuple(CampaignEvent(*row) for row in connection.execute(query.order_by(of.id)))


def running_campaigns(connection: Connection) -> tuple[str, ...]:
    """Return the names of all campaigns that have a file, the newest first."""
    query = select(campaigns.c.name).where(campaigns.c.state.is_not(None))
    return tuple(connection.execute(query.order_by(campaigns.c.id.desc())).scalars())


def takes_votes(connection: Connection) -> bool:
    """Return whether any campaign is open, or paused: its votes are not all in."""
    states = [CampaignState.OPEN.value, CampaignState.PAUSED.value]
    query = select(campaigns.c.id).where(campaigns.c.state.in_(states)).limit(1)
    return connection.execute(query).first() is not None


def _campaign(connection: Connection, which: ColumnElement[bool]) -> CampaignRecord | None:
    row = connection.execute(_CAMPAIGN.where(which)).one_or_none()
    if row is None:
        return None
    return CampaignRecord(
        id=row.id,
        name=row.name,
        state=CampaignState(row.state),
        protocol=ProtocolKind(row.protocol),
        overlap=row.overlap,
        overlap_on_disagreement=row.overlap_on_disagreement,
        version=row.version,
        fingerprint=row.fingerprint,
        document=row.document,
    )
