"""Who cast the votes of a board, on which prompts, when, and where they come from."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, case, distinct, func, not_, select

from arena.domain.board import NO_CATEGORY, BoardFilter
from arena.storage.boards.conditions import board_conditions
from arena.storage.boards.groups import groups_of_annotators
from arena.storage.schema import UtcDateTime, campaigns, models, outcomes

_EXTERNAL = "external"


class Origin(StrEnum):
    """Where a vote was cast: in open play, in a campaign with a file, or elsewhere."""

    OPEN_PLAY = "open play"
    CAMPAIGN = "campaign"
    IMPORT = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Casting:
    """Who cast the votes that a board counts, and on what.

    `votes_each` are ballots by annotator, most first. `groups` has the voters of each group,
    `categories` and `languages` have prompts, `origins` ballots. A prompt may have been used in
    several categories. Times are None without a vote.
    """

    votes_each: tuple[int, ...]
    groups: Mapping[str, int]
    prompts: int
    categories: Mapping[str, int]
    languages: Mapping[str, int]
    origins: Mapping[Origin, int]
    first_at: datetime | None
    last_at: datetime | None


def casting_of(connection: Connection, board_filter: BoardFilter) -> Casting:
    """Count what the filter selects; flagged comparisons only if it includes them."""
    of, chosen = outcomes.c, _counted(board_filter)
    ballots = func.count(distinct(of.vote_id))
    prompts = func.count(distinct(of.prompt_hash))
    each = select(ballots.label("ballots")).where(*chosen).group_by(of.annotator_id)
    whole = select(
        prompts,
        func.min(of.created_at, type_=UtcDateTime()),
        func.max(of.created_at, type_=UtcDateTime()),
    )
    number, first_at, last_at = connection.execute(whole.where(*chosen)).one()
    return Casting(
        votes_each=tuple(sorted(connection.execute(each).scalars(), reverse=True)),
        groups=_groups(connection, chosen),
        prompts=int(number),
        categories=_by(connection, func.coalesce(of.category, NO_CATEGORY), prompts, chosen),
        languages=_by(connection, of.language, prompts, chosen),
        origins=_origins(connection, chosen),
        first_at=first_at,
        last_at=last_at,
    )


def _counted(board_filter: BoardFilter) -> list[ColumnElement[bool]]:
    conditions = board_conditions(board_filter)
    return conditions if board_filter.include_flagged else [*conditions, not_(outcomes.c.flagged)]


def _by(
    connection: Connection,
    part: ColumnElement[Any],
    number: ColumnElement[int],
    chosen: list[ColumnElement[bool]],
) -> dict[str, int]:
    found = connection.execute(select(part, number).where(*chosen).group_by(part))
    return {str(name): int(count) for name, count in sorted(found)}


def _groups(connection: Connection, chosen: list[ColumnElement[bool]]) -> dict[str, int]:
    voters, group = select(outcomes.c.annotator_id).where(*chosen), groups_of_annotators.c
    query = (
        select(group.name, func.count())
        .where(group.annotator_id.in_(voters))
        .group_by(group.name)
        .order_by(group.name)
    )
    return {name: int(count) for name, count in connection.execute(query)}


def _origins(connection: Connection, chosen: list[ColumnElement[bool]]) -> dict[Origin, int]:
    of = outcomes.c
    origin = case(
        (campaigns.c.state.is_not(None), Origin.CAMPAIGN.value),
        (models.c.origin == _EXTERNAL, Origin.IMPORT.value),
        else_=Origin.OPEN_PLAY.value,
    )
    query = (
        select(origin, func.count(distinct(of.vote_id)))
        .select_from(outcomes)
        .join(models, models.c.id == of.model_id_a)
        .outerjoin(campaigns, campaigns.c.id == of.campaign_id)
        .where(*chosen)
        .group_by(origin)
    )
    return {Origin(word): int(count) for word, count in connection.execute(query)}
