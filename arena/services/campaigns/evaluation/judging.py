"""Takes the ballots of a campaign, and revisions until the annotator opens the next item."""

import logging
from dataclasses import replace
from datetime import datetime
from itertools import product

from arena.domain.accounts import Caller
from arena.domain.assignment import AssignmentState
from arena.domain.battle import BattleState, Shown, require_transition
from arena.domain.campaign import Protocol, ProtocolKind
from arena.domain.characters import to_well_formed
from arena.domain.clock import Clock
from arena.domain.errors import BadInput, Conflict, Refusal, Unavailable
from arena.domain.evaluation import Attention, CampaignBallot, ItemView
from arena.domain.mode import PAIR
from arena.domain.verdict import Strength
from arena.logs import about_battle, note
from arena.services.battle.views import view_of
from arena.services.battle.voting import LONGEST_COMMENT, reading_s
from arena.services.campaigns.evaluation.assigning import nothing_because, require_reserved
from arena.services.campaigns.evaluation.disagreeing import note_disagreement
from arena.services.campaigns.evaluation.seeing import battle_of, item_view, own_assignment
from arena.services.campaigns.finding import found_by_number
from arena.storage.battles import BattleRecord, move_battle
from arena.storage.campaigns.assignments import (
    AssignmentRecord,
    end_judged,
    newest_of,
    note_attention,
)
from arena.storage.database import Connection, Database, StorageError
from arena.storage.revisions import WholeBallot, ballot_in_force, insert_revision, vote_of
from arena.storage.votes import NewVote, insert_vote

logger = logging.getLogger(__name__)

UNDO = "undo"
"""The reason of a revision by the annotator."""

_SCORES = range(1, 6)


class Judging:
    """Commits ballots with the same rules as open play. Blocking."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def judge(
        self,
        caller: Caller,
        assignment_id: str,
        shown: Shown,
        ballot: CampaignBallot,
        attention: Attention,
    ) -> None:
        """Commit the ballot on what was shown, or replace the one that is revisable.

        A reservation that has expired still counts while nobody else has got its place.

        Raises:
            NotFound, NotAllowed: It is not the caller's.
            BadInput: The ballot does not fit the protocol.
            Conflict: It went to others, cannot be revised any more, something else was shown, or
                the campaign takes no votes.
            Unavailable: The database could not commit it.
        """
        with about_battle(shown.battle_id):
            try:
                with self._database.writing() as connection:
                    self._judge(connection, caller, assignment_id, shown, ballot, attention)
            except StorageError as error:
                logger.exception("a ballot could not be committed")
                raise Unavailable(Refusal.VOTE_NOT_SAVED) from error
            note("a ballot is stored", item=assignment_id)

    def item(self, caller: Caller, assignment_id: str) -> ItemView:
        """Return an item of the caller's own, judged or not; raises as `judge` does."""
        with self._database.reading() as connection:
            assigned = own_assignment(connection, caller, assignment_id)
            return item_view(connection, assigned, revisable=is_revisable(connection, assigned))

    def _judge(
        self,
        connection: Connection,
        caller: Caller,
        assignment_id: str,
        shown: Shown,
        ballot: CampaignBallot,
        attention: Attention,
    ) -> None:
        now = self._clock.now()
        assigned = own_assignment(connection, caller, assignment_id)
        stored = found_by_number(connection, assigned.campaign_id)
        if nothing_because(stored, now) is not None:
            raise Conflict(Refusal.CAMPAIGN_NOT_OPEN)
        record = battle_of(connection, assigned)
        view_of(record).require(shown)
        require_fitting(ballot, stored.terms.protocol, slots=len(record.slots))
        if is_revisable(connection, assigned):
            self._revise(connection, caller, record, ballot, now)
        else:
            require_reserved(assigned)
            self._insert(connection, assigned, record, ballot, now)
        note_disagreement(connection, stored, assigned)
        note_attention(connection, assigned.id, attention)

    def _insert(
        self,
        connection: Connection,
        assigned: AssignmentRecord,
        record: BattleRecord,
        ballot: CampaignBallot,
        now: datetime,
    ) -> None:
        require_transition(record.state, BattleState.VOTED)
        said = _whole(ballot)
        vote = NewVote(
            battle_id=record.id,
            annotator_id=record.annotator_id,
            verdict=said.verdict,
            ranks=said.ranks,
            reasons=said.reasons,
            comment=said.comment,
            reading_s=reading_s(record.completed_at, now),
            strength=said.strength,
            scores=said.scores,
        )
        insert_vote(connection, vote, now)
        move_battle(connection, record.id, sources={BattleState.COMPLETE}, target=BattleState.VOTED)
        end_judged(connection, assigned.id, now)

    def _revise(
        self,
        connection: Connection,
        caller: Caller,
        record: BattleRecord,
        ballot: CampaignBallot,
        now: datetime,
    ) -> None:
        vote_id = vote_of(connection, record.id)
        if vote_id is None:
            raise Conflict(Refusal.BATTLE_CLOSED)
        said = _whole(ballot)
        if not _is_same(said, ballot_in_force(connection, record.id)):
            insert_revision(connection, vote_id, said, who=caller.id, why=UNDO, now=now)


