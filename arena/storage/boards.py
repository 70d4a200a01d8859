"""Counts for leaderboards: grouped by the database, never rows through Python."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    Integer,
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
)

from arena.domain.battle import BattleState
from arena.domain.conversation import ModelKey
from arena.storage.schema import (
    FlagKind,
    ReplyEnd,
    UtcDateTime,
    battles,
    models,
    replies,
    slot_replies,
    slots,
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
)
"""The view of the same name: one row per pairwise outcome, with the verdict in force."""

EXCLUDING = (FlagKind.RECOGNISED, FlagKind.IDENTITY_LEAK, FlagKind.TRUNCATED)
"""Flags that keep a comparison off a board unless it asks for everything."""


@dataclass(frozen=True, slots=True)
class BoardFilter:
    """Which comparisons a board counts; None and the empty set mean no limit.

    `models` keeps comparisons in which both sides are among them; times are of the vote, `since`
    included and `until` not.
    """

    category: str | None = None
    language: str | None = None
    models: frozenset[ModelKey] = frozenset()
    since: datetime | None = None
    until: datetime | None = None
    include_flagged: bool = False


@dataclass(frozen=True, slots=True)
class OutcomeCount:
    """Number of comparisons alike in models, configurations (`model_id_*`), verdict and flags."""

    model_a: ModelKey
    model_b: ModelKey
    model_id_a: int
    model_id_b: int
    verdict: str
    flags: frozenset[FlagKind]
    count: int


@dataclass(frozen=True, slots=True)
class BattleCount:
    """Battles of a model: all, those that became void, and those void by its own reply."""

    battles: int = 0
    void: int = 0
    failed: int = 0


@dataclass(frozen=True, slots=True)
class BoardChoices:
    """Values of votes that a board can be filtered by, sorted."""

    categories: tuple[str, ...]
    languages: tuple[str, ...]


def outcome_counts(connection: Connection, chosen: BoardFilter) -> tuple[OutcomeCount, ...]:
    """Counts of all comparisons that the filter chooses, the flagged ones with their flags."""
    view = comparisons.c
    parts = (
        view.model_a,
        view.model_b,
        view.model_id_a,
        view.model_id_b,
        view.verdict,
        *(view[kind.value] for kind in EXCLUDING),
    )
    query = select(*parts, func.count().label("number")).where(*_choice(chosen)).group_by(*parts)
    return tuple(map(_outcome_count, connection.execute(query)))


def _outcome_count(row: Any) -> OutcomeCount:
    return OutcomeCount(
        model_a=ModelKey(row.model_a),
        model_b=ModelKey(row.model_b),
        model_id_a=row.model_id_a,
        model_id_b=row.model_id_b,
        verdict=row.verdict,
        flags=frozenset(kind for kind in EXCLUDING if getattr(row, kind.value)),
        count=row.number,
    )


def _choice(chosen: BoardFilter) -> list[ColumnElement[bool]]:
    view = comparisons.c
    keys = (view.model_a, view.model_b)
    return _limits(chosen, view.category, view.language, view.created_at, keys)


def _limits(
    chosen: BoardFilter,
    category: ColumnElement[Any],
    language: ColumnElement[Any],
    created_at: ColumnElement[Any],
    keys: Iterable[ColumnElement[Any]],
) -> list[ColumnElement[bool]]:
    limits: list[ColumnElement[bool]] = []
    if chosen.category is not None:
        limits.append(category == chosen.category)
    if chosen.language is not None:
        limits.append(language == chosen.language)
    if chosen.models:
        limits += [key.in_(chosen.models) for key in keys]
    if chosen.since is not None:
        limits.append(created_at >= chosen.since)
    if chosen.until is not None:
        limits.append(created_at < chosen.until)
    return limits


def count_votes(connection: Connection, chosen: BoardFilter) -> int:
    """Votes of which the board counts at least one comparison."""
    query = select(func.count(distinct(comparisons.c.vote_id))).where(*_choice(chosen))
    if not chosen.include_flagged:
        query = query.where(not_(or_(*(comparisons.c[kind.value] for kind in EXCLUDING))))
    return int(connection.execute(query).scalar_one())


def battle_counts(connection: Connection, chosen: BoardFilter) -> dict[ModelKey, BattleCount]:
    """Voted and void battles per model. Flags and the other side do not matter here.

    Open battles must not count: whoever watches the board would see which models just began.
    """
    ended = battles.c.state.in_([BattleState.VOTED.value, BattleState.VOID.value])
    void = battles.c.state == BattleState.VOID.value
    query = (
        select(
            slots.c.model_key,
            func.count().label("battles"),
            func.sum(case((void, 1), else_=0)).label("void"),
            func.sum(case((and_(void, _failed()), 1), else_=0)).label("failed"),
        )
        .join(battles, battles.c.id == slots.c.battle_id)
        .where(ended)
        .group_by(slots.c.model_key)
    )
    of = battles.c
    limits = _limits(chosen, of.category, of.language, of.created_at, (slots.c.model_key,))
    return {
        ModelKey(row.model_key): BattleCount(row.battles, int(row.void), int(row.failed))
        for row in connection.execute(query.where(*limits))
    }


def _failed() -> ColumnElement[bool]:
    """Whether it was this slot that failed: one failure voids the battle for all slots."""
    return exists().where(
        slot_replies.c.battle_id == slots.c.battle_id,
        slot_replies.c.position == slots.c.position,
        replies.c.id == slot_replies.c.reply_id,
        replies.c.finish_reason == ReplyEnd.ERROR.value,
    )


def board_choices(connection: Connection) -> BoardChoices:
    """The categories and languages of battles that were voted on."""
    voted = battles.c.state == BattleState.VOTED.value
    query = select(battles.c.category, battles.c.language).where(voted).distinct()
    found: dict[str, set[str]] = defaultdict(set)
    for category, language in connection.execute(query):
        found["categories"].update({category} - {None})
        found["languages"].add(language)
    return BoardChoices(
        categories=tuple(sorted(found["categories"])), languages=tuple(sorted(found["languages"]))
    )


def model_names(connection: Connection) -> dict[ModelKey, str]:
    """The name of every model ever registered, as its newest snapshot spells it."""
    rows = connection.execute(select(models.c.key, models.c.name).order_by(models.c.id))
    return {ModelKey(key): name for key, name in rows}
