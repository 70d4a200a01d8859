"""Campaigns from the annotator's side: all that the evaluation page asks for."""

from collections.abc import Mapping

from arena.domain.accounts import Caller
from arena.domain.battle import Shown
from arena.domain.clock import Clock
from arena.domain.evaluation import (
    Attention,
    CampaignBallot,
    ItemView,
    NothingToJudge,
    SkipReason,
)
from arena.services.battle.voting import ModelCard
from arena.services.campaigns.evaluation.assigning import Assigning
from arena.services.campaigns.evaluation.judging import Judging
from arena.services.campaigns.evaluation.membership import Membership
from arena.services.campaigns.evaluation.revealing import Reveals
from arena.services.campaigns.evaluation.seeing import own_assignment
from arena.services.campaigns.evaluation.standing import Standing, Standings
from arena.services.campaigns.finding import found_by_number
from arena.storage.database import Database


class CampaignEvaluations:
    """One object for the page. Blocking; every method refuses with an `ArenaError`."""

    def __init__(self, database: Database, clock: Clock, assigning: Assigning) -> None:
        self._database = database
        self._standings = Standings(database, clock)
        self._membership = Membership(database, clock)
        self._assigning = assigning
        self._judging = Judging(database, clock)
        self._reveals = Reveals(database, clock)

    def campaigns(self, caller: Caller) -> tuple[str, ...]:
        """Return the names of the campaigns that the caller takes part in and that are not over.

        The caller joins those that are open and for the caller.
        """
        self._membership.join_open(caller)
        return self._standings.campaigns(caller)

    def revealed(self, caller: Caller) -> tuple[str, ...]:
        """Return the names of the campaigns that are over and named their models to the caller."""
        return self._reveals.campaigns(caller)

    def standing(self, caller: Caller, campaign: str) -> Standing:
        """Return where the caller stands in a campaign."""
        return self._standings.standing(caller, campaign)

    def begin(self, caller: Caller, campaign: str, answers: Mapping[str, str]) -> None:
        """Store the caller's consent and answers; raises `BadInput` for answers out of bounds."""
        self._membership.begin(caller, campaign, answers)

    def next(self, caller: Caller, campaign: str) -> ItemView | NothingToJudge:
        """Return the item that is reserved for the caller, or reserve the next one."""
        return self._assigning.next(caller, campaign)

    def item(self, caller: Caller, assignment_id: str) -> ItemView:
        """Return an item of the caller's own, judged or not."""
        return self._judging.item(caller, assignment_id)

    def campaign_of(self, caller: Caller, assignment_id: str) -> str:
        """Return the campaign that an item of the caller's own belongs to."""
        with self._database.reading() as connection:
            assigned = own_assignment(connection, caller, assignment_id)
            return found_by_number(connection, assigned.campaign_id).name

    def judge(
        self,
        caller: Caller,
        assignment_id: str,
        shown: Shown,
        ballot: CampaignBallot,
        attention: Attention,
    ) -> None:
        """Commit the ballot on what was shown, or replace one that is revisable."""
        self._judging.judge(caller, assignment_id, shown, ballot, attention)

    def skip(self, caller: Caller, assignment_id: str, reason: SkipReason, words: str) -> None:
        """Give an item back to others."""
        self._assigning.skip(caller, assignment_id, f"{reason.value}: {words}".rstrip(": "))

    def cards(self, caller: Caller, assignment_id: str) -> tuple[ModelCard, ...]:
        """Name the models of a judged item, in slot order; none where that is not revealed now."""
        return self._reveals.cards(caller, assignment_id)
