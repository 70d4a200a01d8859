"""Queries on battles, their slots and turns."""

import hashlib
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, and_, bindparam, func, insert, or_, select, update

from arena.domain.accounts import AnnotatorId
from arena.domain.battle import OPEN_STATES, BattleId, BattleState
from arena.domain.conversation import ModelKey
from arena.domain.pairing import Met, Order, pairs_of
from arena.storage.replies import ReplyRecord, newest_replies
from arena.storage.schema import battles, draws, leases, slots, turns

# Statements of a battle's course are made once: making one costs more than running it.
_DRAWN = select(draws.c.ordering, draws.c.drawn)
_COUNT_PAIR = (
    update(draws).where(draws.c.ordering == bindparam("pair")).values(drawn=draws.c.drawn + 1)
)
_INSERT_PAIR = insert(draws)
_INSERT_BATTLE = insert(battles)
_INSERT_SLOT = insert(slots)
_INSERT_TURN = insert(turns)
_MOVE = update(battles).where(
    battles.c.id == bindparam("moved"),
    battles.c.state.in_(bindparam("sources", expanding=True)),
)
_MOVE_HELD = _MOVE.where(battles.c.owner == bindparam("held_by"))
_BATTLE = select(battles).where(battles.c.id == bindparam("battle_id"))
_SLOTS = select(slots).where(slots.c.battle_id == bindparam("battle_id")).order_by(slots.c.position)
_TURNS = select(turns).where(turns.c.battle_id == bindparam("battle_id")).order_by(turns.c.number)
_OPEN = (
    select(battles.c.id)
    .where(
        battles.c.annotator_id == bindparam("annotator_id"),
        battles.c.campaign_id.is_not_distinct_from(bindparam("campaign_id")),
        battles.c.state.in_([state.value for state in OPEN_STATES]),
    )
    .order_by(battles.c.created_at.desc())
)


@dataclass(frozen=True, slots=True)
class SlotRecord:
    """A contestant and its position. Never leaves the server before the vote."""

    position: int
    model_id: int
    model_key: ModelKey


@dataclass(frozen=True, slots=True)
class TurnRecord:
    """A user message and the newest reply of each slot; no replies while the first attempt runs."""

    number: int
    prompt: str
    replies: tuple[ReplyRecord, ...]


@dataclass(frozen=True, slots=True)
class BattleRecord:
    """A battle as stored."""

    id: BattleId
    annotator_id: AnnotatorId
    state: BattleState
    category: str | None
    language: str
    completed_at: datetime | None
    revealed_at: datetime | None
    slots: tuple[SlotRecord, ...]
    turns: tuple[TurnRecord, ...]
    recognised: bool = False

    @property
    def user_texts(self) -> tuple[str, ...]:
        """Everything the annotator wrote, oldest first."""
        return tuple(turn.prompt for turn in self.turns)


@dataclass(frozen=True, slots=True)
class NewBattle:
    """What a battle starts with; `slots` in slot order, `campaign_id` None in open play.

    `owner` is the server that generates it, None where nothing is generated. `even_probability` is
    None where votes had no part in the draw.
    """

    id: BattleId
    annotator_id: AnnotatorId
    category: str | None
    language: str
    pair_probability: float
    slots: tuple[SlotRecord, ...]
    campaign_id: int | None = None
    owner: str | None = None
    even_probability: float | None = None


def drawn_pairs(connection: Connection) -> Met:
    """Return how often each two models were drawn in this order, whatever the number of slots."""
    met = Counter[Order]()
    for row in connection.execute(_DRAWN):
        for pair in pairs_of(tuple(map(ModelKey, row.ordering.split(" ")))):
            met[pair] += row.drawn
    return met


def insert_battle(connection: Connection, battle: NewBattle, now: datetime) -> None:
    """Store a drawn battle in state `generating` and count its pairs. Needs the write lock."""
    values = {
        "id": battle.id,
        "annotator_id": battle.annotator_id,
        "state": BattleState.GENERATING.value,
        "category": battle.category,
        "language": battle.language,
        "pair_probability": battle.pair_probability,
        "even_probability": battle.even_probability,
        "created_at": now,
        "campaign_id": battle.campaign_id,
        "owner": battle.owner,
    }
    connection.execute(_INSERT_BATTLE, values)
    connection.execute(
        _INSERT_SLOT,
        [
            {
                "battle_id": battle.id,
                "position": slot.position,
                "model_id": slot.model_id,
                "model_key": slot.model_key,
            }
            for slot in battle.slots
        ],
    )
    for pair in pairs_of(tuple(slot.model_key for slot in battle.slots)):
        _count_pair(connection, pair)


def _count_pair(connection: Connection, pair: Order) -> None:
    ordering = " ".join(pair)
    if connection.execute(_COUNT_PAIR, {"pair": ordering}).rowcount == 0:
        connection.execute(_INSERT_PAIR, {"ordering": ordering, "drawn": 1})