def is_revisable(connection: Connection, assigned: AssignmentRecord) -> bool:
    """Return whether a ballot may still be replaced.

    It may until its annotator opens the next item, or has learned which models answered.
    """
    if assigned.state is not AssignmentState.JUDGED:
        return False
    if battle_of(connection, assigned).revealed_at is not None:
        return False
    newest = newest_of(connection, assigned.campaign_id, assigned.annotator_id)
    return newest == assigned.id


def require_fitting(ballot: CampaignBallot, protocol: Protocol, *, slots: int) -> None:
    """Raise `BadInput` unless a ballot says what the protocol asks for, and no more."""
    if protocol.kind is ProtocolKind.PAIRWISE:
        _require_verdict(ballot, protocol, slots)
    elif ballot.verdict is not None or ballot.much is not None or not _ranks_fit(ballot, slots):
        raise BadInput(Refusal.WRONG_VERDICT)
    wanted = set(product(range(slots), protocol.criteria))
    if ballot.scores.keys() != wanted:
        raise BadInput(Refusal.BALLOT_INCOMPLETE)
    if any(score not in _SCORES for score in ballot.scores.values()):
        raise BadInput(Refusal.WRONG_VERDICT)
    if any(not 0 <= position < slots for position, _ in ballot.reasons):
        raise BadInput(Refusal.WRONG_VERDICT)
    if (ballot.reasons and not protocol.reasons) or (ballot.comment and not protocol.comment):
        raise BadInput(Refusal.WRONG_VERDICT)
    if len(ballot.comment) > LONGEST_COMMENT:
        raise BadInput(Refusal.COMMENT_TOO_LONG, length=len(ballot.comment), limit=LONGEST_COMMENT)


def _require_verdict(ballot: CampaignBallot, protocol: Protocol, slots: int) -> None:
    if ballot.verdict is None or ballot.ranks or slots != PAIR:
        raise BadInput(Refusal.WRONG_VERDICT)
    asked = protocol.strength and ballot.verdict.decisive
    if asked and ballot.much is None:
        raise BadInput(Refusal.BALLOT_INCOMPLETE)
    if not asked and ballot.much is not None:
        raise BadInput(Refusal.WRONG_VERDICT)


def _ranks_fit(ballot: CampaignBallot, slots: int) -> bool:
    ranks = ballot.ranks
    return len(ranks) == slots and all(1 <= rank <= slots for rank in ranks) and 1 in ranks


def _is_same(one: WholeBallot, other: WholeBallot | None) -> bool:
    """Return whether a ballot came a second time, as by a double click."""
    return other is not None and replace(one, reasons=sorted(set(one.reasons))) == replace(
        other, reasons=sorted(set(other.reasons))
    )


def _whole(ballot: CampaignBallot) -> WholeBallot:
    strength = None
    if ballot.much is not None:
        strength = Strength.MUCH if ballot.much else Strength.SLIGHTLY
    return WholeBallot(
        verdict=ballot.verdict,
        ranks=ballot.ranks,
        strength=strength,
        scores=ballot.scores,
        reasons=ballot.reasons,
        comment=to_well_formed(ballot.comment).strip(),
    )
