"""Counts for leaderboards: grouped by the database over a covering index, never rows in Python."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    ScalarSelect,
    Select,
    Text,
    and_,
    case,
    column,
    distinct,
    exists,
    func,
    not_,
    or_,
    select,
    table,
    union_all,
)

from arena.domain.accounts import AnnotatorId
from arena.domain.battle import BattleState
from arena.domain.board import EXCLUDING_FLAGS, NO_CATEGORY, BoardFilter
from arena.domain.conversation import ModelKey
from arena.domain.reply import FlagKind, ReplyEnd
from arena.storage.schema import (
    UtcDateTime,
    annotators,
    battles,
    board_version,
    campaigns,
    models,
    outcomes,
    replies,
    slot_replies,
    slots,
    votes,
)

comparisons = table(
    "comparisons",
    column("vote_id", Integer),
    column("battle_id", Text),
    column("annotator_id", Integer),
    column("created_at", UtcDateTime),
    column("category", Text),
    column("language", Text),
    column("position_a", Integer),
    column("position_b", Integer),
    column("model_a", Text),
    column("model_b", Text),
    column("model_id_a", Integer),
    column("model_id_b", Integer),
    column("verdict", Text),
    column("recognised", Boolean),
    column("identity_leak", Boolean),
    column("truncated", Boolean),
    column("campaign_id", Integer),
)
"""The view of the same name: one row per pairwise outcome, with the verdict in force."""

PAIR_SLOTS = 2
"""A vote on so many slots is one comparison."""


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
        """Both configurations."""
        return (self.model_id_a, self.model_id_b)


@dataclass(frozen=True, slots=True)
class FlagCount:
    """Flagged comparisons alike in configurations and flags; `ranked` as in `OutcomeCount`."""

    model_id_a: int
    model_id_b: int
    ranked: bool
    flags: frozenset[FlagKind]
    count: int

    @property
    def ids(self) -> tuple[int, int]:
        """Both configurations."""
        return (self.model_id_a, self.model_id_b)


@dataclass(frozen=True, slots=True)
class RankedCount:
    """Votes on more than two slots, of which a board counts at least one comparison.

    `voted` are battles by model, comparisons of which are in the filter, flagged or not.
    """

    votes: int
    voted: dict[ModelKey, int]


@dataclass(frozen=True, slots=True)
class CastCount:
    """What some annotators cast; a ranking is one vote and several comparisons."""

    votes: int = 0
    comparisons: int = 0
    annotators: int = 0


@dataclass(frozen=True, slots=True)
class VoidCount:
    """Void battles of a model, and those void by its own reply."""

    void: int = 0
    failed: int = 0


def version(connection: Connection) -> int | None:
    """A number that grows with every change of any board; None where no triggers keep it."""
    if connection.dialect.name != "sqlite":
        return None
    return int(connection.execute(select(board_version.c.number)).scalar_one())


def outcome_counts(connection: Connection, board_filter: BoardFilter) -> tuple[OutcomeCount, ...]:
    """Counts of all comparisons that the filter chooses, one or more for those alike."""
    of = outcomes.c
    parts = (of.model_id_a, of.model_id_b, of.verdict, of.slots)
    query = select(*parts, func.count()).where(*board_limits(board_filter)).group_by(*parts)
    if not board_filter.include_flagged:
        query = query.where(not_(of.flagged))
    return tuple(
        OutcomeCount(model_id_a, model_id_b, verdict, slots > PAIR_SLOTS, count)
        for model_id_a, model_id_b, verdict, slots, count in connection.execute(query)
    )


def flag_counts(connection: Connection, board_filter: BoardFilter) -> tuple[FlagCount, ...]:
    """Counts of the flagged comparisons that the filter chooses, whether the board has them."""
    of = outcomes.c
    parts = (of.model_id_a, of.model_id_b, of.slots, *(of[kind.value] for kind in EXCLUDING_FLAGS))
    query = select(*parts, func.count().label("number")).where(
        of.flagged, *board_limits(board_filter)
    )
    return tuple(
        FlagCount(
            row.model_id_a,
            row.model_id_b,
            row.slots > PAIR_SLOTS,
            frozenset(kind for kind in EXCLUDING_FLAGS if getattr(row, kind.value)),
            row.number,
        )
        for row in connection.execute(query.group_by(*parts))
    )


def ranked_count(connection: Connection, board_filter: BoardFilter) -> RankedCount:
    """What counts of comparisons cannot tell: one vote on N slots gives N(N-1)/2 of them."""
    of = outcomes.c
    limits = (of.slots > PAIR_SLOTS, *board_limits(board_filter))
    counted = limits if board_filter.include_flagged else (*limits, not_(of.flagged))
    number = connection.execute(select(func.count(distinct(of.vote_id))).where(*counted))
    sides = union_all(
        *(
            select(side.label("model_id"), of.vote_id).where(*limits)
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
    """What these people cast of all that the filter chooses, flagged or not as it says."""
    if not people:
        return CastCount()
    of = outcomes.c
    # By the index of `votes`: to look for some people in all outcomes takes as long as counting.
    theirs = select(votes.c.id).where(votes.c.annotator_id.in_(listed(people)))
    limits = [of.vote_id.in_(theirs), *board_limits(board_filter)]
    if not board_filter.include_flagged:
        limits.append(not_(of.flagged))
    counts = (func.count(distinct(of.vote_id)), func.count(), func.count(distinct(of.annotator_id)))
    return CastCount(*connection.execute(select(*counts).where(*limits)).one())


def void_counts(connection: Connection, board_filter: BoardFilter) -> dict[ModelKey, VoidCount]:
    """Void battles per model; the filter's times are of the battle, its models all of its slots."""
    query = (
        select(
            slots.c.model_key,
            func.count().label("void"),
            func.sum(case((_failed(), 1), else_=0)).label("failed"),
        )
        .join(battles, battles.c.id == slots.c.battle_id)
        .where(battles.c.state == BattleState.VOID.value, *_limits(board_filter, battles))
        .group_by(slots.c.model_key)
    )
    if board_filter.models:
        other = slots.alias("other")
        stranger = and_(
            other.c.battle_id == slots.c.battle_id, other.c.model_key.not_in(board_filter.models)
        )
        query = query.where(not_(exists().where(stranger)))
    return {
        ModelKey(row.model_key): VoidCount(row.void, int(row.failed))
        for row in connection.execute(query)
    }


