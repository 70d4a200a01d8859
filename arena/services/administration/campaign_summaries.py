"""Each campaign in a line, for a list of however many."""

from dataclasses import dataclass
from datetime import datetime

from arena.domain.assignment import CampaignState
from arena.domain.campaign import ProtocolKind
from arena.domain.clock import Clock
from arena.domain.workload import items_of_a_prompt
from arena.services.campaigns.progress import RECENT, end_of
from arena.storage.campaigns.summaries import CampaignNumbers, campaign_numbers
from arena.storage.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignSummary:
    """A campaign in a line. `wanted` is planned where nothing has been opened yet."""

    name: str
    state: CampaignState
    protocol: ProtocolKind
    overlap: int
    version: int
    prompts: int
    models: int
    replies: int
    replies_wanted: int
    ballots: int
    ballots_wanted: int
    ends_at: datetime | None


class CampaignSummaries:
    """Counts campaigns by as many queries for one as for hundreds. Blocking."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def all(self) -> tuple[CampaignSummary, ...]:
        """Return every campaign that has a file, the newest first."""
        return self._found(None)

    def of(self, name: str) -> CampaignSummary:
        """Return a campaign that there is."""
        (found,) = self._found(name)
        return found

    def _found(self, name: str | None) -> tuple[CampaignSummary, ...]:
        now = self._clock.now()
        with self._database.reading() as connection:
            found = campaign_numbers(connection, since=now - RECENT, name=name)
        return tuple(_summary(one, now) for one in found)


def _summary(one: CampaignNumbers, now: datetime) -> CampaignSummary:
    wanted = _wanted(one)
    left = wanted - one.judged
    return CampaignSummary(
        name=one.name,
        state=one.state,
        protocol=one.protocol,
        overlap=one.overlap,
        version=one.version,
        prompts=one.prompts,
        models=one.models,
        replies=one.replies,
        replies_wanted=one.turns * one.models,
        ballots=one.judged,
        ballots_wanted=wanted,
        ends_at=end_of(left, one.recent, one.first_at, now),
    )


def _wanted(one: CampaignNumbers) -> int:
    if one.state is CampaignState.CREATED:
        each = items_of_a_prompt(one.protocol, one.models, one.pairs_per_prompt)
        return one.prompts * each * one.overlap
    more = max(0, (one.overlap_on_disagreement or 0) - one.overlap)
    return one.items * one.overlap + one.disputed * more
