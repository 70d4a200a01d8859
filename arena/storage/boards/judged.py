"""What a judge's verdicts are held against: votes by battle, and facts of battles."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Select, func, not_, select

from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.verdict import Verdict
from arena.storage.boards.conditions import board_conditions, shared_conditions
from arena.storage.boards.names import model_keys
from arena.storage.database import Connection
from arena.storage.json_sql import listed_words
from arena.storage.schema import battles, outcomes, replies, slot_replies, slots, turns, votes


@dataclass(frozen=True, slots=True)
class HumanVerdict:
    """A comparison that a board counts; `verdict` as `model_a` against `model_b`."""

    battle_id: str
    model_a: ModelKey
    model_b: ModelKey
    verdict: Verdict
    annotator_id: int


@dataclass(frozen=True, slots=True)
class JudgedBattle:
    """A battle of the file: its first prompt's hash, and characters of each model's answers."""

    prompt_hash: int
    category: str | None
    lengths: dict[ModelKey, int] = field(default_factory=dict)


def human_verdicts(
    connection: Connection, board_filter: BoardFilter, battle_ids: Collection[str]
) -> Iterator[HumanVerdict]:
    """Yield the comparisons of these battles that the filter's board counts, as they were cast."""
    of, keys = outcomes.c, model_keys(connection)
    query = (
        select(votes.c.battle_id, of.model_id_a, of.model_id_b, of.verdict, of.annotator_id)
        .join(votes, votes.c.id == of.vote_id)
        .where(*board_conditions(board_filter), votes.c.battle_id.in_(listed_words(battle_ids)))
        .order_by(of.vote_id, of.position_a, of.position_b)
    )
    if not board_filter.include_flagged:
        query = query.where(not_(of.flagged))
    for battle_id, first, second, verdict, annotator_id in connection.execute(query):
        yield HumanVerdict(battle_id, keys[first], keys[second], Verdict(verdict), annotator_id)


def judged_battles(
    connection: Connection, board_filter: BoardFilter, battle_ids: Collection[str]
) -> dict[str, JudgedBattle]:
    """Return the battles among these that the filter lets through, voted on or not."""
    query = (
        select(battles.c.id, turns.c.prompt_hash, battles.c.category)
        .join(turns, (turns.c.battle_id == battles.c.id) & (turns.c.number == 1))
        .where(
            *shared_conditions(board_filter, battles), battles.c.id.in_(listed_words(battle_ids))
        )
    )
    found = {
        battle_id: JudgedBattle(prompt_hash or 0, category)
        for battle_id, prompt_hash, category in connection.execute(query)
    }
    for battle_id, key, characters in connection.execute(_lengths(found)):
        found[battle_id].lengths[ModelKey(key)] = characters
    return found


def _lengths(battle_ids: Collection[str]) -> Select[Any]:
    """Return the characters of the newest attempts of all turns, by battle and model."""
    of = slot_replies.c
    newest = (
        select(of.battle_id, of.turn, of.position, func.max(of.attempt).label("attempt"))
        .where(of.battle_id.in_(listed_words(battle_ids)))
        .group_by(of.battle_id, of.turn, of.position)
        .subquery()
    )
    same = [of[name] == newest.c[name] for name in ("battle_id", "turn", "position", "attempt")]
    return (
        select(of.battle_id, slots.c.model_key, func.sum(func.length(replies.c.text)))
        .join(newest, same[0] & same[1] & same[2] & same[3])
        .join(replies, replies.c.id == of.reply_id)
        .join(slots, (slots.c.battle_id == of.battle_id) & (slots.c.position == of.position))
        .group_by(of.battle_id, slots.c.model_key)
    )
