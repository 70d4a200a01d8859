"""A stored campaign with the terms of its newest version."""

from dataclasses import dataclass

from arena.domain.assignment import CampaignState
from arena.domain.campaign import Campaign
from arena.domain.errors import NotFound, Refusal
from arena.services.campaigns.documents import terms_of
from arena.services.campaigns.refusals import CampaignRefusal, CampaignRefused
from arena.storage.campaigns.campaigns import (
    CampaignRecord,
    campaign_named,
    campaign_numbered,
    is_name_taken,
)
from arena.storage.campaigns.names import campaign_names
from arena.storage.database import Connection


@dataclass(frozen=True, slots=True)
class StoredCampaign:
    """A campaign as the database has it; `terms` are its file without prompts and check items."""

    record: CampaignRecord
    terms: Campaign

    @property
    def id(self) -> int:
        """Its number."""
        return self.record.id

    @property
    def name(self) -> str:
        """Its name."""
        return self.record.name

    @property
    def state(self) -> CampaignState:
        """Where it is."""
        return self.record.state


def found_by_name(connection: Connection, name: str) -> StoredCampaign:
    """Return a campaign; raises `NotFound` for annotators, who may not know which there are."""
    return _stored(campaign_named(connection, name))


def found_by_number(connection: Connection, campaign_id: int) -> StoredCampaign:
    """Return a campaign by its number."""
    return _stored(campaign_numbered(connection, campaign_id))


def required(connection: Connection, name: str) -> StoredCampaign:
    """Return a campaign; raises `CampaignRefused` for people who run it."""
    record = campaign_named(connection, name)
    if record is not None:
        return _stored(record)
    if is_name_taken(connection, name):
        raise CampaignRefused(
            f"{name!r} has no campaign file: it collects imported votes",
            CampaignRefusal.IMPORTED_VOTES,
            name=name,
        )
    names = ", ".join(campaign_names(connection)) or "none yet"
    raise CampaignRefused(
        f"there is no campaign {name!r}; known: {names}", CampaignRefusal.NO_CAMPAIGN, name=name
    )


def _stored(record: CampaignRecord | None) -> StoredCampaign:
    if record is None:
        raise NotFound(Refusal.CAMPAIGN_NOT_FOUND)
    return StoredCampaign(record, terms_of(record.document))
