"""Where an annotator stands in a campaign."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil

from arena.domain.accounts import Caller
from arena.domain.assignment import AssignmentState, BattlePurpose
from arena.domain.campaign import Campaign
from arena.domain.clock import Clock
from arena.domain.days import last_midnight
from arena.domain.evaluation import CampaignWords, EvaluationProgress, NothingToJudge
from arena.services.campaigns.evaluation.assigning import nothing_because
from arena.services.campaigns.evaluation.choosing import OwnHistory
from arena.services.campaigns.evaluation.membership import has_begun
from arena.services.campaigns.evaluation.shares import left_of_share
from arena.services.campaigns.finding import StoredCampaign, found_by_name
from arena.storage.campaigns.assignments import AssignmentRecord, history
from arena.storage.campaigns.items import checks_never_had, open_items, open_items_had
from arena.storage.campaigns.members import MemberRecord, campaigns_of, count_members, member
from arena.storage.campaigns.progress import own_ballots
from arena.storage.database import Connection, Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an annotator stands in a campaign.

    `begun` is whether consent and answers are there, where they are asked for. `nothing` says why
    there is nothing to judge whatever items there are. `finish` is the completion code, or the
    address to return to, of who has finished.
    """

    words: CampaignWords
    progress: EvaluationProgress
    begun: bool = True
    nothing: NothingToJudge | None = None
    finish: str | None = None


class Standings:
    """Reads where annotators stand. Blocking."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def campaigns(self, caller: Caller) -> tuple[str, ...]:
        """Return the names of the campaigns that the caller takes part in and that are not over."""
        with self._database.reading() as connection:
            return campaigns_of(connection, caller.id)

    def standing(self, caller: Caller, campaign: str) -> Standing:
        """Return where the caller stands in a campaign; raises `NotFound`."""
        now = self._clock.now()
        with self._database.reading() as connection:
            stored = found_by_name(connection, campaign)
            who = member(connection, stored.id, caller.id)
            if who is None:
                words = CampaignWords(name=campaign, protocol=stored.terms.protocol)
                none = EvaluationProgress(0, 0, 0)
                return Standing(words=words, progress=none, nothing=NothingToJudge.NOT_A_MEMBER)
            return Standing(
                words=_words(stored.terms),
                progress=_progress(connection, stored, who, now),
                begun=has_begun(connection, stored, who),
                nothing=nothing_because(stored, now),
                finish=_finish(stored.terms, who),
            )


def _progress(
    connection: Connection, stored: StoredCampaign, who: MemberRecord, now: datetime
) -> EvaluationProgress:
    """Return ballots given and expected, repeats and check items included.

    Expected is the item in front of the member, and an equal share of what else is left, though
    never more than the member can still judge; of a crowd, an equal share of everything. Repeats
    and check items are among them from the start: a number that grew when one comes would tell it.
    """
    judged, today = own_ballots(connection, stored.id, who.annotator_id, since=last_midnight(now))
    given = history(connection, stored.id, who.annotator_id)
    own, in_front = OwnHistory(given), _purposes_in_front(given)
    fresh = _fresh_left(connection, stored, who, given)
    repeats = ceil(stored.terms.repeats * (len(own.judged) + fresh)) - own.repeats
    checks = len(checks_never_had(connection, stored.id, who.annotator_id))
    silent = len(in_front) - in_front.count(BattlePurpose.JUDGED)
    return EvaluationProgress(judged, today, judged + fresh + max(repeats, 0) + checks + silent)


def _purposes_in_front(given: Sequence[AssignmentRecord]) -> list[BattlePurpose]:
    return [one.purpose for one in given if one.state is AssignmentState.RESERVED]


def _fresh_left(
    connection: Connection,
    stored: StoredCampaign,
    who: MemberRecord,
    given: Sequence[AssignmentRecord],
) -> int:
    """Count the items that are still for a member, repeats and check items apart."""
    record = stored.record
    open_ones = open_items(connection, stored.id, overlap=record.overlap, most=record.most)
    left = sum(
        record.places_left(taken) * number
        for taken, count in open_ones.items()
        for number in count.values()
    )
    fresh = _purposes_in_front(given).count(BattlePurpose.JUDGED)
    if stored.terms.crowd is not None:
        own = min(left + fresh, left_of_share(connection, stored, given) or 0)
    else:
        had = open_items_had(
            connection,
            stored.id,
            who.annotator_id,
            overlap=record.overlap,
            most=record.most,
        )
        free = sum(sum(count.values()) for count in open_ones.values()) - had
        people = max(count_members(connection, stored.id), stored.terms.people, 1)
        own = min(ceil((left + fresh) / people), free + fresh)
    return max(own, fresh)


def _words(terms: Campaign) -> CampaignWords:
    return CampaignWords(
        name=terms.name,
        protocol=terms.protocol,
        guidelines=terms.guidelines,
        consent=terms.consent,
        questions=terms.questions,
        categories=terms.categories,
    )


def _finish(terms: Campaign, who: MemberRecord) -> str | None:
    if terms.crowd is None or who.finished_at is None:
        return None
    return terms.crowd.completion_code or terms.crowd.return_address
