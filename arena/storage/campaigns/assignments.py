"""Queries on assignments: who has which item, and what became of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    bindparam,
    exists,
    insert,
    literal_column,
    not_,
    select,
    update,
)

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import AssignmentId, AssignmentState, BattlePurpose
from arena.domain.battle import BattleId, BattleState
from arena.domain.evaluation import Attention
from arena.storage.battles import move_battle
from arena.storage.campaigns.items import CHECK, Positions, read_positions, spelled
from arena.storage.schema import assignments, campaign_prompts, items

_IN_ORDER: ColumnElement[int] = literal_column("assignments.rowid")
"""Assignments are never deleted, so that row numbers are in the order of assigning."""

_RESERVED: ColumnElement[bool] = literal_column("assignments.state = 'reserved'")
"""Spelled out, as the condition of an index is: SQLite uses none for a bound value."""


@dataclass(frozen=True, slots=True)
class AssignmentRecord:
    """An assignment with its item. `ordering` is in slot order, `models` from low to high."""

    id: AssignmentId
    campaign_id: int
    item_id: int
    prompt: int
    models: Positions
    category: str | None
    check: bool
    annotator_id: AnnotatorId
    repeat_of: AssignmentId | None
    ordering: Positions
    state: AssignmentState
    reserved_at: datetime
    expires_at: datetime
    battle_id: BattleId

    @property
    def purpose(self) -> BattlePurpose:
        """What its vote tells."""
        if self.repeat_of is not None:
            return BattlePurpose.REPEAT
        return BattlePurpose.CHECK if self.check else BattlePurpose.JUDGED


@dataclass(frozen=True, slots=True, kw_only=True)
class NewAssignment:
    """An item to reserve for an annotator."""

    id: AssignmentId
    item_id: int
    annotator_id: AnnotatorId
    ordering: Positions
    battle_id: BattleId
    expires_at: datetime
    repeat_of: AssignmentId | None = None


_ASSIGNED: Select[Any] = (
    select(
        *(assignments.c.id, items.c.campaign_id, assignments.c.item_id, items.c.prompt),
        *(items.c.models, campaign_prompts.c.category, campaign_prompts.c.kind),
        *(assignments.c.annotator_id, assignments.c.repeat_of, assignments.c.ordering),
        *(assignments.c.state, assignments.c.reserved_at, assignments.c.expires_at),
        assignments.c.battle_id,
    )
    .join_from(assignments, items, items.c.id == assignments.c.item_id)
    .join(
        campaign_prompts,
        and_(
            campaign_prompts.c.campaign_id == items.c.campaign_id,
            campaign_prompts.c.number == items.c.prompt,
        ),
    )
)
"""Built once: every assignment asks several times, and building takes longer than running."""

_HISTORY = _ASSIGNED.where(
    items.c.campaign_id == bindparam("campaign"),
    assignments.c.annotator_id == bindparam("annotator"),
).order_by(_IN_ORDER)

_OVERDUE = _ASSIGNED.where(_RESERVED, assignments.c.expires_at <= bindparam("now"))

_NONE: Mapping[str, object] = {}


def insert_assignment(connection: Connection, new: NewAssignment, now: datetime) -> None:
    """Reserve an item; it is opened at once.

    Raises:
        RuleBroken: The item has no free place, or the annotator has it.
    """
    values = {
        "id": new.id,
        "item_id": new.item_id,
        "annotator_id": new.annotator_id,
        "repeat_of": new.repeat_of,
        "ordering": spelled(new.ordering),
        "state": AssignmentState.RESERVED.value,
        "reserved_at": now,
        "expires_at": new.expires_at,
        "opened_at": now,
        "battle_id": new.battle_id,
    }
    connection.execute(insert(assignments), values)


def assignment(connection: Connection, assignment_id: str) -> AssignmentRecord | None:
    """Return an assignment, or None."""
    found = _records(connection, _ASSIGNED.where(assignments.c.id == assignment_id))
    return found[0] if found else None


def is_assigned(connection: Connection, battle_id: BattleId) -> bool:
    """Return whether a battle belongs to an assignment of a campaign."""
    query = select(assignments.c.id).where(assignments.c.battle_id == battle_id)
    return connection.execute(query).first() is not None


def history(
    connection: Connection, campaign_id: int, annotator_id: AnnotatorId
) -> tuple[AssignmentRecord, ...]:
    """Return everything that an annotator was given in a campaign, oldest first."""
    whose = {"campaign": campaign_id, "annotator": annotator_id}
    return tuple(_records(connection, _HISTORY, whose))


def newest_of(
    connection: Connection, campaign_id: int, annotator_id: AnnotatorId
) -> AssignmentId | None:
    """Return the assignment that an annotator opened last in a campaign."""
    query = (
        select(assignments.c.id)
        .join(items, items.c.id == assignments.c.item_id)
        .where(items.c.campaign_id == campaign_id, assignments.c.annotator_id == annotator_id)
        .order_by(_IN_ORDER.desc())
        .limit(1)
    )
    found = connection.execute(query).scalar_one_or_none()
    return AssignmentId(found) if found else None


def overdue(connection: Connection, now: datetime) -> tuple[AssignmentRecord, ...]:
    """Return the reservations of all campaigns that have expired."""
    return tuple(_records(connection, _OVERDUE, {"now": now}))


def is_any_reserved(connection: Connection, campaign_id: int, *, unseen_by: AnnotatorId) -> bool:
    """Return whether somebody has an item reserved that this annotator never had."""
    mine = assignments.alias("mine")
    had = exists().where(
        mine.c.item_id == assignments.c.item_id,
        mine.c.annotator_id == unseen_by,
        mine.c.state != AssignmentState.EXPIRED.value,
    )
    query = (
        select(assignments.c.id)
        .join(items, items.c.id == assignments.c.item_id)
        .where(
            items.c.campaign_id == campaign_id,
            items.c.models != spelled(CHECK),
            _RESERVED,
            assignments.c.repeat_of.is_(None),
            not_(had),
        )
        .limit(1)
    )
    return connection.execute(query).first() is not None


def give_back(
    connection: Connection,
    ended: AssignmentRecord,
    state: AssignmentState,
    *,
    skip_reason: str | None = None,
) -> None:
    """End a reservation without a vote, and abandon its battle."""
    statement = update(assignments).where(assignments.c.id == ended.id)
    connection.execute(statement.values(state=state.value, skip_reason=skip_reason))
    move_battle(
        connection,
        ended.battle_id,
        sources={BattleState.COMPLETE},
        target=BattleState.ABANDONED,
    )


def end_judged(connection: Connection, assignment_id: AssignmentId, now: datetime) -> None:
    """Record that an assignment was judged."""
    statement = update(assignments).where(assignments.c.id == assignment_id)
    connection.execute(statement.values(state=AssignmentState.JUDGED.value, judged_at=now))


def note_attention(
    connection: Connection, assignment_id: AssignmentId, attention: Attention
) -> None:
    """Store what the page saw of the reading."""
    statement = update(assignments).where(assignments.c.id == assignment_id)
    connection.execute(
        statement.values(
            visible_s=attention.visible_s,
            scroll_depth=attention.scroll_depth,
            scroll_depths=spelled_depths(attention.scroll_depths),
        )
    )


def spelled_depths(depths: Sequence[float]) -> str | None:
    """Return depths as a column holds them; None for none."""
    return " ".join(f"{depth:g}" for depth in depths) or None


def read_depths(spelling: str | None) -> tuple[float, ...]:
    """Return the depths that a column holds."""
    return tuple(map(float, (spelling or "").split()))


def _records(
    connection: Connection, query: Select[Any], values: Mapping[str, object] = _NONE
) -> Sequence[AssignmentRecord]:
    return [
        AssignmentRecord(
            id=AssignmentId(row.id),
            campaign_id=row.campaign_id,
            item_id=row.item_id,
            prompt=row.prompt,
            models=read_positions(row.models),
            category=row.category,
            check=row.kind == BattlePurpose.CHECK.value,
            annotator_id=AnnotatorId(row.annotator_id),
            repeat_of=AssignmentId(row.repeat_of) if row.repeat_of else None,
            ordering=read_positions(row.ordering),
            state=AssignmentState(row.state),
            reserved_at=row.reserved_at,
            expires_at=row.expires_at,
            battle_id=BattleId(row.battle_id),
        )
        for row in connection.execute(query, values)
    ]
