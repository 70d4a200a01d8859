"""`arena campaign verify`: whether an archive is what it was, and gives what it says."""

from pathlib import Path
from typing import Annotated

import typer

from arena.cli.database import BAD_INPUT, FAILURE, stop


def verify(
    archive: Annotated[
        Path, typer.Argument(help="The archive, as `arena campaign export` writes.")
    ],
) -> None:
    """Check every checksum, recount the ballots, recompute leaderboard and figures, and compare."""
    if not archive.is_file():
        stop(f"{archive}: there is no such file", BAD_INPUT)
    # Imported here: what computes boards would slow the start of every command.
    from arena.cli.archiving import figure_of
    from arena.inference.clock import SystemClock
    from arena.services.campaigns.archive.reading import open_archive
    from arena.services.campaigns.archive.refusals import BadArchive
    from arena.services.campaigns.archive.verifying import Verification

    wrong = False
    try:
        with open_archive(archive) as opened:
            for fault in Verification(SystemClock(), figure_of=figure_of()).faults(opened):
                wrong = True
                typer.echo(fault)
    except BadArchive as error:
        stop(f"{archive}: {error}", FAILURE)
    except OSError as error:
        stop(f"{archive}: the verification was not finished: {error}", FAILURE)
    if wrong:
        raise typer.Exit(FAILURE)
    typer.echo(f"{archive}: every checksum is right, and the ballots give what it says.")
