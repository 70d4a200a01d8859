"""`arena campaign export`: a campaign as one file that others can check."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Annotated

import typer

from arena.cli.database import BAD_INPUT, DEFAULT_URL, FAILURE, DatabaseUrl, opened, stop
from arena.cli.wording import pluralized
from arena.storage.private_files import create_private


def export_campaign(
    name: Annotated[str, typer.Argument(help="The campaign's name.")],
    output: Annotated[
        Path | None, typer.Option(help="File to write, whole or not at all; NAME.zip without it.")
    ] = None,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Write a campaign's archive: ballots, replies, leaderboard, figures and checksums."""
    # Imported here: what computes boards and draws would slow the start of every command.
    from arena.cli.archiving import figure_of, software
    from arena.inference.clock import SystemClock
    from arena.services.campaigns.archive.exporting import ArchiveExports
    from arena.services.campaigns.refusals import CampaignRefused
    from arena.services.pseudonyms import Pseudonyms, export_key, export_key_path

    file = output or Path(f"{_file_name(name)}.zip")
    if file.is_dir() or not file.parent.is_dir():
        stop(f"--output {file}: not a file in an existing directory", BAD_INPUT)
    try:
        with opened(database_url) as database, _whole(file) as target:
            exports = ArchiveExports(
                database,
                SystemClock(),
                pseudonyms=Pseudonyms(export_key(export_key_path(database))),
                figure_of=figure_of(),
                software=software(),
            )
            exported = exports.write(name, target)
    except CampaignRefused as refused:
        stop(str(refused), BAD_INPUT)
    except OSError as error:
        stop(f"the export was not finished: {error}", FAILURE)
    ballots = pluralized(exported.ballots, "ballot")
    people = pluralized(exported.annotators, "annotator")
    apart = f"{pluralized(exported.repeats, 'repeat')} and {pluralized(exported.checks, 'check')}"
    typer.echo(
        f"{file}: {ballots} of {people}; besides, {apart}. Check it with `arena campaign verify`."
    )


def _file_name(campaign: str) -> str:
    """Return a campaign's name as that of a file: letters, digits, dots and dashes."""
    return re.sub(r"[^\w.-]+", "-", campaign).strip(".-") or "campaign"


@contextmanager
def _whole(output: Path) -> Iterator[IO[bytes]]:
    """Give a file to write that gets the name `output` when it is whole, or none at all.

    It is for its owner alone until they share it: it holds votes, and comments as written.
    """
    part = output.with_name(f"{output.name}.part")
    part.unlink(missing_ok=True)
    create_private(part)
    try:
        with part.open("w+b") as file:
            yield file
        part.replace(output)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
