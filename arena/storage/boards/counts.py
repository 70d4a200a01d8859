"""Counts of comparisons: grouped by the database over a covering index, never rows in Python."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, distinct, exists, func, not_, select, union_all

from arena.domain.accounts import AnnotatorId
from arena.domain.board import BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.mode import PAIR
from arena.storage.boards.conditions import board_conditions
from arena.storage.json_sql import listed
from arena.storage.schema import annotators, models, outcomes, votes


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """Comparisons alike in configurations (`model_id_*`) and verdict.

    `ranked` ones come from votes on more than two slots, which make several of them each.
    """

    model_id_a: int
    model_id_b: int
    verdict: str
    ranked: bool
    count: int

    @property
    def ids(self) -> tuple[int, int]:
        """The numbers of both configurations."""
        return (self.model_id_a, self.model_id_b)


@dataclass(frozen=True, slots=True)
class WeightedCount:
    """Comparisons alike in configurations and verdict whose pair was drawn by votes.

    `weight` is the sum of what they count for, `count` how many they are.
    """

    model_id_a: int
    model_id_b: int
    verdict: str
    count: int
    weight: float


@dataclass(frozen=True, slots=True)
class RankedCount:
    """Votes on more than two slots of which a board counts at least one comparison.

    `voted` counts such votes by model, with flagged comparisons included.
    """

    votes: int
    voted: dict[ModelKey, int]


@dataclass(frozen=True, slots=True)
class CastCount:
    """Votes of some annotators; a ranking is one vote and several comparisons."""

    votes: int = 0
    comparisons: int = 0
    annotators: int = 0


def outcome_counts(connection: Connection, board_filter: BoardFilter) -> tuple[OutcomeCount, ...]:
    """Count the comparisons that the filter selects, by configurations, verdict and ranking."""
    of = outcomes.c
    parts = (of.model_id_a, of.model_id_b, of.verdict, of.slots)
    query = select(*parts, func.count()).where(*board_conditions(board_filter)).group_by(*parts)
    if not board_filter.include_flagged:
        query = query.where(not_(of.flagged))
    return tuple(
        OutcomeCount(model_id_a, model_id_b, verdict, slots > PAIR, count)
        for model_id_a, model_id_b, verdict, slots, count in connection.execute(query)
    )


def weighted_counts(connection: Connection, board_filter: BoardFilter) -> tuple[WeightedCount, ...]:
    """Count those comparisons of a filter that do not count once; they are in `outcome_counts`.

    Over an index that holds them alone: without any it takes no time.
    """
    of = outcomes.c
    parts = (of.model_id_a, of.model_id_b, of.verdict)
    conditions = (of.weight.is_not(None), *board_conditions(board_filter))
    query = select(*parts, func.count(), func.sum(of.weight)).where(*conditions).group_by(*parts)
    if not board_filter.include_flagged:
        query = query.where(not_(of.flagged))
    return tuple(WeightedCount(*row) for row in connection.execute(query))


def last_vote(connection: Connection, board_filter: BoardFilter) -> datetime | None:
    """Return when the newest of the comparisons that a board counts was cast; None without one.

    Reads as much as counting does: not for whoever waits for the counts.
    """
    query = select(func.max(outcomes.c.created_at)).where(*board_conditions(board_filter))
    if not board_filter.include_flagged:
        query = query.where(not_(outcomes.c.flagged))
    newest: datetime | None = connection.execute(query).scalar_one()
    return newest


def is_import_day(connection: Connection, cast_at: datetime | None) -> bool:
    """Return whether votes of that moment were imported from a file that does not date them.

    They bear the moment of their import, at which it stored the accounts of who had not voted
    before: disabled from the beginning, as none of this arena is.
    """
    of = annotators.c
    imported = (of.created_at == cast_at, of.disabled_at == cast_at)
    return bool(connection.execute(select(exists().where(*imported))).scalar_one())


def ranked_count(connection: Connection, board_filter: BoardFilter) -> RankedCount:
    """Count votes on more than two slots: one vote on N gives N(N-1)/2 comparisons."""
    of = outcomes.c
    conditions = (of.slots > PAIR, *board_conditions(board_filter))
    counted = conditions if board_filter.include_flagged else (*conditions, not_(of.flagged))
    number = connection.execute(select(func.count(distinct(of.vote_id))).where(*counted))
    sides = union_all(
        *(
            select(side.label("model_id"), of.vote_id).where(*conditions)
            for side in (of.model_id_a, of.model_id_b)
        )
    ).subquery()
    query = (
        select(models.c.key, func.count(distinct(sides.c.vote_id)))
        .join(models, models.c.id == sides.c.model_id)
        .group_by(models.c.key)
    )
    voted = {ModelKey(key): count for key, count in connection.execute(query)}
    return RankedCount(int(number.scalar_one()), voted)


def cast_count(
    connection: Connection, board_filter: BoardFilter, people: Collection[AnnotatorId]
) -> CastCount:
    """Count the votes of these people among those that the filter selects."""
    if not people:
        return CastCount()
    of = outcomes.c
    # By the index of `votes`: to look for some people in all outcomes takes as long as counting.
    theirs = select(votes.c.id).where(votes.c.annotator_id.in_(listed(people)))
    conditions = [of.vote_id.in_(theirs), *board_conditions(board_filter)]
    if not board_filter.include_flagged:
        conditions.append(not_(of.flagged))
    counts = (func.count(distinct(of.vote_id)), func.count(), func.count(distinct(of.annotator_id)))
    return CastCount(*connection.execute(select(*counts).where(*conditions)).one())