def insert_turn(
    connection: Connection, battle_id: BattleId, *, number: int, prompt: str, now: datetime
) -> None:
    """Store the user message that opens a turn."""
    values = {
        "battle_id": battle_id,
        "number": number,
        "prompt": prompt,
        "prompt_hash": prompt_hash(prompt),
        "created_at": now,
    }
    connection.execute(_INSERT_TURN, values)


def prompt_hash(prompt: str) -> int:
    """Return the first 63 bits of the SHA-256 of a prompt, from 0 to 2**63 - 1."""
    digest = hashlib.sha256(prompt.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") >> 1


def move_battle(
    connection: Connection,
    battle_id: BattleId,
    *,
    sources: Collection[BattleState],
    target: BattleState,
    completed_at: datetime | None = None,
    owner: str | None = None,
    held_by: str | None = None,
) -> bool:
    """Change the state if it is one of `sources`, and the owner if one is given.

    Returns False when the battle was in another state, or is not `held_by` this owner.
    """
    values: dict[str, object] = {
        "moved": battle_id,
        "sources": [state.value for state in sources],
        "state": target.value,
    }
    if owner is not None:
        values["owner"] = owner
    if completed_at is not None:
        values["completed_at"] = completed_at
    if held_by is None:
        return connection.execute(_MOVE, values).rowcount == 1
    return connection.execute(_MOVE_HELD, values | {"held_by": held_by}).rowcount == 1


def held(connection: Connection, battle_id: BattleId) -> tuple[str | None, BattleState]:
    """Return the server that generates a battle, or did last, and the battle's state."""
    query = select(battles.c.owner, battles.c.state).where(battles.c.id == battle_id)
    owner, state = connection.execute(query).one()
    return owner, BattleState(state)


def mark_revealed(connection: Connection, battle_id: BattleId, now: datetime) -> None:
    """Record the first moment at which the models were named to the annotator."""
    statement = update(battles).where(battles.c.id == battle_id, battles.c.revealed_at.is_(None))
    connection.execute(statement.values(revealed_at=now))


def keep_recognised(connection: Connection, battle_id: BattleId, *, recognised: bool) -> None:
    """Keep what the annotator of an open battle says before the vote about recognising a model."""
    states = [state.value for state in OPEN_STATES]
    statement = update(battles).where(battles.c.id == battle_id, battles.c.state.in_(states))
    connection.execute(statement.values(recognised=recognised))


def battle(connection: Connection, battle_id: str) -> BattleRecord | None:
    """Return a battle with all of its turns, or None."""
    of = {"battle_id": battle_id}
    row = connection.execute(_BATTLE, of).one_or_none()
    if row is None:
        return None
    replies = newest_replies(connection, battle_id)
    return BattleRecord(
        id=BattleId(row.id),
        annotator_id=AnnotatorId(row.annotator_id),
        state=BattleState(row.state),
        category=row.category,
        language=row.language,
        completed_at=row.completed_at,
        revealed_at=row.revealed_at,
        slots=tuple(
            SlotRecord(place.position, place.model_id, ModelKey(place.model_key))
            for place in connection.execute(_SLOTS, of)
        ),
        turns=tuple(
            TurnRecord(turn.number, turn.prompt, replies.get(turn.number, ()))
            for turn in connection.execute(_TURNS, of)
        ),
        recognised=row.recognised,
    )


def open_battles_of(
    connection: Connection, annotator_id: AnnotatorId, *, campaign_id: int | None = None
) -> tuple[BattleId, ...]:
    """Return the annotator's open battles of a campaign, or of open play, newest first."""
    of = {"annotator_id": annotator_id, "campaign_id": campaign_id}
    return tuple(map(BattleId, connection.execute(_OPEN, of).scalars()))


def stop_interrupted(connection: Connection, *, owner: str, now: datetime) -> int:
    """Stop battles in `generating` whose server has no valid lease; return how many.

    Those of `owner`, the server that asks, are left alone.
    """
    of = battles.c.owner
    alive = select(leases.c.owner).where(leases.c.expires_at > now)
    statement = update(battles).where(
        battles.c.state == BattleState.GENERATING.value,
        or_(of.is_(None), and_(of != owner, of.not_in(alive))),
    )
    return connection.execute(statement.values(state=BattleState.STOPPED.value)).rowcount


def abandon_older_than(connection: Connection, moment: datetime) -> int:
    """Abandon battles of open play left open since before `moment`; return how many.

    Those of campaigns end with their reservations.
    """
    waiting = [BattleState.COMPLETE.value, BattleState.STOPPED.value]
    statement = update(battles).where(
        battles.c.created_at < moment,
        battles.c.state.in_(waiting),
        battles.c.campaign_id.is_(None),
    )
    return connection.execute(statement.values(state=BattleState.ABANDONED.value)).rowcount


def count_battles(connection: Connection) -> dict[BattleState, int]:
    """Return the number of battles by state."""
    query = select(battles.c.state, func.count()).group_by(battles.c.state)
    return {BattleState(state): count for state, count in connection.execute(query)}
