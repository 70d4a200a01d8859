"""Options of commands that filter a board, and their values checked against the database."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli.database import BAD_INPUT, known, known_campaign, stop
from arena.domain.board import FILTER_FIELDS, BoardFilter, FieldKind, FilterField
from arena.domain.conversation import ModelKey
from arena.domain.days import end_of_day, start_of_day
from arena.domain.mode import PAIR

if TYPE_CHECKING:
    from arena.storage.database import Database

_TYPES: Mapping[FieldKind, tuple[Any, Any]] = {
    FieldKind.CHOICE: (str | None, None),
    FieldKind.FIRST_DAY: (datetime | None, None),
    FieldKind.LAST_DAY: (datetime | None, None),
    FieldKind.MODELS: (list[str] | None, None),
    FieldKind.NUMBER: (int | None, None),
    FieldKind.SWITCH: (bool, False),
}
"""Type and default of an option, by the kind of its field."""


def with_filter_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command an option for every field of a filter, in place of its `**options`."""
    signature = inspect.signature(command, eval_str=True)
    own = [
        one.replace(kind=one.KEYWORD_ONLY)
        for one in signature.parameters.values()
        if one.kind is not one.VAR_KEYWORD
    ]
    options = [_parameter(field) for field in FILTER_FIELDS]
    command.__signature__ = signature.replace(  # type: ignore[attr-defined]
        parameters=[*own[:1], *options, *own[1:]]
    )
    command.__annotations__ = {one.name: one.annotation for one in (*own, *options)}
    return command


def filter_of_options(database: "Database", options: Mapping[str, Any]) -> BoardFilter:
    """Return the filter that the options of a command say, by the attributes of its fields.

    A value that no vote has ends the command with the values that votes have. Days are of UTC,
    both included. Categories and languages may be any: of some there are no votes yet.
    """
    _require_order(options["since"], options["until"])
    return BoardFilter(
        **{
            field.attribute: _value(database, field, options[field.attribute])
            for field in FILTER_FIELDS
        }
    )


def known_model(database: "Database", key: str) -> ModelKey:
    """Return the key if a model was ever registered under it; else end the command."""
    # Imported here: SQLAlchemy would slow the start of every other command.
    from arena.storage.boards import model_names

    with database.reading() as connection:
        return ModelKey(known("no model has the key", key, model_names(connection)))


def _parameter(field: FilterField) -> inspect.Parameter:
    kind, default = _TYPES[field.kind]
    option = typer.Option(field.option, help=field.help, metavar=field.metavar)
    if field.kind in {FieldKind.FIRST_DAY, FieldKind.LAST_DAY}:
        option.formats = ["%Y-%m-%d"]
    if field.kind is FieldKind.NUMBER:
        option.min = 1
    return inspect.Parameter(
        field.attribute,
        inspect.Parameter.KEYWORD_ONLY,
        default=default,
        annotation=Annotated[kind, option],
    )


def _value(database: "Database", field: FilterField, given: Any) -> Any:
    match field.kind:
        case FieldKind.FIRST_DAY:
            return given and start_of_day(given.date())
        case FieldKind.LAST_DAY:
            return given and _ending(given.date())
        case FieldKind.MODELS:
            return _models(database, given or ())
    check = _KNOWN.get(field.attribute)
    return given if given is None or check is None else check(database, given)


def _known_group(database: "Database", name: str) -> str:
    from arena.storage.boards.choices import board_choices

    with database.reading() as connection:
        return known("nobody has voted of the group", name, board_choices(connection)["group"])


_KNOWN: Mapping[str, Callable[["Database", str], str | None]] = {
    "campaign": known_campaign,
    "group": _known_group,
}
"""Checks of choices that end the command for values that no vote has."""


def _models(database: "Database", keys: Sequence[str]) -> frozenset[ModelKey]:
    chosen = frozenset(known_model(database, key) for key in keys)
    if keys and len(chosen) < PAIR:
        stop("--among needs two models at least: give it once for each", BAD_INPUT)
    return chosen


def _require_order(since: datetime | None, until: datetime | None) -> None:
    if since and until and since > until:
        stop(f"{since.date()} is after {until.date()}: no vote is in between", BAD_INPUT)


def _ending(day: date) -> datetime:
    try:
        return end_of_day(day)
    except OverflowError:
        stop("no day comes after 9999-12-31", BAD_INPUT)
