"""What a board filter means in SQL."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    ScalarSelect,
    Select,
    func,
    or_,
    select,
)

from arena.domain.board import FILTER_FIELDS, NO_CATEGORY, BoardFilter
from arena.domain.conversation import ModelKey
from arena.storage.boards.groups import groups_of_annotators
from arena.storage.json_sql import listed
from arena.storage.schema import annotators, campaigns, models, outcomes, votes


@dataclass(frozen=True, slots=True)
class FieldQuery:
    """A field of a filter in SQL.

    `condition` is on `outcomes` or `battles`, which share the columns; `of_votes` says that only
    votes have what it asks for, so that it leaves counts of void battles as they are. `choices` is
    the query for the values that votes have, given the fewest voters of a group.
    """

    condition: Callable[[FromClause, Any], ColumnElement[bool]]
    choices: Callable[[int], Select[Any]] | None = None
    of_votes: bool = False


def board_conditions(board_filter: BoardFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on `outcomes` of a filter, those on flags apart.

    Raises:
        ValueError: The filter leaves annotators out and nobody has said whom.
    """
    of = outcomes.c
    return [
        *shared_conditions(board_filter, outcomes),
        *_conditions(board_filter, outcomes, of_votes=True),
        *_among(board_filter.models, (of.model_id_a, of.model_id_b)),
    ]


def shared_conditions(board_filter: BoardFilter, of: FromClause) -> list[ColumnElement[bool]]:
    """Return the conditions on columns that votes and battles share.

    `of` is `outcomes` or `battles`.

    Raises:
        ValueError: The filter leaves annotators out and nobody has said whom.
    """
    conditions = list(_conditions(board_filter, of, of_votes=False))
    if board_filter.leaves_out_addresses and board_filter.left_out is None:
        raise ValueError("nobody has said whom this filter leaves out")
    if board_filter.left_out:
        conditions.append(of.c.annotator_id.not_in(listed(board_filter.left_out)))
    return conditions


def _conditions(
    board_filter: BoardFilter, of: FromClause, *, of_votes: bool
) -> Iterator[ColumnElement[bool]]:
    for field in FILTER_FIELDS:
        query = FIELD_QUERIES.get(field.attribute)
        if query is not None and query.of_votes is of_votes and field.is_set(board_filter):
            yield query.condition(of, field.of(board_filter))


def campaign_number(name: str) -> ScalarSelect[int]:
    """Return a subquery for the number of the campaign of that name, NULL for an unknown one."""
    return select(campaigns.c.id).where(campaigns.c.name == name).scalar_subquery()


def has_voted() -> ColumnElement[bool]:
    """Return the condition that an annotator has voted: `votes` have an index for it."""
    return select(votes.c.id).where(votes.c.annotator_id == annotators.c.id).exists()


def _among(
    keys: Collection[ModelKey], sides: Collection[ColumnElement[Any]]
) -> list[ColumnElement[bool]]:
    ids = select(models.c.id).where(models.c.key.in_(keys))
    return [side.in_(ids) for side in sides] if keys else []


def _of_category(of: FromClause, category: str) -> ColumnElement[bool]:
    if category == NO_CATEGORY:
        return or_(of.c.category.is_(None), of.c.category == NO_CATEGORY)
    return of.c.category == category


def _of_group(of: FromClause, name: str) -> ColumnElement[bool]:
    groups = groups_of_annotators.c
    return of.c.annotator_id.in_(select(groups.annotator_id).where(groups.name == name))


def _groups(members: int) -> Select[Any]:
    groups = groups_of_annotators.c
    voted = (
        select(groups.name)
        .join_from(groups_of_annotators, annotators, annotators.c.id == groups.annotator_id)
        .where(has_voted())
    )
    return voted.group_by(groups.name).having(func.count() >= members)


def _campaigns(_members: int) -> Select[Any]:
    of_votes = select(outcomes.c.campaign_id).distinct()
    return select(campaigns.c.name).where(campaigns.c.id.in_(of_votes))


FIELD_QUERIES: Mapping[str, FieldQuery] = {
    "campaign": FieldQuery(lambda of, name: of.c.campaign_id == campaign_number(name), _campaigns),
    "category": FieldQuery(_of_category, lambda _: select(outcomes.c.category).distinct()),
    "language": FieldQuery(
        lambda of, code: of.c.language == code, lambda _: select(outcomes.c.language).distinct()
    ),
    "group": FieldQuery(_of_group, _groups),
    "since": FieldQuery(lambda of, moment: of.c.created_at >= moment),
    "until": FieldQuery(lambda of, moment: of.c.created_at < moment),
}
"""By the attribute of the field. Flags, models and addresses need more than one condition."""
