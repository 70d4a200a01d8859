"""The table `preferences`: whole conversations, of which one was preferred to the other."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from itertools import compress
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Select, and_, case, not_, select

from arena.domain.conversation import Message, Role
from arena.domain.verdict import Verdict
from arena.storage.exports.batches import (
    EVERYTHING,
    LONG_ROWS_AT_ONCE,
    Batch,
    Part,
    annotator,
    batches,
    mapped,
    within,
)
from arena.storage.exports.snapshots import Snapshots
from arena.storage.schema import outcomes, replies, slot_replies, slots, turns, votes

_Slot: TypeAlias = tuple[str, int]
"""Battle and position."""

_DECISIVE = tuple(verdict.value for verdict in Verdict if verdict.decisive)
_A_WON = tuple(verdict.value for verdict in Verdict if verdict.winner == 0)


def preference_batches(
    connection: Connection, *, names: bool, part: Part = EVERYTHING
) -> Iterator[Batch]:
    """Iterate over every decisive comparison without a flag, by vote and slots.

    Those of which a reply has no text are left out.

    `prompt` is the first user message, `chosen` and `rejected` are what followed it in either
    slot: user messages of later turns are in both.
    """
    snapshots = Snapshots.of(connection)
    query = within(_query(names=names), votes.c.battle_id, part)
    for batch in batches(connection, query, rows=LONG_ROWS_AT_ONCE):
        batch["chosen_model"] = mapped(snapshots.keys, batch["chosen_model_id"])
        batch["rejected_model"] = mapped(snapshots.keys, batch["rejected_model_id"])
        whole = _with_conversations(batch, _conversations(connection, set(batch["battle_id"])))
        if whole["vote_id"]:
            yield whole


def _query(*, names: bool) -> Select[Any]:
    of = outcomes.c
    return (
        select(
            of.vote_id,
            votes.c.battle_id,
            annotator(of.annotator_id, names=names),
            *_sides("position", of.position_a, of.position_b),
            *_sides("model_id", of.model_id_a, of.model_id_b),
            of.category,
            of.language,
            of.created_at,
        )
        .join(votes, votes.c.id == of.vote_id)
        .where(of.verdict.in_(_DECISIVE), not_(of.flagged))
        .order_by(of.vote_id, of.position_a, of.position_b)
    )


def _sides(name: str, a: ColumnElement[int], b: ColumnElement[int]) -> tuple[Any, Any]:
    """Return the columns `chosen_…` and `rejected_…`: of the winner and of the loser."""
    a_won = outcomes.c.verdict.in_(_A_WON)
    chosen, rejected = case((a_won, a), else_=b), case((a_won, b), else_=a)
    return chosen.label(f"chosen_{name}"), rejected.label(f"rejected_{name}")


def _with_conversations(batch: Batch, spoken: Mapping[_Slot, tuple[Message, ...]]) -> Batch:
    """Add both conversations, and drop rows that lack one."""
    chosen, rejected = (
        [spoken.get(slot) for slot in zip(batch["battle_id"], batch[position], strict=True)]
        for position in ("chosen_position", "rejected_position")
    )
    known = [bool(one and other) for one, other in zip(chosen, rejected, strict=True)]
    whole: Batch = {name: list(compress(cells, known)) for name, cells in batch.items()}
    told = [(one, other) for one, other in zip(chosen, rejected, strict=True) if one and other]
    whole["prompt"] = [one[:1] for one, _ in told]
    whole["chosen"] = [one[1:] for one, _ in told]
    whole["rejected"] = [other[1:] for _, other in told]
    return whole


def _conversations(
    connection: Connection, battle_ids: Collection[str]
) -> dict[_Slot, tuple[Message, ...]]:
    """Return all messages of each slot, with the newest replies; no slot that lacks a text."""
    shown = and_(
        slot_replies.c.battle_id == slots.c.battle_id,
        slot_replies.c.position == slots.c.position,
        slot_replies.c.turn == turns.c.number,
    )
    query = (
        select(slots.c.battle_id, slots.c.position, turns.c.number, turns.c.prompt, replies.c.text)
        .join(turns, turns.c.battle_id == slots.c.battle_id)
        .outerjoin(slot_replies, shown)
        .outerjoin(replies, replies.c.id == slot_replies.c.reply_id)
        .where(slots.c.battle_id.in_(battle_ids))
        .order_by(turns.c.number, slot_replies.c.attempt)
    )
    newest: defaultdict[_Slot, dict[int, tuple[str, str | None]]] = defaultdict(dict)
    for battle_id, position, number, prompt, text in connection.execute(query):
        newest[battle_id, position][number] = (prompt, text)
    return {
        slot: _messages(asked.values())
        for slot, asked in newest.items()
        if all(text for _, text in asked.values())
    }


def _messages(asked: Collection[tuple[str, str | None]]) -> tuple[Message, ...]:
    return tuple(
        Message(role, content)
        for prompt, text in asked
        for role, content in ((Role.USER, prompt), (Role.ASSISTANT, text or ""))
    )
