"""`arena verify`: whether the votes are what the arena stored."""

from typing import Annotated

import typer

from arena.cli.database import BAD_INPUT, DEFAULT_URL, FAILURE, DatabaseUrl, opened_as_it_is, stop
from arena.cli.shown_prompts import print_json
from arena.cli.wording import pluralized

_SHOWN = 50
_ADVICE = (
    "What to do: stop the arena and keep this file for comparison. Restore the newest backup that "
    "`arena verify` finds nothing in (docs/deploying.md#verify)."
)


def verify(
    head: Annotated[
        str | None,
        typer.Option(
            help="A head of the chain that was noted earlier: is the chain up to it the same?",
            metavar="NUMBER:DIGEST",
        ),
    ] = None,
    database_url: DatabaseUrl = DEFAULT_URL,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document.")] = False,
) -> None:
    """Check rules, counts and the chain of votes, and name every vote that does not fit."""
    # Imported here: SQLAlchemy would slow the start of every command.
    from arena.services.operations.verifying import NoHead, Verification, parsed_head

    try:
        noted = parsed_head(head) if head is not None else None
    except NoHead as error:
        stop(f"--head {head}: {error}", BAD_INPUT)
    with opened_as_it_is(database_url) as database:
        verification = Verification(database, noted=noted)
        checked = verification.checked()
        faults = list(verification.faults())
    newest = str(checked.head) if checked.head else None
    if as_json:
        print_json({"votes": checked.votes, "head": newest, "faults": faults})
    elif faults:
        _tell(faults)
    else:
        typer.echo(f"{pluralized(checked.votes, 'vote')}: all are as they were stored.")
        typer.echo(f"Head of the chain: {newest or 'none yet'}")
    if faults:
        raise typer.Exit(FAILURE)


def _tell(faults: list[str]) -> None:
    for fault in faults[:_SHOWN]:
        typer.echo(fault)
    if len(faults) > _SHOWN:
        typer.echo(f"… and {len(faults) - _SHOWN} more (all with --json)")
    typer.echo(_ADVICE)