def _failed() -> ColumnElement[bool]:
    """Whether it was this slot that failed: one failure voids the battle for all slots."""
    return exists().where(
        slot_replies.c.battle_id == slots.c.battle_id,
        slot_replies.c.position == slots.c.position,
        replies.c.id == slot_replies.c.reply_id,
        replies.c.finish_reason == ReplyEnd.ERROR.value,
    )


def board_limits(board_filter: BoardFilter) -> list[ColumnElement[bool]]:
    """Conditions on `outcomes` that say what the filter chooses; flags apart."""
    of = outcomes.c
    return [
        *_limits(board_filter, outcomes),
        *_among(board_filter.models, (of.model_id_a, of.model_id_b)),
    ]


def _among(
    keys: Collection[ModelKey], sides: Collection[ColumnElement[Any]]
) -> list[ColumnElement[bool]]:
    ids = select(models.c.id).where(models.c.key.in_(keys))
    return [side.in_(ids) for side in sides] if keys else []


def _limits(board_filter: BoardFilter, of: FromClause) -> list[ColumnElement[bool]]:
    """What a filter says of things that votes and battles share."""
    limits: list[ColumnElement[bool]] = []
    if board_filter.category is not None:
        limits.append(_of_category(of.c.category, board_filter.category))
    if board_filter.language is not None:
        limits.append(of.c.language == board_filter.language)
    if board_filter.group is not None:
        members = select(annotators.c.id).where(annotators.c.group_name == board_filter.group)
        limits.append(of.c.annotator_id.in_(members))
    if board_filter.campaign is not None:
        limits.append(of.c.campaign_id == campaign_number(board_filter.campaign))
    if board_filter.since is not None:
        limits.append(of.c.created_at >= board_filter.since)
    if board_filter.until is not None:
        limits.append(of.c.created_at < board_filter.until)
    if board_filter.without_one_address and board_filter.left_out is None:
        raise ValueError("nobody has said whom this filter leaves out")
    if board_filter.left_out:
        limits.append(of.c.annotator_id.not_in(listed(board_filter.left_out)))
    return limits


def listed(numbers: Collection[int]) -> Select[Any]:
    """Numbers as one value, which may be any number of them: a database takes few values."""
    listed = func.json_each(json.dumps(sorted(numbers))).table_valued(column("value", Integer))
    return select(listed.c.value)


def campaign_number(name: str) -> ScalarSelect[int]:
    """The number of the campaign of that name, for a condition; nothing equals an unknown one."""
    return select(campaigns.c.id).where(campaigns.c.name == name).scalar_subquery()


def _of_category(column: ColumnElement[Any], category: str) -> ColumnElement[bool]:
    if category == NO_CATEGORY:
        return or_(column.is_(None), column == NO_CATEGORY)
    return column == category


def model_names(connection: Connection) -> dict[ModelKey, str]:
    """The name of every model ever registered, as its newest snapshot spells it."""
    rows = connection.execute(select(models.c.key, models.c.name).order_by(models.c.id))
    return {ModelKey(key): name for key, name in rows}


def model_keys(connection: Connection) -> dict[int, ModelKey]:
    """The catalog key of every configuration by its number."""
    rows = connection.execute(select(models.c.id, models.c.key))
    return {number: ModelKey(key) for number, key in rows}
