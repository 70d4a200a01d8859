"""What `arena import votes` does with a file, and what it says of it."""

from collections.abc import Mapping
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress

from arena.cli.database import BAD_INPUT, FAILURE, opened, stop
from arena.cli.import_report import fault_lines, report_lines
from arena.cli.wording import pluralized
from arena.inference.clock import SystemClock
from arena.services.importing import llmfao
from arena.services.importing.formats import KnownPrompt, Reading, UnreadableFile, VoteFormat
from arena.services.importing.imports import ImportOptions, ImportReport, Imports
from arena.services.importing.storing import CampaignRuns
from arena.services.pseudonyms import export_key, export_key_path
from arena.storage.database import Database


def import_votes(
    file: Path,
    source: VoteFormat,
    renamed: Mapping[str, str],
    database_url: str,
    *,
    dry_run: bool,
    skip_bad_rows: bool,
    merge_models: bool,
    campaign: str,
) -> None:
    """Import and print the report; ends the program when nothing was imported."""
    options = ImportOptions(
        dry_run=dry_run,
        skip_bad_rows=skip_bad_rows,
        merge_models=merge_models,
        campaign=campaign,
    )
    try:
        prompts = _prompts(file, source)
        with opened(database_url, create=True) as database:
            reading = Reading(renamed, prompts, _key(database, source))
            report = _imported(Imports(database, SystemClock()), file, source, reading, options)
    except (UnreadableFile, CampaignRuns) as error:
        stop(f"{file}: {error}\nNothing was imported.", BAD_INPUT)
    except OSError as error:
        stop(f"the import was not finished, so nothing was imported: {error}", FAILURE)
    _print(report, file, dry_run=dry_run)


def _prompts(file: Path, source: VoteFormat) -> dict[str, KnownPrompt]:
    """Texts of LLMFAO's prompts, if their file lies beside the votes."""
    beside = file.parent / llmfao.PROMPTS_FILE
    if source is not VoteFormat.LLMFAO or not beside.is_file():
        return {}
    with beside.open("rb") as lines:
        return llmfao.read_prompts(lines)


def _key(database: Database, source: VoteFormat) -> bytes:
    """Return the key of pseudonyms; only FastChat's logs have addresses to hide."""
    is_needed = source is VoteFormat.FASTCHAT
    return export_key(export_key_path(database)) if is_needed else b""


def _imported(
    imports: Imports,
    file: Path,
    source: VoteFormat,
    reading: Reading,
    options: ImportOptions,
) -> ImportReport:
    """Import with a bar for reading and one for storing, on a terminal alone."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        storing = bars.add_task("Storing", total=None, visible=False)
        with bars.open(file, "rb", description="Reading") as lines:
            return imports.votes(
                lines,
                source,
                reading,
                options,
                progress=lambda done, total: bars.update(
                    storing, completed=done, total=total, visible=True
                ),
            )


def _print(report: ImportReport, file: Path, *, dry_run: bool) -> None:
    for line in fault_lines(report, file):
        typer.echo(line, err=True)
    if report.refused:
        stop(
            f"Nothing was imported: {pluralized(len(report.faults), 'bad row')}. Correct them, or "
            "add --skip-bad-rows to import the others.",
            BAD_INPUT,
        )
    for line in report_lines(report, dry_run=dry_run):
        typer.echo(line)
