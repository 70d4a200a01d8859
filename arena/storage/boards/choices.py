"""The values that boards can be filtered by."""

from sqlalchemy import Connection, func, select

from arena.domain.board import NO_CATEGORY, BoardChoices, BoardFilter
from arena.storage.boards.conditions import FIELD_QUERIES, board_conditions, has_voted
from arena.storage.boards.groups import groups_of_annotators
from arena.storage.schema import annotators, outcomes


def board_choices(connection: Connection, *, members: int = 1) -> BoardChoices:
    """Return the values of all votes for each field of a filter that is a choice.

    Groups are those of which at least `members` annotators voted.
    """
    return {
        attribute: tuple(sorted(set(connection.execute(query.choices(members)).scalars()) - {None}))
        for attribute, query in FIELD_QUERIES.items()
        if query.choices is not None
    }


def group_voters(connection: Connection, group: str) -> int:
    """Return how many annotators of a group have voted; 0 for an unknown group."""
    groups = groups_of_annotators.c
    query = (
        select(func.count())
        .join_from(groups_of_annotators, annotators, annotators.c.id == groups.annotator_id)
        .where(groups.name == group, has_voted())
    )
    return int(connection.execute(query).scalar_one())


def categories_of(connection: Connection, board_filter: BoardFilter) -> tuple[str, ...]:
    """Return the categories of what the filter selects, `NO_CATEGORY` first if it occurs."""
    query = select(outcomes.c.category).where(*board_conditions(board_filter)).distinct()
    return tuple(sorted({found or NO_CATEGORY for found in connection.execute(query).scalars()}))
