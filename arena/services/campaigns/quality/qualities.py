"""The quality of a campaign's ballots while it runs, with proposals and never a consequence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import BattlePurpose
from arena.domain.campaign import CampaignModel
from arena.services.campaigns.finding import required
from arena.services.campaigns.quality.measuring import Measures, measures
from arena.services.campaigns.quality.opinions import as_shown
from arena.services.campaigns.quality.shares import BallotShare, total
from arena.services.campaigns.quality.signs import Sign, signs_of
from arena.statistics.agreement import Agreement, agreement
from arena.statistics.comparisons import Comparison, from_rows
from arena.storage.campaigns.ballots import GivenBallot, ballots_given
from arena.storage.campaigns.exclusions import Exclusion, exclusions_of
from arena.storage.campaigns.progress import MemberCount, member_counts
from arena.storage.database import Database

_NO_BALLOTS = Measures(
    ballots=0,
    others=BallotShare(),
    repeats=BallotShare(),
    checks=BallotShare(),
    first_side=BallotShare(),
    fast=BallotShare(),
    seconds=None,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class AnnotatorReport:
    """One member: what the ballots tell, what is worth a look, and whether they are left out."""

    id: AnnotatorId
    name: str
    group: str | None
    measures: Measures
    signs: tuple[Sign, ...]
    exclusion: Exclusion | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignQuality:
    """Quality of all ballots: by member, in the order of joining, and of all together.

    `ballots` counts neither repeats nor check items.
    `agreement` and the shares leave out who is excluded.
    """

    name: str
    ballots: int
    agreement: Agreement
    repeats: BallotShare
    checks: BallotShare
    first_side: BallotShare
    annotators: tuple[AnnotatorReport, ...]


class CampaignQualities:
    """Reads the quality of campaigns. Blocking; some seconds for a hundred thousand ballots."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def quality(self, name: str) -> CampaignQuality:
        """Return how the annotators of a campaign have judged so far.

        Raises:
            CampaignRefused: There is no such campaign.
        """
        with self._database.reading() as connection:
            stored = required(connection, name)
            ballots = ballots_given(connection, stored.id)
            members = member_counts(connection, stored.id)
            excluded = exclusions_of(connection, stored.id)
        counted = [one for one in ballots if one.annotator_id not in excluded]
        found = measures(ballots)
        in_force = [one for who, one in found.items() if who not in excluded]
        return CampaignQuality(
            name=stored.name,
            ballots=sum(one.purpose is BattlePurpose.JUDGED for one in ballots),
            agreement=_agreement(counted, stored.terms.models),
            repeats=total(one.repeats for one in in_force),
            checks=total(one.checks for one in in_force),
            first_side=total(one.first_side for one in in_force),
            annotators=_reports(members, found, excluded),
        )


def _reports(
    members: Sequence[MemberCount],
    found: Mapping[AnnotatorId, Measures],
    excluded: Mapping[AnnotatorId, Exclusion],
) -> tuple[AnnotatorReport, ...]:
    """Compare everybody with those who are counted, and with themselves."""
    in_force = {who: one for who, one in found.items() if who not in excluded}
    return tuple(
        AnnotatorReport(
            id=one.annotator_id,
            name=one.name,
            group=one.group,
            measures=(own := found.get(one.annotator_id, _NO_BALLOTS)),
            signs=signs_of(own, tuple({**in_force, one.annotator_id: own}.values())),
            exclusion=excluded.get(one.annotator_id),
        )
        for one in members
    )


def _agreement(ballots: Sequence[GivenBallot], models: Sequence[CampaignModel]) -> Agreement:
    """Compute the agreement that boards show, of which the sides as shown are a part."""
    return agreement(
        from_rows(
            Comparison(
                models[earlier].key,
                models[later].key,
                verdict,
                annotator=ballot.annotator_id,
                prompt=ballot.prompt,
                answers=ballot.item_id,
            )
            for ballot in ballots
            if ballot.purpose is BattlePurpose.JUDGED
            for earlier, later, verdict in as_shown(ballot)
        )
    )
