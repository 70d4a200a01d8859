"""Opens an item on which its annotators disagree for further ones."""

from collections.abc import Sequence

from arena.domain.assignment import BattlePurpose
from arena.services.campaigns.finding import StoredCampaign
from arena.storage.campaigns.assignments import AssignmentRecord
from arena.storage.campaigns.ballots import GivenBallot, opinions_on
from arena.storage.campaigns.items import mark_disputed
from arena.storage.database import Connection

_BEST = 1


def note_disagreement(
    connection: Connection, campaign: StoredCampaign, judged: AssignmentRecord
) -> None:
    """Decide about the item of a ballot that was just given or replaced, in its transaction.

    It is decided once the overlap is reached, and again by every later ballot or revision.
    """
    record = campaign.record
    if record.most <= record.overlap or judged.purpose is not BattlePurpose.JUDGED:
        return
    ballots = opinions_on(connection, judged.item_id)
    if len(ballots) >= record.overlap:
        mark_disputed(connection, judged.item_id, disputed=do_disagree(ballots))


def do_disagree(ballots: Sequence[GivenBallot]) -> bool:
    """Return whether verdicts differ, or no model is among the best of all rankings.

    Rankings of several models hardly ever are the same: only who is best is asked.
    """
    best = [_best(ballot) for ballot in ballots if ballot.ranks]
    if best:
        return not frozenset.intersection(*best)
    return len({_said(ballot) for ballot in ballots}) > 1


def _best(ballot: GivenBallot) -> frozenset[int]:
    placed = zip(ballot.ordering, ballot.ranks, strict=True)
    return frozenset(model for model, rank in placed if rank == _BEST)


def _said(ballot: GivenBallot) -> object:
    """Return the verdict as said of the two models, whichever sides they stood on."""
    first, second = ballot.ordering
    verdict = ballot.verdict
    return verdict if verdict is None or first < second else verdict.mirrored
