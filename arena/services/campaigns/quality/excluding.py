"""Leaves an annotator's ballots out of a campaign's boards, or takes them back in."""

from arena.domain.accounts import AnnotatorId
from arena.domain.characters import to_well_formed
from arena.domain.clock import Clock
from arena.services.campaigns.finding import required
from arena.services.campaigns.refusals import CampaignRefused
from arena.storage.campaigns.exclusions import exclusions_of, insert_exclusion
from arena.storage.campaigns.progress import member_counts
from arena.storage.database import Database

LONGEST_REASON = 1000


class Exclusions:
    """Exclusions from campaigns. Nothing is deleted: boards can still be asked for everything."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def exclude(
        self, name: str, annotator: str, reason: str, *, who: AnnotatorId | None = None
    ) -> int:
        """Leave all ballots out, also those to come, and return how many there are.

        Raises:
            CampaignRefused: There is no such campaign, or no such member of it; the annotator is
                excluded already; or there is no reason.
        """
        return self._change(name, annotator, reason, who, excluded=True)

    def readmit(
        self, name: str, annotator: str, reason: str = "", *, who: AnnotatorId | None = None
    ) -> int:
        """Take all ballots back in, and return how many there are.

        Raises:
            CampaignRefused: There is no such campaign, or the annotator is not excluded from it.
        """
        return self._change(name, annotator, reason, who, excluded=False)

    def _change(
        self, name: str, annotator: str, reason: str, who: AnnotatorId | None, *, excluded: bool
    ) -> int:
        why = to_well_formed(reason).strip()
        if excluded and not why:
            raise CampaignRefused("an exclusion needs a reason")
        if len(why) > LONGEST_REASON:
            raise CampaignRefused(f"the reason is longer than {LONGEST_REASON:,} characters")
        with self._database.writing() as connection:
            stored = required(connection, name)
            members = {one.name: one for one in member_counts(connection, stored.id)}
            one = members.get(annotator)
            if one is None:
                raise CampaignRefused(f"{annotator!r} takes no part in {name!r}")
            if (one.annotator_id in exclusions_of(connection, stored.id)) is excluded:
                state = "is excluded already" if excluded else "is not excluded"
                raise CampaignRefused(f"{annotator!r} {state}")
            insert_exclusion(
                connection,
                stored.id,
                one.annotator_id,
                excluded=excluded,
                reason=why,
                who=who,
                now=self._clock.now(),
            )
            return one.judged + one.repeats + one.checks
