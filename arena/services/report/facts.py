"""Everything that a report says follows from these: the numbers of a board, and whose they are."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import chain

from arena.domain.board import BoardFilter
from arena.domain.campaign import Campaign
from arena.services.board.details import DetailedBoard, boards_in_turn
from arena.services.board.suspicious_addresses import resolved
from arena.services.campaigns.archive.pseudonymous import whole_campaign
from arena.services.campaigns.archive.tallies import Tally
from arena.services.campaigns.quality.measuring import measures
from arena.services.campaigns.quality.shares import BallotShare
from arena.storage.campaigns.archive.ballots import archived_ballots
from arena.storage.campaigns.archive.heads import archived_prompts, people_of, schema_revision
from arena.storage.campaigns.archive.replies import archived_places
from arena.storage.campaigns.ballots import ballots_given
from arena.storage.campaigns.campaigns import CampaignRecord, campaign_named
from arena.storage.database import Connection
from arena.storage.reports.casting import Casting, casting_of


@dataclass(frozen=True, slots=True)
class CampaignWork:
    """A campaign with a file, and what was done in all of it, whatever the board's other filters.

    `repeats` is how far annotators agree with themselves, `checks` how often they were right.
    """

    campaign: Campaign
    tally: Tally
    repeats: BallotShare
    checks: BallotShare


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFacts:
    """The facts of a report. `work` is None for a board that is not that of a campaign's file.

    `software` names the versions of what computed and drew.
    """

    board: DetailedBoard
    casting: Casting
    work: CampaignWork | None
    software: Mapping[str, str]
    made_at: datetime

    @property
    def title(self) -> str:
        """What the report is about."""
        return self.filter.campaign or "All votes"

    @property
    def filter(self) -> BoardFilter:
        """What the board counts."""
        return self.board.board.filter

    @property
    def annotators(self) -> int:
        """How many annotators cast the votes that count."""
        return len(self.casting.votes_each)


def facts_of(
    connection: Connection,
    board_filter: BoardFilter,
    *,
    software: Mapping[str, str],
    made_at: datetime,
) -> ReportFacts:
    """Read and compute everything from one snapshot of the votes."""
    *_, board = boards_in_turn(connection, board_filter)
    if not isinstance(board, DetailedBoard):
        raise TypeError("the last board in turn is a detailed one")
    record = campaign_named(connection, board_filter.campaign) if board_filter.campaign else None
    return ReportFacts(
        board=board,
        casting=casting_of(connection, resolved(connection, board_filter)),
        work=None if record is None else _work(connection, record),
        software={**software, "database schema": schema_revision(connection)},
        made_at=made_at,
    )


def _work(connection: Connection, record: CampaignRecord) -> CampaignWork:
    people = {account: str(account) for account in people_of(connection, record.id)}
    tally = Tally()
    counted = (
        tally.places(archived_places(connection, record.id)),
        tally.ballots(archived_ballots(connection, record.id, people)),
    )
    for _ in chain(*counted):
        pass
    found = measures(ballots_given(connection, record.id)).values()
    return CampaignWork(
        campaign=whole_campaign(record.document, tuple(archived_prompts(connection, record.id))),
        tally=tally,
        repeats=sum((one.repeats for one in found), BallotShare()),
        checks=sum((one.checks for one in found), BallotShare()),
    )
