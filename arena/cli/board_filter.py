"""Options of commands that filter a board, checked against the database."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING

from arena.cli.database import BAD_INPUT, known, known_campaign, stop
from arena.domain.conversation import ModelKey
from arena.domain.days import beginning, ending

if TYPE_CHECKING:
    from arena.domain.board import BoardFilter
    from arena.storage.database import Database

_A_PAIR = 2


def filter_of_options(
    database: "Database",
    *,
    category: str | None,
    language: str | None,
    group: str | None,
    campaign: str | None,
    since: datetime | None,
    until: datetime | None,
    among: Sequence[str],
    with_flagged: bool,
    without_one_address: bool,
) -> "BoardFilter":
    """Return the filter; a value that no vote has ends the command with the values that votes have.

    `since` and `until` are days (UTC), both included. Categories and languages may be any: of some
    there are no votes yet.
    """
    # Imported here: SQLAlchemy would slow the start of every other command.
    from arena.domain.board import BoardFilter

    _require_order(since, until)
    return BoardFilter(
        category=category,
        language=language,
        group=None if group is None else _known_group(database, group),
        models=_models(database, among),
        since=since and beginning(since.date()),
        until=until and _ending(until.date()),
        include_flagged=with_flagged,
        campaign=known_campaign(database, campaign),
        without_one_address=without_one_address,
    )


def known_model(database: "Database", key: str) -> ModelKey:
    """Return the key if a model was ever registered under it; else end the command."""
    from arena.storage.boards import model_names

    with database.reading() as connection:
        return ModelKey(known("no model has the key", key, model_names(connection)))


def _known_group(database: "Database", name: str) -> str:
    from arena.storage.boards.choices import board_choices

    with database.reading() as connection:
        return known("nobody has voted of the group", name, board_choices(connection).groups)


def _models(database: "Database", keys: Sequence[str]) -> frozenset[ModelKey]:
    chosen = frozenset(known_model(database, key) for key in keys)
    if keys and len(chosen) < _A_PAIR:
        stop("--among needs two models at least: give it once for each", BAD_INPUT)
    return chosen


def _require_order(since: datetime | None, until: datetime | None) -> None:
    if since and until and since > until:
        stop(f"{since.date()} is after {until.date()}: no vote is in between", BAD_INPUT)


def _ending(day: date) -> datetime:
    try:
        return ending(day)
    except OverflowError:
        stop("no day comes after 9999-12-31", BAD_INPUT)
