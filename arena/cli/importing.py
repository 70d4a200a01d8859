"""What `arena import votes` does with a file, and what it says of it."""

from collections.abc import Iterator, Mapping
from pathlib import Path

import typer
from rich.console import Console
from rich.progress import Progress

from arena.cli.database import BAD_INPUT, FAILURE, opened, stop
from arena.cli.import_report import fault_lines, report_lines
from arena.cli.wording import pluralized
from arena.inference.clock import SystemClock
from arena.services.importing import llmfao
from arena.services.importing.containers import VoteFile, vote_file
from arena.services.importing.formats import KnownPrompt, Reading, UnreadableFile, VoteFormat
from arena.services.importing.imports import ImportOptions, ImportReport, Imports
from arena.services.importing.rows import ImportedRow
from arena.services.importing.storing import CampaignRuns
from arena.services.importing.vote_formats import FORMATS, recognized, votes_of_file
from arena.services.pseudonyms import export_key, export_key_path
from arena.storage.database import Database


def import_votes(
    path: Path,
    source: VoteFormat | None,
    renamed: Mapping[str, str],
    database_url: str,
    *,
    dry_run: bool,
    skip_bad_rows: bool,
    merge_models: bool,
    campaign: str,
) -> None:
    """Import and print the report; ends the program when nothing was imported.

    `source` None tells the format by the file.
    """
    options = ImportOptions(
        dry_run=dry_run,
        skip_bad_rows=skip_bad_rows,
        merge_models=merge_models,
        campaign=campaign,
    )
    try:
        file = vote_file(path)
        source = source or _recognized(file)
        prompts = _prompts(path, source)
        with opened(database_url, create=True) as database:
            reading = Reading(renamed, prompts, _key(database, source))
            report = _imported(Imports(database, SystemClock()), file, source, reading, options)
    except (UnreadableFile, CampaignRuns) as error:
        stop(f"{path}: {error}\nNothing was imported.", BAD_INPUT)
    except OSError as error:
        stop(f"the import was not finished, so nothing was imported: {error}", FAILURE)
    _print(report, file, dry_run=dry_run)


def _recognized(file: VoteFile) -> VoteFormat:
    """Tell the format by the shape of the file, and say which it is."""
    source = recognized(file.table())
    typer.echo(f"Recognized {FORMATS[source].title} in {file.kind} (--format {source}).")
    return source


def _prompts(path: Path, source: VoteFormat) -> dict[str, KnownPrompt]:
    """Texts of LLMFAO's prompts, if their file lies beside the votes."""
    beside = path.parent / llmfao.PROMPTS_FILE
    if source is not VoteFormat.LLMFAO or not beside.is_file():
        return {}
    with beside.open("rb") as lines:
        return llmfao.read_prompts(lines)


def _key(database: Database, source: VoteFormat) -> bytes:
    """Return the key of pseudonyms where a format has addresses to hide."""
    is_needed = FORMATS[source].hides_addresses
    return export_key(export_key_path(database)) if is_needed else b""


def _imported(
    imports: Imports,
    file: VoteFile,
    source: VoteFormat,
    reading: Reading,
    options: ImportOptions,
) -> ImportReport:
    """Import with a bar for reading and one for storing, on a terminal alone."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bars:
        checking = bars.add_task("Reading", total=file.path.stat().st_size)
        storing = bars.add_task("Storing", total=None, visible=False)

        def read() -> Iterator[ImportedRow]:
            return votes_of_file(file, source, reading, lambda size: bars.advance(checking, size))

        def progress(done: int, total: int) -> None:
            bars.update(checking, visible=False)
            bars.update(storing, completed=done, total=total, visible=True)

        unit = "row" if file.kind.counts_rows else "line"
        return imports.votes(read, source, options, unit=unit, progress=progress)


def _print(report: ImportReport, file: VoteFile, *, dry_run: bool) -> None:
    for line in fault_lines(report, file.path, counts_rows=file.kind.counts_rows):
        typer.echo(line, err=True)
    if report.refused:
        stop(
            f"Nothing was imported: {pluralized(len(report.faults), 'bad row')}. Correct them, or "
            "add --skip-bad-rows to import the others.",
            BAD_INPUT,
        )
    for line in report_lines(report, dry_run=dry_run):
        typer.echo(line)
