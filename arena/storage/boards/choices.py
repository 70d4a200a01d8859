"""The values that boards can be filtered by."""

from collections import defaultdict

from sqlalchemy import ColumnElement, Connection, exists, func, select

from arena.domain.board import NO_CATEGORY, BoardChoices, BoardFilter
from arena.storage.boards.limits import board_limits
from arena.storage.schema import annotators, campaigns, outcomes, votes


def board_choices(connection: Connection, *, members: int = 1) -> BoardChoices:
    """Return the categories, languages, groups of annotators and campaigns of all votes.

    Groups are those of which at least `members` annotators voted.
    """
    query = select(outcomes.c.category, outcomes.c.language).distinct()
    found: dict[str, set[str]] = defaultdict(set)
    for category, language in connection.execute(query):
        found["categories"].update({category} - {None})
        found["languages"].add(language)
    name = annotators.c.group_name
    groups = select(name).where(name.is_not(None), _voted()).group_by(name)
    run = select(campaigns.c.name).where(
        campaigns.c.id.in_(select(outcomes.c.campaign_id).distinct())
    )
    return BoardChoices(
        categories=tuple(sorted(found["categories"])),
        languages=tuple(sorted(found["languages"])),
        groups=tuple(sorted(connection.execute(groups.having(func.count() >= members)).scalars())),
        campaigns=tuple(sorted(connection.execute(run).scalars())),
    )


def group_voters(connection: Connection, group: str) -> int:
    """Return how many annotators of a group have voted; 0 for an unknown group."""
    query = select(func.count()).where(annotators.c.group_name == group, _voted())
    return int(connection.execute(query).scalar_one())


def _voted() -> ColumnElement[bool]:
    """Return the condition that an annotator has voted: `votes` have an index for it."""
    return exists().where(votes.c.annotator_id == annotators.c.id)


def categories_of(connection: Connection, board_filter: BoardFilter) -> tuple[str, ...]:
    """Return the categories of what the filter selects, `NO_CATEGORY` first if it occurs."""
    query = select(outcomes.c.category).where(*board_limits(board_filter)).distinct()
    return tuple(sorted({found or NO_CATEGORY for found in connection.execute(query).scalars()}))
