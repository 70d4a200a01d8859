"""What the evaluation page needs from the application."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from markupsafe import Markup

from arena.domain.accounts import Caller
from arena.domain.battle import Shown
from arena.domain.evaluation import (
    Attention,
    CampaignBallot,
    ItemView,
    NothingToJudge,
    SkipReason,
)
from arena.services.battle.voting import ModelCard
from arena.services.campaigns.evaluation.standing import Standing


class Evaluations(Protocol):
    """Campaigns from the annotator's side. Blocking; every method refuses with an `ArenaError`."""

    def campaigns(self, caller: Caller) -> tuple[str, ...]:
        """Return the names of the campaigns that the caller takes part in and that are not over."""
        ...

    def revealed(self, caller: Caller) -> tuple[str, ...]:
        """Return the names of the campaigns that are over and named their models to the caller."""
        ...

    def standing(self, caller: Caller, campaign: str) -> Standing:
        """Return where the caller stands in a campaign."""
        ...

    def begin(self, caller: Caller, campaign: str, answers: Mapping[str, str]) -> None:
        """Store the caller's consent and answers; raises `BadInput` for answers out of bounds."""
        ...

    def next(self, caller: Caller, campaign: str) -> ItemView | NothingToJudge:
        """Return the item that is reserved for the caller, or reserve the next one."""
        ...

    def item(self, caller: Caller, assignment_id: str) -> ItemView:
        """Return an item of the caller's own, judged or not."""
        ...

    def campaign_of(self, caller: Caller, assignment_id: str) -> str:
        """Return the campaign that an item of the caller's own belongs to."""
        ...

    def judge(
        self,
        caller: Caller,
        assignment_id: str,
        shown: Shown,
        ballot: CampaignBallot,
        attention: Attention,
    ) -> None:
        """Commit the ballot on what was shown, or replace one that is revisable."""
        ...

    def skip(self, caller: Caller, assignment_id: str, reason: SkipReason, words: str) -> None:
        """Give an item back to others."""
        ...

    def cards(self, caller: Caller, assignment_id: str) -> tuple[ModelCard, ...]:
        """Name the models of a judged item, in slot order; none where that is not revealed now."""
        ...


class RendersAnswers(Protocol):
    """Turns a reply into blocks of HTML."""

    def __call__(self, text: str) -> Iterable[Markup]:
        """Return the blocks of a complete answer."""
        ...
