"""Queries on items: what there is to judge, and how many annotators have it already."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    bindparam,
    case,
    exists,
    func,
    insert,
    literal_column,
    not_,
    or_,
    select,
    update,
)

from arena.domain.accounts import AnnotatorId
from arena.domain.assignment import AssignmentState
from arena.storage.schema import (
    assignments,
    campaign_prompts,
    items,
    slot_counts,
)

Positions = tuple[int, ...]
"""Models of a campaign by their positions. In an item from low to high, in an order by slot."""

CHECK: Positions = ()
"""The models of a check item, which shows none of the campaign's."""

_NOT_EXPIRED: ColumnElement[bool] = literal_column("assignments.state <> 'expired'")
_IS_CHECK: ColumnElement[bool] = literal_column("items.models = ''")
"""Spelled out, as conditions of indexes are: SQLite uses none of them for a bound value."""


def judged_first() -> tuple[ColumnElement[bool], ...]:
    """Return what assignments with an opinion fulfil, repeats apart.

    They are found by their item: without the last condition SQLite would not know that the index
    on items has all of them.
    """
    of = assignments.c
    return of.repeat_of.is_(None), of.state == AssignmentState.JUDGED.value, _NOT_EXPIRED


@dataclass(frozen=True, slots=True)
class NewItem:
    """A prompt with the models whose replies are judged; none for a check item."""

    prompt: int
    models: Positions


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item that an annotator may get."""

    item_id: int
    prompt: int
    category: str | None


# Statements are built once: every assignment runs them, and building takes longer than running.
_ITEMS = select(items.c.id, items.c.prompt, campaign_prompts.c.category).join(
    campaign_prompts,
    and_(
        campaign_prompts.c.campaign_id == items.c.campaign_id,
        campaign_prompts.c.number == items.c.prompt,
    ),
)
_OF = items.c
_ALIKE = (
    _OF.campaign_id == bindparam("campaign"),
    _OF.taken == bindparam("taken"),
    _OF.models == bindparam("models"),
    or_(_OF.taken < bindparam("overlap"), _OF.disputed),
)
_HAD = exists().where(
    assignments.c.item_id == _OF.id,
    assignments.c.annotator_id == bindparam("annotator"),
    assignments.c.repeat_of.is_(None),
    _NOT_EXPIRED,
)
_IS_OPEN = (
    _OF.campaign_id == bindparam("campaign"),
    _OF.taken < bindparam("most"),
    or_(_OF.taken < bindparam("overlap"), _OF.disputed),
    not_(_IS_CHECK),
)
_OPEN = select(_OF.taken, _OF.models, func.count()).where(*_IS_OPEN).group_by(_OF.taken, _OF.models)
_SOME = _ITEMS.where(
    _OF.id.in_(
        select(_OF.id)
        .where(*_ALIKE)
        .order_by(_OF.id)
        .limit(bindparam("most"))
        .offset(bindparam("offset"))
        .correlate(None)
    )
)
_NEVER_HAD = _ITEMS.where(*_ALIKE, not_(_HAD)).limit(bindparam("most"))
_CHECKS = _ITEMS.where(_OF.campaign_id == bindparam("campaign"), _IS_CHECK, not_(_HAD))


def spelled(positions: Positions) -> str:
    """Return positions as a column holds them."""
    return " ".join(map(str, positions))


def read_positions(spelling: str) -> Positions:
    """Return the positions that a column holds."""
    return tuple(map(int, spelling.split()))


def insert_items(connection: Connection, campaign_id: int, new: Sequence[NewItem]) -> None:
    """Store the items of a campaign in the given order, which is that of their numbers."""
    rows = [
        {"campaign_id": campaign_id, "prompt": item.prompt, "models": spelled(item.models)}
        for item in new
    ]
    if rows:
        connection.execute(insert(items), rows)


def count_places(connection: Connection, campaign_id: int, *, overlap: int, most: int) -> int:
    """Count the ballots that a campaign needs by now, check items apart.

    An item has `overlap` places, and `most` if its annotators disagree.
    """
    places = func.sum(case((_OF.disputed, most), else_=overlap))
    query = select(func.coalesce(places, 0)).where(_OF.campaign_id == campaign_id, not_(_IS_CHECK))
    return int(connection.execute(query).scalar_one())


def count_checks(connection: Connection, campaign_id: int) -> int:
    """Count the check items of a campaign."""
    query = select(func.count()).where(_OF.campaign_id == campaign_id, _IS_CHECK)
    return int(connection.execute(query).scalar_one())


def open_items(
    connection: Connection, campaign_id: int, *, overlap: int, most: int
) -> dict[int, dict[Positions, int]]:
    """Count the items with free places, by annotators who have them and by models.

    An item has `overlap` places, and `most` if its annotators disagree. One pass over an index:
    some milliseconds for 15,000 items.
    """
    found: dict[int, dict[Positions, int]] = defaultdict(dict)
    values = {"campaign": campaign_id, "overlap": overlap, "most": most}
    for taken, models, count in connection.execute(_OPEN, values):
        found[taken][read_positions(models)] = count
    return dict(sorted(found.items()))


def some_items(
    connection: Connection,
    campaign_id: int,
    *,
    models: Positions,
    taken: int,
    overlap: int,
    offset: int,
    most: int,
) -> list[Candidate]:
    """Return at most so many items that `taken` annotators have, after leaving out `offset`.

    They are read from an index, in the order of their numbers, which was drawn at random.
    """
    values = {
        "campaign": campaign_id,
        "taken": taken,
        "overlap": overlap,
        "models": spelled(models),
        "most": most,
        "offset": offset,
    }
    return [Candidate(*row) for row in connection.execute(_SOME, values)]


def items_never_had(
    connection: Connection,
    campaign_id: int,
    *,
    annotator_id: AnnotatorId,
    models: Positions,
    taken: int,
    overlap: int,
    most: int,
) -> list[Candidate]:
    """Return at most so many items that `taken` annotators have and this one never had.

    One that the annotator let expire counts as never had.
    """
    values = {
        "campaign": campaign_id,
        "annotator": annotator_id,
        "taken": taken,
        "overlap": overlap,
        "models": spelled(models),
        "most": most,
    }
    return [Candidate(*row) for row in connection.execute(_NEVER_HAD, values)]


def checks_never_had(
    connection: Connection, campaign_id: int, annotator_id: AnnotatorId
) -> list[Candidate]:
    """Return the check items that an annotator never had."""
    values = {"campaign": campaign_id, "annotator": annotator_id}
    return [Candidate(*row) for row in connection.execute(_CHECKS, values)]


def mark_disputed(connection: Connection, item_id: int, *, disputed: bool) -> None:
    """Record whether the annotators of an item disagree, so that more of them are wanted."""
    statement = update(items).where(_OF.id == item_id, _OF.disputed != disputed)
    connection.execute(statement.values(disputed=disputed))


def times_in_slots(
    connection: Connection, campaign_id: int, models: Positions
) -> Mapping[tuple[int, int], int]:
    """Return how often each model of such items stood in each slot, by position and slot."""
    of = slot_counts.c
    query = select(of.position, of.slot, of.taken).where(
        of.campaign_id == campaign_id, of.models == spelled(models)
    )
    return {(position, slot): taken for position, slot, taken in connection.execute(query)}
