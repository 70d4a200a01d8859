"""Queries on whole ballots: the one in force, and a revision that replaces it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypedDict

from sqlalchemy import Connection, func, insert, select

from arena.domain.accounts import AnnotatorId
from arena.domain.verdict import Reason, Strength, Verdict
from arena.storage.chain.contents import Link
from arena.storage.chain.writing import chain
from arena.storage.schema import (
    revision_rankings,
    revision_reasons,
    revision_scores,
    vote_rankings,
    vote_reasons,
    vote_revisions,
    vote_scores,
    votes,
)
from arena.storage.votes import Scores, rank_rows, reason_rows, score_rows


@dataclass(frozen=True, slots=True)
class WholeBallot:
    """What a vote says: a verdict, or `ranks` by slot (1 is best), and what belongs to it."""

    verdict: Verdict | None
    ranks: Sequence[int] = ()
    strength: Strength | None = None
    scores: Scores = field(default_factory=dict)
    reasons: Sequence[tuple[int, Reason]] = ()
    comment: str = ""


def insert_revision(
    connection: Connection,
    vote_id: int,
    ballot: WholeBallot,
    *,
    who: AnnotatorId,
    why: str,
    now: datetime,
) -> int:
    """Store a ballot in place of the one in force, and return the number of the revision.

    Raises:
        RuleBroken: The vote is a verdict and the ballot a ranking, or the reverse.
    """
    newest = select(func.max(vote_revisions.c.revision)).where(vote_revisions.c.vote_id == vote_id)
    revision = (connection.execute(newest).scalar() or 0) + 1
    key = {"vote_id": vote_id, "revision": revision}
    values = {
        "verdict": ballot.verdict.value if ballot.verdict else None,
        "strength": ballot.strength.value if ballot.strength else None,
        "comment": ballot.comment,
        "who": who,
        "why": why,
        "at": now,
    }
    connection.execute(insert(vote_revisions).values(key | values))
    details = (
        (revision_rankings, rank_rows(ballot.ranks)),
        (revision_reasons, reason_rows(ballot.reasons)),
        (revision_scores, score_rows(ballot.scores)),
    )
    for table, rows in details:
        if rows:
            connection.execute(insert(table), [row | key for row in rows])
    chain(connection, [Link(vote_id, revision)])
    return revision


def vote_of(connection: Connection, battle_id: str) -> int | None:
    """Return the number of a battle's vote."""
    found: int | None = connection.execute(
        select(votes.c.id).where(votes.c.battle_id == battle_id)
    ).scalar_one_or_none()
    return found


def ballot_in_force(connection: Connection, battle_id: str) -> WholeBallot | None:
    """Return what a battle's vote says, by its newest revision if there is one.

    An admin's correction changes the verdict alone: the rest is as it was before.
    """
    query = select(votes.c.id, votes.c.verdict, votes.c.strength, votes.c.comment)
    vote = connection.execute(query.where(votes.c.battle_id == battle_id)).one_or_none()
    if vote is None:
        return None
    of = vote_revisions.c
    revisions = (
        select(of.revision, of.verdict, of.strength, of.comment)
        .where(of.vote_id == vote.id)
        .order_by(of.revision.desc())
    )
    newest = connection.execute(revisions).all()
    said = newest[0] if newest else vote
    whole = next((revision for revision in newest if revision.comment is not None), None)
    return WholeBallot(
        verdict=Verdict(said.verdict) if said.verdict else None,
        strength=Strength(said.strength) if said.strength else None,
        comment=whole.comment if whole else vote.comment,
        **_details(connection, vote.id, whole.revision if whole else None),
    )


class _Details(TypedDict):
    ranks: tuple[int, ...]
    reasons: tuple[tuple[int, Reason], ...]
    scores: dict[tuple[int, str], int]


def _details(connection: Connection, vote_id: int, revision: int | None) -> _Details:
    """Return what belongs to the vote itself, or to one of its revisions."""
    tables = (
        (vote_rankings, vote_reasons, vote_scores)
        if revision is None
        else (revision_rankings, revision_reasons, revision_scores)
    )
    rankings, reasons, scores = (
        connection.execute(
            select(table)
            .where(
                table.c.vote_id == vote_id,
                *([] if revision is None else [table.c.revision == revision]),
            )
            .order_by(table.c.position)
        ).all()
        for table in tables
    )
    return _Details(
        ranks=tuple(row.rank for row in rankings),
        reasons=tuple((row.position, Reason(row.reason)) for row in reasons),
        scores={(row.position, row.criterion): row.score for row in scores},
    )
