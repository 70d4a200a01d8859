"""Votes that were cast elsewhere, many at a time, under the same rules as those cast here."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from arena.domain.battle import BattleState
from arena.storage.battles import SlotRecord, prompt_hash
from arena.storage.chain.writing import chain_votes
from arena.storage.replies import Flag, NewReply, answer_hash
from arena.storage.schema import (
    battles,
    flags,
    replies,
    slot_replies,
    slots,
    turns,
    vote_rankings,
    vote_reasons,
    votes,
)
from arena.storage.styles import insert_styles
from arena.storage.votes import NewVote

_Rows = list[dict[str, Any]]


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


def insert_external_votes(
    connection: Connection, batch: Sequence[ExternalVote], *, campaign_id: int | None = None
) -> None:
    """Store battles, their turns and replies, and their votes; the ledger's triggers check them.

    Battles are inserted as `complete`, because nothing else takes a vote, and end as `voted`.
    Orders of models are not counted as drawn: nothing was drawn here. The batch is at most as
    large as one `IN` takes.

    Raises:
        StorageError: The database refuses one of them.
    """
    _insert(connection, battles, [_battle(vote, campaign_id) for vote in batch])
    _insert(connection, slots, [row for vote in batch for row in _slots(vote)])
    _insert(connection, turns, [row for vote in batch for row in _turns(vote)])
    _insert_replies(connection, batch)
    _insert(connection, votes, [_vote(vote) for vote in batch])
    _insert_details(connection, batch)
    stored = [vote.vote.battle_id for vote in batch]
    done = update(battles).where(battles.c.id.in_(stored))
    connection.execute(done.values(state=BattleState.VOTED.value))
    numbers = select(votes.c.id).where(votes.c.battle_id.in_(stored)).order_by(votes.c.id)
    chain_votes(connection, connection.execute(numbers).scalars().all())


def _battle(vote: ExternalVote, campaign_id: int | None) -> dict[str, Any]:
    return {
        "id": vote.vote.battle_id,
        "annotator_id": vote.vote.annotator_id,
        "state": BattleState.COMPLETE.value,
        "category": vote.category,
        "language": vote.language,
        "created_at": vote.at,
        "campaign_id": campaign_id,
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
    insert_styles(
        connection,
        {number: told.reply.text for number, (*_, told) in zip(ids, shown, strict=True)},
    )
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
        "answer_hash": answer_hash(reply.conversation_hash, reply.text),
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
    """Store ranks, reasons and flags of the votes that have any."""
    telling = {
        vote.vote.battle_id: vote
        for vote in batch
        if vote.vote.ranks or vote.vote.reasons or vote.vote.flags
    }
    ranks: _Rows = []
    reasons: _Rows = []
    flagged: _Rows = []
    query = select(votes.c.battle_id, votes.c.id).where(votes.c.battle_id.in_(telling))
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
