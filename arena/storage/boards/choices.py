"""What boards can be filtered by."""

from collections import defaultdict

from sqlalchemy import ColumnElement, Connection, exists, func, select

from arena.domain.board import NO_CATEGORY, BoardChoices, BoardFilter
from arena.storage.boards.limits import board_limits
from arena.storage.schema import annotators, campaigns, outcomes, votes


def board_choices(connection: Connection, *, members: int = 1) -> BoardChoices:
    """The categories, languages, groups of annotators and campaigns of all votes.

    Of groups, those of which at least so many `members` voted.
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
    """How many annotators of a group have voted; 0 for a group that nobody belongs to."""
    query = select(func.count()).where(annotators.c.group_name == group, _voted())
    return int(connection.execute(query).scalar_one())


def _voted() -> ColumnElement[bool]:
    """Whether an annotator ever voted: `votes` have an index for it, `outcomes` have none."""
    return exists().where(votes.c.annotator_id == annotators.c.id)


def categories_of(connection: Connection, board_filter: BoardFilter) -> tuple[str, ...]:
    """Categories of what the filter chooses; if it occurs, `NO_CATEGORY` is the first."""
    query = select(outcomes.c.category).where(*board_limits(board_filter)).distinct()
    return tuple(sorted({found or NO_CATEGORY for found in connection.execute(query).scalars()}))
