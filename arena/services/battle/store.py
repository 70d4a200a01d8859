"""Each change of a battle as one transaction. Blocking: callers keep it off the event loop."""

from collections.abc import Callable, Collection, Mapping
from datetime import timedelta

from arena.domain.accounts import Caller
from arena.domain.battle import OPEN_STATES, BattleId, BattleState, require_transition
from arena.domain.clock import Clock
from arena.domain.conversation import ModelKey
from arena.domain.errors import Conflict, NotAllowed, NotFound, Refusal
from arena.services.battle.contestants import Contestant
from arena.services.battle.opening import Choose, Lineup, Opening
from arena.storage.battles import (
    BattleRecord,
    NewBattle,
    SlotRecord,
    TurnRecord,
    abandon_older_than,
    battle,
    insert_battle,
    insert_turn,
    keep_recognised,
    move_battle,
    open_battles_of,
    stop_interrupted,
)
from arena.storage.campaigns.assignments import is_assigned
from arena.storage.database import Connection, Database
from arena.storage.replies import Writing, slowest_writing
from arena.storage.withdrawn_turns import turn_completed_at, withdraw_turn


class BattleStore:
    """Battles in the database, drawn fairly and changed only along the state machine."""

    def __init__(
        self,
        *,
        database: Database,
        contestants: Mapping[ModelKey, Contestant],
        clock: Clock,
        new_id: Callable[[], str],
        owner: str,
        language_of: Callable[[str], str],
    ) -> None:
        """Create the store; `language_of` is asked where an annotator chose no language."""
        self.database = database
        self.contestants = contestants
        self.clock = clock
        self._new_id = new_id
        self.owner = owner
        self._language_of = language_of

    def create(
        self, caller: Caller, opening: Opening, choose: Choose
    ) -> tuple[BattleRecord, tuple[BattleId, ...]]:
        """Choose and store a battle; returns it and the caller's battles that it replaces.

        Choosing under the write lock keeps the sides balanced whatever runs at once.
        """
        now = self.clock.now()
        language = opening.language or self._language_of(opening.prompt)
        with self.database.writing() as connection:
            lineup = choose(connection)
            replaced = self._abandon_open(connection, caller, lineup.campaign_id)
            new = self._new(caller, opening, lineup, language)
            insert_battle(connection, new, now)
            insert_turn(connection, new.id, number=1, prompt=opening.prompt, now=now)
        return _begun(new, opening.prompt), replaced

    def add_turn(self, record: BattleRecord, prompt: str) -> BattleRecord:
        """Begin the next turn of a complete battle."""
        number = record.turns[-1].number + 1
        with self.database.writing() as connection:
            _move(connection, record.id, {BattleState.COMPLETE}, BattleState.GENERATING, self.owner)
            insert_turn(connection, record.id, number=number, prompt=prompt, now=self.clock.now())
            return _found(battle(connection, record.id))

    def reopen(self, record: BattleRecord) -> None:
        """Generate again from the state in which the battle was read.

        Raises `Conflict(PAGE_OUTDATED)` when its turns have changed since.
        """
        require_transition(record.state, BattleState.GENERATING)
        with self.database.writing() as connection:
            _move(connection, record.id, {record.state}, BattleState.GENERATING, self.owner)
            if _found(battle(connection, record.id)).turns != record.turns:
                raise Conflict(Refusal.PAGE_OUTDATED)

    def withdraw_turn(self, caller: Caller, battle_id: BattleId) -> None:
        """Take the stopped turn out of the caller's battle, which is complete after it.

        The battle was complete when the turn before was: those replies can be read since then.
        """
        now = self.clock.now()
        with self.database.writing() as connection:
            record = own_battle(connection, caller, battle_id)
            require_stopped_turn(record)
            before, last = (turn.number for turn in record.turns[-2:])
            withdraw_turn(connection, record.id, number=last, now=now)
            move_battle(
                connection,
                record.id,
                sources={BattleState.STOPPED},
                target=BattleState.COMPLETE,
                completed_at=turn_completed_at(connection, record.id, number=before),
            )

    def slowest_writing(self, record: BattleRecord) -> Writing | None:
        """How slowly the battle's models wrote so far."""
        with self.database.reading() as connection:
            return slowest_writing(connection, record.id)

    def stop_lost(self, record: BattleRecord) -> None:
        """Stop a battle of which no generation is running any more."""
        sources, target = {BattleState.GENERATING}, BattleState.STOPPED
        with self.database.writing() as connection:
            if not move_battle(connection, record.id, sources=sources, target=target):
                raise Conflict(Refusal.NOTHING_TO_STOP)

    def abandon_open(self, caller: Caller) -> tuple[BattleId, ...]:
        """Abandon every open battle of the caller; returns which."""
        with self.database.writing() as connection:
            return self._abandon_open(connection, caller)

    def own(self, caller: Caller, battle_id: str) -> BattleRecord:
        """Read the caller's battle; raises `NotFound` or `NotAllowed`."""
        with self.database.reading() as connection:
            return own_battle(connection, caller, battle_id)

    def recognise(self, caller: Caller, battle_id: str, *, recognised: bool) -> None:
        """Keep with the caller's open battle whether a model was recognised."""
        with self.database.writing() as connection:
            record = own_battle(connection, caller, battle_id)
            keep_recognised(connection, record.id, recognised=recognised)

    def open_battle(self, caller: Caller) -> BattleId | None:
        """Return the caller's newest open battle."""
        with self.database.reading() as connection:
            return next(iter(open_battles_of(connection, caller.id)), None)

    def recover(self) -> int:
        """Stop what servers generated that are gone; returns how many battles."""
        with self.database.writing() as connection:
            return stop_interrupted(connection, owner=self.owner, now=self.clock.now())

    def abandon_older_than(self, age: timedelta) -> int:
        """Abandon battles left open for longer than `age`; returns how many."""
        with self.database.writing() as connection:
            return abandon_older_than(connection, self.clock.now() - age)

    def _new(self, caller: Caller, opening: Opening, lineup: Lineup, language: str) -> NewBattle:
        return NewBattle(
            id=BattleId(self._new_id()),
            annotator_id=caller.id,
            category=opening.category,
            language=language,
            pair_probability=lineup.probability,
            even_probability=lineup.even_probability,
            slots=tuple(
                SlotRecord(position, self.contestants[key].model_id, key)
                for position, key in enumerate(lineup.order)
            ),
            campaign_id=lineup.campaign_id,
            owner=self.owner,
        )

    def _abandon_open(
        self, connection: Connection, caller: Caller, campaign_id: int | None = None
    ) -> tuple[BattleId, ...]:
        found = open_battles_of(connection, caller.id, campaign_id=campaign_id)
        for battle_id in found:
            _move(connection, battle_id, OPEN_STATES, BattleState.ABANDONED)
        return found


