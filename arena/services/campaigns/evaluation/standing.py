"""Where an annotator stands in a campaign."""

from dataclasses import dataclass
from datetime import datetime

from arena.domain.accounts import Caller
from arena.domain.campaign import Campaign
from arena.domain.clock import Clock
from arena.domain.days import last_midnight
from arena.domain.evaluation import (
    CampaignWords,
    EvaluationProgress,
    JudgedItem,
    NothingToJudge,
)
from arena.services.campaigns.evaluation.assigning import nothing_because
from arena.services.campaigns.evaluation.membership import has_begun
from arena.services.campaigns.evaluation.revealing import judged_items
from arena.services.campaigns.evaluation.shares import whole_share
from arena.services.campaigns.finding import StoredCampaign, found_by_name
from arena.storage.campaigns.members import MemberRecord, campaigns_of, member
from arena.storage.campaigns.progress import own_ballots
from arena.storage.database import Connection, Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where an annotator stands in a campaign.

    `begun` is whether consent and answers are there, where they are asked for. `nothing` says why
    there is nothing to judge whatever items there are. `finish` is the completion code, or the
    address to return to, of who has finished. `judged` are items whose models are named now that
    the campaign is over.
    """

    words: CampaignWords
    progress: EvaluationProgress
    begun: bool = True
    nothing: NothingToJudge | None = None
    finish: str | None = None
    judged: tuple[JudgedItem, ...] = ()


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
                none = EvaluationProgress(0, 0, None)
                return Standing(words=words, progress=none, nothing=NothingToJudge.NOT_A_MEMBER)
            return Standing(
                words=_words(stored.terms),
                progress=_progress(connection, stored, who, now),
                begun=has_begun(connection, stored, who),
                nothing=nothing_because(stored, now),
                finish=_finish(stored.terms, who),
                judged=judged_items(connection, stored, caller),
            )


def _progress(
    connection: Connection, stored: StoredCampaign, who: MemberRecord, now: datetime
) -> EvaluationProgress:
    judged, today = own_ballots(connection, stored.id, who.annotator_id, since=last_midnight(now))
    return EvaluationProgress(judged, today, whole_share(connection, stored))


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
