"""What `arena import campaign` does with an archive, and what it says of it."""

from pathlib import Path

import typer

from arena.cli.database import BAD_INPUT, FAILURE, opened, stop
from arena.cli.wording import pluralized
from arena.inference.clock import SystemClock
from arena.services.campaigns.archive.importing import ArchiveImports
from arena.services.campaigns.archive.reading import open_archive
from arena.services.campaigns.archive.refusals import BadArchive
from arena.services.campaigns.refusals import CampaignRefused


def import_campaign(file: Path, database_url: str) -> None:
    """Import and say what; ends the program when nothing was imported."""
    try:
        with open_archive(file) as archive, opened(database_url, create=True) as database:
            done = ArchiveImports(database, SystemClock()).store(archive)
    except (BadArchive, CampaignRefused) as error:
        stop(f"{file}: {error}\nNothing was imported.", BAD_INPUT)
    except OSError as error:
        stop(f"the import was not finished, so nothing was imported: {error}", FAILURE)
    if not done.new:
        typer.echo(f"{done.name} was imported from this archive before: nothing changed.")
        return
    votes, people = pluralized(done.votes, "vote"), pluralized(done.annotators, "annotator")
    typer.echo(f"{done.name}: {votes} of {people} imported. The campaign is closed here.")
