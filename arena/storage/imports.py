"""Queries of imports: many rows at a time, under the same rules as votes that are cast here."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, insert, select, update

from arena.domain.accounts import AccountRole, AnnotatorId
from arena.domain.battle import BattleState
from arena.domain.conversation import ModelKey
from arena.storage.battles import SlotRecord, prompt_hash
from arena.storage.models import ModelSnapshot
from arena.storage.replies import Flag, NewReply
from arena.storage.schema import (
    annotators,
    battles,
    flags,
    models,
    replies,
    slot_replies,
    slots,
    turns,
    vote_rankings,
    vote_reasons,
    vote_revisions,
    votes,
)
from arena.storage.votes import NewVote

EXTERNAL = "external"
"""Origin of models that no catalogue row stands for."""

_AT_ONCE = 500
_Item = TypeVar("_Item")
_Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class KnownModel:
    """A stored snapshot."""

    id: int
    snapshot: ModelSnapshot


@dataclass(frozen=True, slots=True)
class StoredBattle:
    """What a stored battle says, to compare an imported vote with.

    `verdicts` has the first and those of all revisions, None for a ranking, and nothing while
    there is no vote; `slots` has the key and the name of the model in each slot.
    """

    verdicts: frozenset[str | None]
    slots: tuple[frozenset[str], ...]


@dataclass(frozen=True, slots=True)
class ExternalReply:
    """A reply of an imported battle with its flags."""

    reply: NewReply
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class ExternalTurn:
    """A user message, and the replies in slot order where the file has them."""

    prompt: str
    replies: tuple[ExternalReply, ...] = ()


@dataclass(frozen=True, slots=True)
class ExternalVote:
    """A vote that was cast elsewhere, with the battle it is about; `slots` in slot order."""

    vote: NewVote
    slots: tuple[SlotRecord, ...]
    turns: tuple[ExternalTurn, ...]
    category: str | None
    language: str
    at: datetime


def known_models(connection: Connection) -> tuple[KnownModel, ...]:
    """Every snapshot, oldest first."""
    rows = connection.execute(select(models).order_by(models.c.id)).mappings()
    return tuple(
        KnownModel(
            row["id"],
            ModelSnapshot(
                key=ModelKey(row["key"]),
                fingerprint=row["fingerprint"],
                name=row["name"],
                license=row["license"],
                card=row["card"],
                configuration=row["configuration"],
                origin=row["origin"],
            ),
        )
        for row in rows
    )


def insert_model(connection: Connection, snapshot: ModelSnapshot, now: datetime) -> int:
    """A new snapshot; its key and fingerprint must not be there together. Returns its id."""
    values = {
        "key": snapshot.key,
        "fingerprint": snapshot.fingerprint,
        "name": snapshot.name,
        "origin": snapshot.origin,
        "license": snapshot.license,
        "card": dict(snapshot.card),
        "configuration": dict(snapshot.configuration),
        "created_at": now,
    }
    inserted = insert(models).values(values).returning(models.c.id)
    return int(connection.execute(inserted).scalar_one())


def annotators_called(connection: Connection, names: Collection[str]) -> dict[str, AnnotatorId]:
    """Ids of the accounts that have one of these names."""
    found: dict[str, AnnotatorId] = {}
    for some in _batches(names):
        query = select(annotators.c.name, annotators.c.id).where(annotators.c.name.in_(some))
        found |= {name: AnnotatorId(number) for name, number in connection.execute(query)}
    return found


def insert_outsiders(
    connection: Connection, names: Collection[str], *, group: str, now: datetime
) -> None:
    """Accounts of people who voted elsewhere: no password, disabled, so nobody can sign in."""
    rows = [
        {
            "name": name,
            "role": AccountRole.ANNOTATOR.value,
            "group_name": group,
            "created_at": now,
            "disabled_at": now,
        }
        for name in names
    ]
    _insert(connection, annotators, rows)


def stored_battles(connection: Connection, ids: Collection[str]) -> dict[str, StoredBattle]:
    """Those of the battles that are stored."""
    found: dict[str, StoredBattle] = {}
    for some in _batches(ids):
        placed = _slots_of(connection, some)
        verdicts = _verdicts_of(connection, some)
        found |= {
            battle_id: StoredBattle(verdicts.get(battle_id, frozenset()), tuple(names))
            for battle_id, names in placed.items()
        }
    return found


def _slots_of(connection: Connection, ids: Sequence[str]) -> dict[str, list[frozenset[str]]]:
    query = (
        select(slots.c.battle_id, models.c.key, models.c.name)
        .join(models, models.c.id == slots.c.model_id)
        .where(slots.c.battle_id.in_(ids))
        .order_by(slots.c.battle_id, slots.c.position)
    )
    placed: dict[str, list[frozenset[str]]] = {}
    for battle_id, key, name in connection.execute(query):
        placed.setdefault(battle_id, []).append(frozenset({key, name}))
    return placed


def _verdicts_of(connection: Connection, ids: Sequence[str]) -> dict[str, frozenset[str | None]]:
    of = votes.c
    first = select(of.battle_id, of.verdict).where(of.battle_id.in_(ids))
    revised = (
        select(of.battle_id, vote_revisions.c.verdict)
        .join(vote_revisions, vote_revisions.c.vote_id == of.id)
        .where(of.battle_id.in_(ids))
    )
    verdicts: dict[str, frozenset[str | None]] = {}
    for battle_id, verdict in connection.execute(first.union(revised)):
        verdicts[battle_id] = verdicts.get(battle_id, frozenset()) | {verdict}
    return verdicts


def insert_external_votes(connection: Connection, batch: Sequence[ExternalVote]) -> None:
    """Store battles, their turns and replies, and their votes; the ledger's triggers check them.

    Battles are inserted as `complete`, because nothing else takes a vote, and end as `voted`.
    Orders of models are not counted as drawn: nothing was drawn here. Raises `StorageError`.
    """
    _insert(connection, battles, [_battle(vote) for vote in batch])
    _insert(connection, slots, [row for vote in batch for row in _slots(vote)])
    _insert(connection, turns, [row for vote in batch for row in _turns(vote)])
    _insert_replies(connection, batch)
    _insert(connection, votes, [_vote(vote) for vote in batch])
    _insert_details(connection, batch)
    for some in _batches([vote.vote.battle_id for vote in batch]):
        done = update(battles).where(battles.c.id.in_(some))
        connection.execute(done.values(state=BattleState.VOTED.value))


def _battle(vote: ExternalVote) -> dict[str, Any]:
    return {
        "id": vote.vote.battle_id,
        "annotator_id": vote.vote.annotator_id,
        "state": BattleState.COMPLETE.value,
        "category": vote.category,
        "language": vote.language,
        "created_at": vote.at,
    }


def _slots(vote: ExternalVote) -> Iterator[dict[str, Any]]:
    for slot in vote.slots:
        yield {
            "battle_id": vote.vote.battle_id,
            "position": slot.position,
            "model_id": slot.model_id,
            "model_key": slot.model_key,
        }


def _turns(vote: ExternalVote) -> Iterator[dict[str, Any]]:
    for number, turn in enumerate(vote.turns, start=1):
        yield {
            "battle_id": vote.vote.battle_id,
            "number": number,
            "prompt": turn.prompt,
            "prompt_hash": prompt_hash(turn.prompt),
            "created_at": vote.at,
        }


def _insert_replies(connection: Connection, batch: Sequence[ExternalVote]) -> None:
    shown = [
        (vote, number, position, reply)
        for vote in batch
        for number, turn in enumerate(vote.turns, start=1)
        for position, reply in enumerate(turn.replies)
    ]
    if not shown:
        return
    inserted = insert(replies).returning(replies.c.id, sort_by_parameter_order=True)
    rows = [_reply(reply.reply, vote.at) for vote, _, _, reply in shown]
    ids = connection.execute(inserted, rows).scalars().all()
    places: _Rows = []
    flagged: _Rows = []
    for reply_id, (vote, number, position, reply) in zip(ids, shown, strict=True):
        place = {"battle_id": vote.vote.battle_id, "turn": number, "position": position}
        places.append(place | {"attempt": 1, "reply_id": reply_id})
        flagged += _flags(reply.flags, vote.at, reply_id=reply_id)
    _insert(connection, slot_replies, places)
    _insert(connection, flags, flagged)


def _reply(reply: NewReply, at: datetime) -> dict[str, Any]:
    return {
        "model_id": reply.model_id,
        "conversation_hash": reply.conversation_hash,
        "text": reply.text,
        "reasoning": reply.reasoning,
        "finish_reason": reply.end.value,
        "total_s": reply.total_s,
        "created_at": at,
    }


def _vote(vote: ExternalVote) -> dict[str, Any]:
    cast = vote.vote
    return {
        "battle_id": cast.battle_id,
        "annotator_id": cast.annotator_id,
        "verdict": cast.verdict.value if cast.verdict else None,
        "comment": cast.comment,
        "reading_s": cast.reading_s,
        "created_at": vote.at,
    }


def _insert_details(connection: Connection, batch: Sequence[ExternalVote]) -> None:
    """Ranks, reasons and flags of the votes that have any."""
    telling = {
        vote.vote.battle_id: vote
        for vote in batch
        if vote.vote.ranks or vote.vote.reasons or vote.vote.flags
    }
    ranks: _Rows = []
    reasons: _Rows = []
    flagged: _Rows = []
    for some in _batches(telling):
        query = select(votes.c.battle_id, votes.c.id).where(votes.c.battle_id.in_(some))
        for battle_id, number in connection.execute(query):
            cast = telling[battle_id].vote
            for position, rank in enumerate(cast.ranks):
                ranks.append({"vote_id": number, "position": position, "rank": rank})
            for position, reason in dict.fromkeys(cast.reasons):
                reasons.append({"vote_id": number, "position": position, "reason": reason.value})
            flagged += _flags(cast.flags, telling[battle_id].at, vote_id=number)
    _insert(connection, vote_rankings, ranks)
    _insert(connection, vote_reasons, reasons)
    _insert(connection, flags, flagged)


def _flags(raised: Iterable[Flag], at: datetime, **subject: int) -> _Rows:
    return [
        {"kind": flag.kind.value, "detail": flag.detail, "created_at": at, **subject}
        for flag in raised
    ]


def _insert(connection: Connection, table: Table, rows: _Rows) -> None:
    if rows:
        connection.execute(insert(table), rows)


def _batches(items: Collection[_Item]) -> Iterator[list[_Item]]:
    """The items in lists short enough for one `IN`."""
    listed = list(items)
    for start in range(0, len(listed), _AT_ONCE):
        yield listed[start : start + _AT_ONCE]
