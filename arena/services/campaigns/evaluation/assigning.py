"""Gives annotators what to judge: one item at a time, reserved until it expires."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from random import Random

from arena.domain.accounts import Caller
from arena.domain.assignment import AssignmentId, AssignmentState, BattlePurpose, CampaignState
from arena.domain.battle import BattleId
from arena.domain.characters import to_well_formed
from arena.domain.clock import Clock
from arena.domain.errors import BadInput, Conflict, NotAllowed, Refusal
from arena.domain.evaluation import ItemView, NothingToJudge
from arena.services.battle.voting import LONGEST_COMMENT
from arena.services.campaigns.evaluation.choosing import Choice, Chooser
from arena.services.campaigns.evaluation.membership import has_begun, required_member
from arena.services.campaigns.evaluation.seeing import fresh_view, item_view, own_assignment
from arena.services.campaigns.evaluation.shares import has_judged, left_of_share
from arena.services.campaigns.evaluation.stopping import EnoughIsKnown, StopRule, VotesPerPair
from arena.services.campaigns.finding import StoredCampaign, found_by_name
from arena.storage.campaigns.assignments import (
    AssignmentRecord,
    NewAssignment,
    give_back,
    history,
    insert_assignment,
    is_any_reserved,
    overdue,
)
from arena.storage.campaigns.battles import (
    AssignedBattle,
    check_given,
    insert_assigned_battle,
    replies_given,
)
from arena.storage.campaigns.members import mark_finished
from arena.storage.campaigns.prompts import prompt
from arena.storage.database import Connection, Database

_STATES = {
    CampaignState.CREATED: NothingToJudge.NOT_OPEN,
    CampaignState.PAUSED: NothingToJudge.PAUSED,
    CampaignState.CLOSED: NothingToJudge.CLOSED,
}


class Assigning:
    """Assigns items under the write lock. Blocking; safe on several threads and servers.

    `random` is `SystemRandom` in production: nobody can foresee what comes next.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        random: Random,
        new_id: Callable[[], str],
    ) -> None:
        self._database = database
        self._clock = clock
        self._new_id = new_id
        self._rules: tuple[StopRule, ...] = (VotesPerPair(), EnoughIsKnown(clock))
        self._chooser = Chooser(random, self._rules)

    def next(self, caller: Caller, campaign: str) -> ItemView | NothingToJudge:
        """Return the item that is reserved for the caller, or reserve the next one.

        Raises:
            NotFound: There is no such campaign, or the caller is no member.
            NotAllowed: Consent or answers are missing.
            StorageError: The database could not reserve it.
        """
        now = self._clock.now()
        self._look(campaign)
        with self._database.writing() as connection:
            stored = found_by_name(connection, campaign)
            who = required_member(connection, stored, caller)
            if (reason := nothing_because(stored, now)) is not None:
                return reason
            if not has_begun(connection, stored, who):
                raise NotAllowed(Refusal.CONSENT_NEEDED)
            for one in overdue(connection, now):
                give_back(connection, one, AssignmentState.EXPIRED)
            given = history(connection, stored.id, caller.id)
            reserved = [one for one in given if one.state is AssignmentState.RESERVED]
            if reserved:
                return item_view(connection, reserved[-1])
            choice = self._chooser.choose(connection, stored, caller.id, given)
            if choice is None:
                return self._nothing(connection, stored, caller, given, now)
            return self._reserve(connection, stored, caller, choice, now)

    def skip(self, caller: Caller, assignment_id: str, reason: str) -> None:
        """Give a reserved item of the caller's back to others, for a reason in words.

        Raises:
            NotFound, NotAllowed: It is not the caller's.
            Conflict: It is judged already, or went to others.
            BadInput: There is no reason, or it is too long.
        """
        why = to_well_formed(reason).strip()
        if not why:
            raise BadInput(Refusal.BALLOT_INCOMPLETE)
        if len(why) > LONGEST_COMMENT:
            raise BadInput(Refusal.COMMENT_TOO_LONG, length=len(why), limit=LONGEST_COMMENT)
        with self._database.writing() as connection:
            assigned = own_assignment(connection, caller, assignment_id)
            require_reserved(assigned)
            give_back(connection, assigned, AssignmentState.SKIPPED, skip_reason=why)

    def _look(self, campaign: str) -> None:
        with self._database.reading() as connection:
            stored = found_by_name(connection, campaign)
            for rule in self._rules:
                rule.look(connection, stored)

    def _nothing(
        self,
        connection: Connection,
        stored: StoredCampaign,
        caller: Caller,
        given: Sequence[AssignmentRecord],
        now: datetime,
    ) -> NothingToJudge:
        has_more = left_of_share(connection, stored, given) != 0
        if has_more and is_any_reserved(connection, stored.id, unseen_by=caller.id):
            return NothingToJudge.ALL_RESERVED
        if stored.terms.crowd is not None and not has_judged(given):
            return NothingToJudge.FULL
        mark_finished(connection, stored.id, caller.id, now)
        return NothingToJudge.FINISHED

    def _reserve(
        self,
        connection: Connection,
        stored: StoredCampaign,
        caller: Caller,
        choice: Choice,
        now: datetime,
    ) -> ItemView:
        given = check_given if choice.purpose is BattlePurpose.CHECK else replies_given
        battle = AssignedBattle(
            id=BattleId(self._new_id()),
            campaign_id=stored.id,
            annotator_id=caller.id,
            purpose=choice.purpose,
            prompt=prompt(connection, stored.id, choice.prompt).prompt,
            ordering=choice.ordering,
            given=given(connection, stored.id, choice.prompt),
        )
        record = insert_assigned_battle(connection, battle, now)
        assignment = NewAssignment(
            id=AssignmentId(self._new_id()),
            item_id=choice.item_id,
            annotator_id=caller.id,
            ordering=choice.ordering,
            battle_id=battle.id,
            expires_at=now + timedelta(minutes=stored.terms.time_limits.minutes_per_item),
            repeat_of=choice.repeat_of,
        )
        insert_assignment(connection, assignment, now)
        return fresh_view(assignment.id, record, battle.prompt)


def nothing_because(stored: StoredCampaign, now: datetime) -> NothingToJudge | None:
    """Return why a campaign takes no votes now; None while it does."""
    last_day = stored.terms.time_limits.last_day
    if last_day is not None and now.date() > last_day:
        return NothingToJudge.CLOSED
    return _STATES.get(stored.state)


def require_reserved(assigned: AssignmentRecord) -> None:
    """Raise `Conflict` unless an assignment still waits for its ballot."""
    if assigned.state is AssignmentState.JUDGED:
        raise Conflict(Refusal.ALREADY_VOTED)
    if assigned.state is not AssignmentState.RESERVED:
        raise Conflict(Refusal.ITEM_EXPIRED)
