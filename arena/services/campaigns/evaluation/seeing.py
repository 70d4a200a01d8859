"""An item as its annotator may see it."""

from dataclasses import replace

from arena.domain.accounts import Caller
from arena.domain.assignment import AssignmentId
from arena.domain.campaign import CampaignPrompt
from arena.domain.errors import NotAllowed, NotFound, Refusal
from arena.domain.evaluation import CampaignBallot, ItemView
from arena.domain.verdict import Strength
from arena.services.battle.views import view_of
from arena.storage.battles import BattleRecord, battle
from arena.storage.campaigns.assignments import AssignmentRecord, assignment
from arena.storage.campaigns.prompts import prompt
from arena.storage.database import Connection
from arena.storage.revisions import WholeBallot, ballot_in_force


def own_assignment(connection: Connection, caller: Caller, assignment_id: str) -> AssignmentRecord:
    """Return an assignment of the caller's; raises `NotFound` or `NotAllowed`."""
    found = assignment(connection, assignment_id)
    if found is None:
        raise NotFound(Refusal.BATTLE_NOT_FOUND)
    if found.annotator_id != caller.id:
        raise NotAllowed(Refusal.NOT_YOUR_BATTLE)
    return found


def battle_of(connection: Connection, assigned: AssignmentRecord) -> BattleRecord:
    """Return the battle of an assignment; raises `NotFound`."""
    record = battle(connection, assigned.battle_id)
    if record is None:
        raise NotFound(Refusal.BATTLE_NOT_FOUND)
    return record


def fresh_view(
    assignment_id: AssignmentId, record: BattleRecord, asked: CampaignPrompt
) -> ItemView:
    """Return the view of an item that was reserved just now."""
    return ItemView(
        assignment_id=assignment_id,
        battle=view_of(record),
        language=asked.language,
        category=asked.category,
        notes=asked.notes,
    )


def item_view(
    connection: Connection, assigned: AssignmentRecord, *, revisable: bool = False
) -> ItemView:
    """Return the view of an assignment. It has no place for what kind of item it is."""
    record = battle_of(connection, assigned)
    asked = prompt(connection, assigned.campaign_id, assigned.prompt).prompt
    said = ballot_in_force(connection, assigned.battle_id)
    view = fresh_view(assigned.id, record, asked)
    return replace(view, ballot=_ballot(said) if said else None, revisable=revisable)


def _ballot(said: WholeBallot) -> CampaignBallot:
    return CampaignBallot(
        verdict=said.verdict,
        much=None if said.strength is None else said.strength is Strength.MUCH,
        ranks=tuple(said.ranks),
        scores=dict(said.scores),
        reasons=tuple(said.reasons),
        comment=said.comment,
    )
