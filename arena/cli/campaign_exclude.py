"""`arena campaign exclude`: whose ballots a campaign's boards leave out."""

from typing import Annotated

import typer

from arena.cli.database import BAD_INPUT, DEFAULT_URL, DatabaseUrl, opened, stop
from arena.cli.wording import pluralized


def exclude(
    name: Annotated[str, typer.Argument(help="The campaign's name.")],
    annotator: Annotated[str, typer.Argument(help="The annotator's name.")],
    reason: Annotated[str, typer.Option(help="Why, in words.")] = "",
    undo: Annotated[bool, typer.Option("--undo", help="Take the ballots back in.")] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Leave an annotator's ballots out of the campaign's boards. Nothing is deleted."""
    # Imported here: SQLAlchemy would slow the start of every command.
    from arena.inference.clock import SystemClock
    from arena.services.campaigns.quality.excluding import Exclusions
    from arena.services.campaigns.refusals import CampaignRefused

    if not undo and not reason.strip():
        stop("say why with --reason TEXT", BAD_INPUT)
    with opened(database_url) as database:
        exclusions = Exclusions(database, SystemClock())
        change = exclusions.readmit if undo else exclusions.exclude
        try:
            ballots = change(name, annotator, reason)
        except CampaignRefused as refused:
            stop(str(refused), BAD_INPUT)
    state = "taken back in" if undo else "left out of boards"
    typer.echo(f"{annotator}: {pluralized(ballots, 'ballot')} {state}.")
