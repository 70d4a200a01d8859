"""What `arena import replies` does with a file, and what it says of it."""

from pathlib import Path

import typer

from arena.cli.database import BAD_INPUT, FAILURE, opened, stop
from arena.cli.import_report import described_faults
from arena.cli.wording import pluralized
from arena.domain.conversation import ModelKey
from arena.inference.clock import SystemClock
from arena.services.campaigns.refusals import CampaignRefused
from arena.services.campaigns.replies.imports import ReplyImportReport, ReplyImports
from arena.services.importing.formats import UnreadableFile
from arena.services.importing.replies.formats import ReplyFormat


def import_replies(
    file: Path,
    campaign: str,
    source: ReplyFormat | None,
    database_url: str,
    *,
    model: ModelKey | None,
    dry_run: bool,
) -> None:
    """Import and print the report; ends the program when nothing was imported."""
    try:
        content = file.read_bytes()
        with opened(database_url) as database:
            imports = ReplyImports(database, SystemClock())
            report = imports.replies(content, campaign, source, model=model, dry_run=dry_run)
    except UnreadableFile as error:
        stop(f"{file}: {error}\nNothing was imported.", BAD_INPUT)
    except CampaignRefused as error:
        stop(f"{error}\nNothing was imported.", BAD_INPUT)
    except OSError as error:
        stop(f"the import was not finished, so nothing was imported: {error}", FAILURE)
    _print(report, file, dry_run=dry_run)


def _print(report: ReplyImportReport, file: Path, *, dry_run: bool) -> None:
    for line in described_faults(report.faults, file):
        typer.echo(line, err=True)
    if report.faults:
        stop(f"Nothing was imported: {pluralized(len(report.faults), 'bad row')}.", BAD_INPUT)
    verb = "Would import" if dry_run else "Imported"
    added = pluralized(report.new, "reply", "replies")
    typer.echo(
        f"{verb} {added} of {', '.join(report.models)} to {pluralized(report.prompts, 'prompt')}."
    )
    if report.replaced:
        replaced = pluralized(report.replaced, "reply was", "replies were")
        typer.echo(
            f"{replaced} another before and {'is' if report.replaced == 1 else 'are'} replaced."
        )
    if report.already_there:
        typer.echo(f"{pluralized(report.already_there, 'reply is', 'replies are')} already there.")
    if dry_run:
        typer.echo("Dry run: nothing was kept.")