def own_battle(connection: Connection, caller: Caller, battle_id: str) -> BattleRecord:
    """Read the caller's battle of open play; raises `NotFound` or `NotAllowed`.

    One that a campaign assigned is not found here: it is neither voted on, continued nor revealed
    but by the rules of its campaign.
    """
    found = owned(_found(battle(connection, battle_id)), caller)
    if is_assigned(connection, found.id):
        raise NotFound(Refusal.BATTLE_NOT_FOUND)
    return found


def owned(record: BattleRecord, caller: Caller) -> BattleRecord:
    """Return the battle if it is the caller's; raises `NotAllowed`."""
    if record.annotator_id != caller.id:
        raise NotAllowed(Refusal.NOT_YOUR_BATTLE)
    return record


def require_stopped_turn(record: BattleRecord) -> None:
    """Raise `Conflict` unless the last turn can be taken out: stopped, with another before it."""
    require_transition(record.state, BattleState.GENERATING)
    if record.state is not BattleState.STOPPED or len(record.turns) == 1:
        raise Conflict(Refusal.NOTHING_TO_WITHDRAW)


def _begun(new: NewBattle, prompt: str) -> BattleRecord:
    """Return what the database would say of a battle that was just stored."""
    return BattleRecord(
        id=new.id,
        annotator_id=new.annotator_id,
        state=BattleState.GENERATING,
        category=new.category,
        language=new.language,
        completed_at=None,
        revealed_at=None,
        slots=new.slots,
        turns=(TurnRecord(1, prompt, ()),),
    )


def _move(
    connection: Connection,
    battle_id: BattleId,
    sources: Collection[BattleState],
    target: BattleState,
    owner: str | None = None,
) -> None:
    if not move_battle(connection, battle_id, sources=sources, target=target, owner=owner):
        require_transition(_found(battle(connection, battle_id)).state, target)
        raise Conflict(Refusal.PAGE_OUTDATED)


def _found(record: BattleRecord | None) -> BattleRecord:
    if record is None:
        raise NotFound(Refusal.BATTLE_NOT_FOUND)
    return record
