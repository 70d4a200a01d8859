"""`arena database copy`: an arena from SQLite to PostgreSQL, and back."""

from contextlib import ExitStack
from typing import Annotated

import typer

from arena.cli.database import (
    BAD_INPUT,
    FAILURE,
    opened,
    opened_as_it_is,
    refusals,
    stop,
)
from arena.cli.wording import pluralized

database = typer.Typer(no_args_is_help=True, help="Move an arena to another database.")


@database.callback()
def _group() -> None:
    """Move an arena to another database."""


@database.command("copy")
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="The database of the arena.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="An empty database, or a new file.")],
) -> None:
    """Copy everything, compared row by row, and the keys; what is copied from stays as it is."""
    # Imported here: SQLAlchemy would slow the start of every command.
    from arena.services.operations.moving import move_arena
    from arena.storage.copying import NotCopied
    from arena.storage.location import place_of
    from arena.storage.serving_lock import serving_alone

    with refusals():
        places = place_of(source), place_of(target)
    if places[0] == places[1]:
        stop("FROM and TO are the same database", BAD_INPUT)
    with ExitStack() as held:
        of = held.enter_context(opened_as_it_is(source))
        with refusals():
            held.enter_context(serving_alone(source))
        into = held.enter_context(opened(target, create=True))
        with refusals():
            held.enter_context(serving_alone(target))
        try:
            copied = move_arena(of, into)
        except (NotCopied, OSError) as error:
            stop(f"nothing was copied: {error}", FAILURE)
    typer.echo(
        f"{places[1]}: {pluralized(copied.votes, 'vote')}, {pluralized(copied.rows, 'row')} of "
        f"{copied.tables} tables, each compared with what it was copied from. "
        f"Its keys are in {into.keys_folder}."
    )
