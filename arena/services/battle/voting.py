"""The vote: committed first, revealed afterwards, once per battle."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from arena.domain.accounts import Caller
from arena.domain.battle import BattleId, BattleState, Shown, require_transition, slot_letter
from arena.domain.characters import to_well_formed
from arena.domain.clock import Clock
from arena.domain.days import last_midnight
from arena.domain.errors import BadInput, Conflict, Refusal, Unavailable
from arena.domain.mode import Mode
from arena.domain.reply import FlagKind
from arena.domain.reveal import RevealPolicy
from arena.domain.verdict import Reason, Verdict
from arena.logs import about_battle, note
from arena.services.battle.store import own_battle
from arena.services.battle.views import view_of
from arena.storage.battles import mark_revealed, move_battle
from arena.storage.database import Connection, Database, StorageError
from arena.storage.models import ModelSnapshot, snapshots_of_battle
from arena.storage.replies import Flag
from arena.storage.votes import NewVote, count_votes, insert_vote, is_stored, verdict_of

logger = logging.getLogger(__name__)

LONGEST_COMMENT = 4000


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballot:
    """What an annotator submits: a verdict, or for N slots `ranks` by slot (1 is best)."""

    verdict: Verdict | None = None
    ranks: tuple[int, ...] = ()
    recognised: bool = False
    reasons: tuple[tuple[int, Reason], ...] = ()
    comment: str = ""


@dataclass(frozen=True, slots=True)
class ModelCard:
    """A contestant after the vote."""

    slot: str
    name: str
    key: str
    license: str | None
    description: str
    links: Mapping[str, str]
    winner: bool


@dataclass(frozen=True, slots=True)
class Reveal:
    """What the vote was, and who answered in slot order; no cards where that is never told.

    `votes_today` counts the annotator's votes since midnight where the server stands.
    """

    battle_id: BattleId
    verdict: Verdict | None
    cards: tuple[ModelCard, ...]
    votes_today: int


class Voting:
    """Takes votes and reveals models as the policy says. Blocking: callers keep it off the loop.

    `release` ends a voted battle's hold on its models. It is called from the caller's thread.
    """

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        release: Callable[[BattleId], None],
        policy: RevealPolicy = RevealPolicy.AFTER_VOTE,
    ) -> None:
        self._policy = policy
        self._database = database
        self._clock = clock
        self._release = release

    def cast(self, caller: Caller, shown: Shown, ballot: Ballot, *, again: bool = False) -> Reveal:
        """Commit the vote on what was shown, then reveal.

        With `again` an earlier attempt has failed, perhaps after its commit: a vote that is
        there already and says the same is that attempt's, and the models are revealed.

        Raises `NotFound`, `NotAllowed`, `BadInput` or `Conflict` when the vote is not accepted,
        and `Unavailable(VOTE_NOT_SAVED)` when the database could not commit it; nothing is
        revealed then. Whatever runs at once, a battle gets one vote.
        """
        with about_battle(shown.battle_id):
            self._commit(caller, shown, ballot, again=again)
            self._release(shown.battle_id)
            try:
                return self.reveal(caller, shown.battle_id)
            except StorageError as error:
                logger.exception("a vote is saved, but its battle could not be revealed")
                raise Unavailable(Refusal.NOT_REVEALED) from error

    def reveal(self, caller: Caller, battle_id: str) -> Reveal:
        """Tell a battle's own annotator what the committed vote was, and name the models.

        Where the policy is never to name them, no model is read and `revealed_at` stays empty.
        """
        with self._database.writing() as connection:
            record = own_battle(connection, caller, battle_id)
            if record.state is not BattleState.VOTED:
                raise Conflict(Refusal.NOT_COMPLETE)
            now = self._clock.now()
            verdict = verdict_of(connection, battle_id)
            today = count_votes(connection, caller.id, since=last_midnight(now))
            if self._policy is RevealPolicy.NEVER:
                return Reveal(record.id, verdict, (), today)
            mark_revealed(connection, record.id, now)
            snapshots = snapshots_of_battle(connection, battle_id)
        winner = verdict.winner if verdict is not None else None
        cards = tuple(
            card_of(position, snapshot, winner=position == winner)
            for position, snapshot in enumerate(snapshots)
        )
        return Reveal(record.id, verdict, cards, today)

    def _commit(self, caller: Caller, shown: Shown, ballot: Ballot, *, again: bool) -> None:
        try:
            with self._database.writing() as connection:
                self._insert(connection, caller, shown, ballot, again=again)
        except StorageError as error:
            logger.exception("a vote could not be committed")
            raise Unavailable(Refusal.VOTE_NOT_SAVED) from error
        note("a vote is stored")

    def _insert(
        self,
        connection: Connection,
        caller: Caller,
        shown: Shown,
        ballot: Ballot,
        *,
        again: bool,
    ) -> None:
        record = own_battle(connection, caller, shown.battle_id)
        now = self._clock.now()
        vote = NewVote(
            battle_id=record.id,
            annotator_id=caller.id,
            verdict=ballot.verdict,
            ranks=ballot.ranks,
            reasons=ballot.reasons,
            comment=to_well_formed(ballot.comment).strip(),
            reading_s=reading_s(record.completed_at, now),
            flags=(Flag(FlagKind.RECOGNISED),) if ballot.recognised else (),
        )
        if again and is_stored(connection, vote):
            return
        require_transition(record.state, BattleState.VOTED)
        view_of(record).require(shown)
        _check(ballot, slots=len(record.slots))
        insert_vote(connection, vote, now)
        move_battle(connection, record.id, sources={BattleState.COMPLETE}, target=BattleState.VOTED)


def reading_s(seen: datetime | None, now: datetime) -> float | None:
    """Return seconds of reading; None also when the clock was set back meanwhile."""
    return (now - seen).total_seconds() if seen is not None and seen <= now else None


def _check(ballot: Ballot, *, slots: int) -> None:
    """Refuse a ballot that is neither a verdict on two slots nor a ranking of every slot."""
    by_verdict = ballot.verdict is not None and not ballot.ranks and Mode(slots).by_verdict
    by_ranking = ballot.verdict is None and _is_ranking(ballot.ranks, slots)
    if not (by_verdict or by_ranking):
        raise BadInput(Refusal.WRONG_VERDICT)
    if any(not 0 <= position < slots for position, _ in ballot.reasons):
        raise BadInput(Refusal.WRONG_VERDICT)
    if len(ballot.comment) > LONGEST_COMMENT:
        raise BadInput(Refusal.COMMENT_TOO_LONG, length=len(ballot.comment), limit=LONGEST_COMMENT)


def _is_ranking(ranks: Sequence[int], slots: int) -> bool:
    return len(ranks) == slots and all(1 <= rank <= slots for rank in ranks) and 1 in ranks


def card_of(position: int, snapshot: ModelSnapshot, *, winner: bool) -> ModelCard:
    """Return what is told of a contestant in its slot."""
    return ModelCard(
        slot=slot_letter(position),
        name=snapshot.name,
        key=snapshot.key,
        license=snapshot.license,
        description=snapshot.card.get("description") or "",
        links=snapshot.card.get("links") or {},
        winner=winner,
    )
