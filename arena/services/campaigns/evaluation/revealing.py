"""Names the models of a campaign to its annotators, when its file says so."""

from arena.domain.accounts import Caller
from arena.domain.assignment import AssignmentState, BattlePurpose, CampaignState
from arena.domain.campaign import CampaignReveal
from arena.domain.clock import Clock
from arena.services.battle.voting import ModelCard, card_of
from arena.services.campaigns.evaluation.seeing import own_assignment
from arena.services.campaigns.finding import StoredCampaign, found_by_number
from arena.storage.battles import mark_revealed
from arena.storage.campaigns.assignments import AssignmentRecord
from arena.storage.database import Database
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
