"""What a board filter means in SQL."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    ScalarSelect,
    Select,
    column,
    func,
    or_,
    select,
)

from arena.domain.board import NO_CATEGORY, BoardFilter
from arena.domain.conversation import ModelKey
from arena.storage.schema import annotators, campaigns, models, outcomes


def board_limits(board_filter: BoardFilter) -> list[ColumnElement[bool]]:
    """Return the conditions on `outcomes` of a filter, those on flags apart.

    Raises:
        ValueError: The filter leaves annotators out and nobody has said whom.
    """
    of = outcomes.c
    return [
        *shared_limits(board_filter, outcomes),
        *_among(board_filter.models, (of.model_id_a, of.model_id_b)),
    ]


def _among(
    keys: Collection[ModelKey], sides: Collection[ColumnElement[Any]]
) -> list[ColumnElement[bool]]:
    ids = select(models.c.id).where(models.c.key.in_(keys))
    return [side.in_(ids) for side in sides] if keys else []


def shared_limits(board_filter: BoardFilter, of: FromClause) -> list[ColumnElement[bool]]:
    """Return the conditions on columns that votes and battles share.

    `of` is `outcomes` or `battles`.

    Raises:
        ValueError: The filter leaves annotators out and nobody has said whom.
    """
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
    """Return a query for numbers passed as one JSON value: a statement takes few parameters."""
    listed = func.json_each(json.dumps(sorted(numbers))).table_valued(column("value", Integer))
    return select(listed.c.value)


def campaign_number(name: str) -> ScalarSelect[int]:
    """Return a subquery for the number of the campaign of that name, NULL for an unknown one."""
    return select(campaigns.c.id).where(campaigns.c.name == name).scalar_subquery()


def _of_category(column: ColumnElement[Any], category: str) -> ColumnElement[bool]:
    if category == NO_CATEGORY:
        return or_(column.is_(None), column == NO_CATEGORY)
    return column == category
