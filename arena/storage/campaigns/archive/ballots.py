"""The ballots of a campaign for its archive, read in batches, and the comparisons of them."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Table, literal_column, select

from arena.domain.assignment import AssignmentState, BattlePurpose
from arena.domain.battle import BattleState
from arena.domain.reply import FlagKind
from arena.domain.verdict import Reason, Strength, Verdict
from arena.storage.boards.comparisons import comparisons
from arena.storage.campaigns.archive.records import (
    ArchivedBallot,
    ArchivedComparison,
    ArchivedFlag,
    ArchivedReason,
    ArchivedRevision,
    ArchivedScore,
    ArchivedVote,
    People,
)
from arena.storage.campaigns.assignments import read_depths
from arena.storage.campaigns.items import read_positions
from arena.storage.json_sql import listed
from arena.storage.schema import (
    assignments,
    battles,
    flags,
    items,
    revision_rankings,
    revision_reasons,
    revision_scores,
    vote_rankings,
    vote_reasons,
    vote_revisions,
    vote_scores,
    votes,
)

AT_ONCE = 500
_Found = TypeVar("_Found")
_OfSlots = dict[Any, list[_Found]]


def archived_ballots(
    connection: Connection, campaign_id: int, people: People
) -> Iterator[ArchivedBallot]:
    """Yield what annotators were shown: in the order of the votes, without a vote last."""
    vote = (votes.c[name].label(f"vote_{name}") for name in votes.c.keys())  # noqa: SIM118
    battle = battles.c
    query = (
        select(
            assignments,
            *(items.c.prompt, items.c.models, battle.purpose, battle.revealed_at),
            *(battle.state.label("battle_state"), *vote),
        )
        .join(items, items.c.id == assignments.c.item_id)
        .join(battles, battle.id == assignments.c.battle_id)
        .outerjoin(votes, votes.c.battle_id == battle.id)
        .where(items.c.campaign_id == campaign_id)
        .order_by(votes.c.id.is_(None), votes.c.id, literal_column("assignments.rowid"))
    )
    found = connection.execute(query, execution_options={"yield_per": AT_ONCE})
    for rows in found.partitions():
        cast = _votes(connection, rows, people)
        for row in rows:
            yield _ballot(row, cast.get(row.vote_id), people)


def archived_comparisons(
    connection: Connection, campaign_id: int, people: People
) -> Iterator[ArchivedComparison]:
    """Yield the pairwise outcomes that count, in the order of the votes."""
    of = comparisons.c
    query = (
        select(comparisons)
        .where(of.campaign_id == campaign_id)
        .order_by(of.vote_id, of.position_a, of.position_b)
    )
    for row in connection.execute(query, execution_options={"yield_per": AT_ONCE}):
        yield ArchivedComparison(
            battle_id=row.battle_id,
            annotator=people[row.annotator_id],
            slot_a=row.position_a,
            slot_b=row.position_b,
            model_a=row.model_a,
            model_b=row.model_b,
            verdict=Verdict(row.verdict),
            category=row.category,
            language=row.language,
            recognised=row.recognised,
            identity_leak=row.identity_leak,
            truncated=row.truncated,
            created_at=row.created_at,
        )


def _ballot(row: Row[Any], vote: ArchivedVote | None, people: People) -> ArchivedBallot:
    return ArchivedBallot(
        battle_id=row.battle_id,
        assignment_id=row.id,
        annotator=people[row.annotator_id],
        prompt=row.prompt,
        models=read_positions(row.models),
        ordering=read_positions(row.ordering),
        purpose=BattlePurpose(row.purpose),
        repeat_of=row.repeat_of,
        state=AssignmentState(row.state),
        battle_state=BattleState(row.battle_state),
        reserved_at=row.reserved_at,
        expires_at=row.expires_at,
        opened_at=row.opened_at,
        judged_at=row.judged_at,
        revealed_at=row.revealed_at,
        skip_reason=row.skip_reason,
        visible_s=row.visible_s,
        scroll_depth=row.scroll_depth,
        scroll_depths=read_depths(row.scroll_depths),
        vote=vote,
    )


def _votes(
    connection: Connection, rows: Collection[Row[Any]], people: People
) -> dict[int, ArchivedVote]:
    """Return the votes of some ballots by their numbers."""
    ids = [row.vote_id for row in rows if row.vote_id is not None]
    ranks, reasons, scores = _slots_of(connection, ids)
    revisions = _revisions(connection, ids, people)
    raised = _by(connection, flags, ids, _flag)
    return {
        row.vote_id: ArchivedVote(
            verdict=_verdict(row.vote_verdict),
            strength=_strength(row.vote_strength),
            ranks=tuple(ranks[row.vote_id]),
            reasons=tuple(reasons[row.vote_id]),
            scores=tuple(scores[row.vote_id]),
            comment=row.vote_comment,
            reading_s=row.vote_reading_s,
            created_at=row.vote_created_at,
            flags=tuple(raised[row.vote_id]),
            revisions=tuple(revisions[row.vote_id]),
        )
        for row in rows
        if row.vote_id is not None
    }


def _slots_of(
    connection: Connection, ids: Collection[int]
) -> tuple[_OfSlots[int], _OfSlots[ArchivedReason], _OfSlots[ArchivedScore]]:
    return (
        _by(connection, vote_rankings, ids, _rank),
        _by(connection, vote_reasons, ids, _reason),
        _by(connection, vote_scores, ids, _score),
    )


def _revisions(
    connection: Connection, ids: Collection[int], people: People
) -> dict[Any, list[ArchivedRevision]]:
    ranks = _by(connection, revision_rankings, ids, _rank, "revision")
    reasons = _by(connection, revision_reasons, ids, _reason, "revision")
    scores = _by(connection, revision_scores, ids, _score, "revision")

    def revision(row: Row[Any]) -> ArchivedRevision:
        key = (row.vote_id, row.revision)
        return ArchivedRevision(
            revision=row.revision,
            verdict=_verdict(row.verdict),
            strength=_strength(row.strength),
            ranks=tuple(ranks[key]),
            reasons=tuple(reasons[key]),
            scores=tuple(scores[key]),
            comment=row.comment,
            who=people[row.who],
            why=row.why,
            at=row.at,
        )

    return _by(connection, vote_revisions, ids, revision)


def _by(
    connection: Connection,
    table: Table,
    ids: Collection[int],
    made: Callable[[Row[Any]], _Found],
    *more: str,
) -> dict[Any, list[_Found]]:
    """Return the rows of some votes, in the order of their keys, by vote or by vote and `more`."""
    query = select(table).where(table.c.vote_id.in_(listed(ids))).order_by(*table.primary_key)
    found: dict[Any, list[_Found]] = defaultdict(list)
    for row in connection.execute(query):
        key = (row.vote_id, *(getattr(row, name) for name in more)) if more else row.vote_id
        found[key].append(made(row))
    return found


def _rank(row: Row[Any]) -> int:
    return int(row.rank)


def _reason(row: Row[Any]) -> ArchivedReason:
    return ArchivedReason(row.position, Reason(row.reason))


def _score(row: Row[Any]) -> ArchivedScore:
    return ArchivedScore(row.position, row.criterion, row.score)


def _flag(row: Row[Any]) -> ArchivedFlag:
    return ArchivedFlag(FlagKind(row.kind), row.detail, row.created_at)


def _verdict(word: str | None) -> Verdict | None:
    return Verdict(word) if word else None


def _strength(word: str | None) -> Strength | None:
    return Strength(word) if word else None
