"""Names the models of a campaign to its annotators, when its file says so."""

from arena.domain.accounts import Caller
from arena.domain.assignment import AssignmentState, BattlePurpose, CampaignState
from arena.domain.campaign import CampaignReveal
from arena.domain.clock import Clock
from arena.domain.evaluation import JudgedItem
from arena.services.battle.voting import ModelCard, card_of
from arena.services.campaigns.evaluation.seeing import own_assignment
from arena.services.campaigns.finding import (
    StoredCampaign,
    found_by_name,
    found_by_number,
)
from arena.storage.battles import mark_revealed
from arena.storage.campaigns.assignments import AssignmentRecord, history
from arena.storage.campaigns.members import closed_campaigns_of
from arena.storage.campaigns.prompts import prompts_of
from arena.storage.database import Connection, Database
from arena.storage.models import snapshots_of_battle
from arena.storage.revisions import WholeBallot, ballot_in_force


class Reveals:
    """Reveals judged items. Blocking."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def cards(self, caller: Caller, assignment_id: str) -> tuple[ModelCard, ...]:
        """Name the models of a judged item in slot order; none where they are not revealed now.

        A ballot cannot be replaced afterwards. Check items name nobody.
        """
        with self._database.writing() as connection:
            assigned = own_assignment(connection, caller, assignment_id)
            stored = found_by_number(connection, assigned.campaign_id)
            said = ballot_in_force(connection, assigned.battle_id)
            if said is None or not _is_revealed(stored, assigned):
                return ()
            mark_revealed(connection, assigned.battle_id, self._clock.now())
            snapshots = snapshots_of_battle(connection, assigned.battle_id)
        return tuple(
            card_of(slot, snapshot, winner=_has_won(slot, said))
            for slot, snapshot in enumerate(snapshots)
        )

    def campaigns(self, caller: Caller) -> tuple[str, ...]:
        """Return the names of the campaigns that are over and named their models to the caller."""
        with self._database.reading() as connection:
            return tuple(
                name
                for name in closed_campaigns_of(connection, caller.id)
                if judged_items(connection, found_by_name(connection, name), caller)
            )


def judged_items(
    connection: Connection, stored: StoredCampaign, caller: Caller
) -> tuple[JudgedItem, ...]:
    """Return what the caller judged, oldest first, if the models are named now that it is over.

    Repeats and check items are not among them: who looks back is not told which they were.
    """
    if stored.state is not CampaignState.CLOSED or stored.terms.reveal is CampaignReveal.NEVER:
        return ()
    asked = {one.number: one.prompt.turns[0] for one in prompts_of(connection, stored.id)}
    return tuple(
        JudgedItem(one.id, asked[one.prompt])
        for one in history(connection, stored.id, caller.id)
        if one.state is AssignmentState.JUDGED and one.purpose is BattlePurpose.JUDGED
    )


def _is_revealed(stored: StoredCampaign, assigned: AssignmentRecord) -> bool:
    if (
        assigned.state is not AssignmentState.JUDGED
        or assigned.purpose is BattlePurpose.CHECK
        or stored.terms.reveal is CampaignReveal.NEVER
    ):
        return False
    after_vote = stored.terms.reveal is CampaignReveal.AFTER_VOTE
    return after_vote or stored.state is CampaignState.CLOSED


def _has_won(slot: int, said: WholeBallot) -> bool:
    if said.verdict is not None:
        return said.verdict.winner == slot
    return said.ranks[slot] == 1 and list(said.ranks).count(1) == 1
