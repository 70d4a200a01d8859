"""Queries on votes. They are only ever added."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Table, func, insert, select

from arena.domain.accounts import AnnotatorId
from arena.domain.battle import BattleId
from arena.domain.verdict import Reason, Strength, Verdict
from arena.storage.chain.writing import chain_votes
from arena.storage.replies import Flag
from arena.storage.schema import flags, vote_rankings, vote_reasons, vote_scores, votes

Scores = Mapping[tuple[int, str], int]
"""Scores from 1 to 5 by slot and criterion."""


@dataclass(frozen=True, slots=True)
class NewVote:
    """A vote to store: a verdict, or `ranks` by slot (1 is best). `reading_s` is in seconds.

    `strength` says how much better the winner of a verdict is, where that was asked.
    """

    battle_id: BattleId
    annotator_id: AnnotatorId
    verdict: Verdict | None
    ranks: Sequence[int] = ()
    reasons: Sequence[tuple[int, Reason]] = ()
    comment: str = ""
    reading_s: float | None = None
    flags: Sequence[Flag] = field(default_factory=tuple)
    strength: Strength | None = None
    scores: Scores = field(default_factory=dict)


def insert_vote(connection: Connection, vote: NewVote, now: datetime) -> int:
    """Store a vote with its ranks, reasons, scores and flags, chain it, and return its id.

    Raises:
        RuleBroken: The battle has a vote, is not complete, or belongs to somebody else: the
            database decides, whatever the caller checked.
        ValueError: The vote has neither a verdict nor ranks, or both.
    """
    if (vote.verdict is None) == (not vote.ranks):
        raise ValueError("a vote has a verdict or a ranking, and never both")
    values = {
        "battle_id": vote.battle_id,
        "annotator_id": vote.annotator_id,
        "verdict": vote.verdict.value if vote.verdict else None,
        "comment": vote.comment,
        "reading_s": vote.reading_s,
        "created_at": now,
        "strength": vote.strength.value if vote.strength else None,
    }
    inserted = insert(votes).values(values).returning(votes.c.id)
    vote_id = int(connection.execute(inserted).scalar_one())
    details = (
        (vote_rankings, rank_rows(vote.ranks)),
        (vote_reasons, reason_rows(vote.reasons)),
        (vote_scores, score_rows(vote.scores)),
        (flags, [row | {"created_at": now} for row in _flags(vote)]),
    )
    for table, rows in details:
        if rows:
            connection.execute(insert(table), [row | {"vote_id": vote_id} for row in rows])
    chain_votes(connection, [vote_id])
    return vote_id


def rank_rows(ranks: Sequence[int]) -> list[dict[str, object]]:
    """Return a row for each slot of a ranking."""
    return [{"position": position, "rank": rank} for position, rank in enumerate(ranks)]


def reason_rows(reasons: Sequence[tuple[int, Reason]]) -> list[dict[str, object]]:
    """Return a row for each reason, once where it was given twice."""
    once = dict.fromkeys(reasons)
    return [{"position": position, "reason": reason.value} for position, reason in once]


def score_rows(scores: Scores) -> list[dict[str, object]]:
    """Return a row for each score."""
    return [
        {"position": position, "criterion": criterion, "score": score}
        for (position, criterion), score in scores.items()
    ]


def _flags(vote: NewVote) -> list[dict[str, object]]:
    return [{"kind": flag.kind.value, "detail": flag.detail} for flag in vote.flags]


def is_stored(connection: Connection, vote: NewVote) -> bool:
    """Return whether the battle's vote is this one: the same person said the same of it."""
    query = select(votes).where(votes.c.battle_id == vote.battle_id)
    row = connection.execute(query).one_or_none()
    if row is None:
        return False
    verdict = vote.verdict.value if vote.verdict else None
    strength = vote.strength.value if vote.strength else None
    head = (row.annotator_id, row.verdict, row.strength, row.comment)
    if head != (vote.annotator_id, verdict, strength, vote.comment):
        return False
    details: tuple[tuple[Table, list[dict[str, object]]], ...] = (
        (vote_rankings, rank_rows(vote.ranks)),
        (vote_reasons, reason_rows(vote.reasons)),
        (vote_scores, score_rows(vote.scores)),
        (flags, _flags(vote)),
    )
    return all(_holds(connection, table, row.id, rows) for table, rows in details)


def _holds(
    connection: Connection, table: Table, vote_id: int, rows: Sequence[dict[str, object]]
) -> bool:
    """Return whether a table has these rows of a vote and no others, in whatever order."""
    query = select(table).where(table.c.vote_id == vote_id)
    stored = [dict(found) for found in connection.execute(query).mappings()]
    return len(stored) == len(rows) and all(
        any(row.items() <= found.items() for found in stored) for row in rows
    )


def verdict_of(connection: Connection, battle_id: str) -> Verdict | None:
    """Return the verdict of a battle's vote as first cast; None for a ranking or no vote."""
    query = select(votes.c.verdict).where(votes.c.battle_id == battle_id)
    found = connection.execute(query).scalar_one_or_none()
    return Verdict(found) if found is not None else None


def count_all_votes(connection: Connection) -> int:
    """Count the votes of everybody."""
    return int(connection.execute(select(func.count()).select_from(votes)).scalar_one())


def count_votes(connection: Connection, annotator_id: AnnotatorId, *, since: datetime) -> int:
    """Count an annotator's votes from a moment on."""
    query = select(func.count()).where(
        votes.c.annotator_id == annotator_id, votes.c.created_at >= since
    )
    return int(connection.execute(query).scalar_one())
