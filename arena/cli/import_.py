"""`arena import`: votes that were cast elsewhere."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import Progress

from arena.cli.database import BAD_INPUT, DEFAULT_URL, FAILURE, DatabaseUrl, opened, stop
from arena.cli.import_report import fault_lines, report_lines
from arena.domain.clock import Clock
from arena.services.importing import llmfao
from arena.services.importing.rows import KnownPrompt, Reading, UnreadableFile, VoteFormat
from arena.services.imports import ImportOptions, ImportReport, Imports
from arena.services.pseudonyms import export_key, export_key_path
from arena.storage.database import Database

import_ = typer.Typer(help="Votes that were cast elsewhere.", no_args_is_help=True)


@import_.callback()
def _group() -> None:
    """Keep `votes` a subcommand, although it is the only one."""


@import_.command("votes")
def votes(
    file: Annotated[Path, typer.Argument(help="The file to import.")],
    format: Annotated[  # noqa: A002 - the contract's word
        str, typer.Option(help=f"One of {', '.join(VoteFormat)}.")
    ],
    columns: Annotated[
        str | None,
        typer.Option(metavar="MAP", help="The file's names of columns: OURS=THEIRS,OURS=THEIRS."),
    ] = None,
    campaign: Annotated[str | None, typer.Option(help="Not available yet.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do everything and take it back.")
    ] = False,
    skip_bad_rows: Annotated[
        bool, typer.Option("--skip-bad-rows", help="Import the rest of a file with bad rows.")
    ] = False,
    merge_models: Annotated[
        bool,
        typer.Option(
            "--merge-models", help="A model of the file is the model that has the same key here."
        ),
    ] = False,
    database_url: DatabaseUrl = DEFAULT_URL,
) -> None:
    """Import the votes of a file: all of them, or none when a row is bad."""
    source, renamed = _format(format), _columns(columns)
    if campaign is not None:
        stop("--campaign is not available yet: there are no campaigns", BAD_INPUT)
    if not file.is_file():
        stop(f"{file}: there is no such file", BAD_INPUT)
    options = ImportOptions(dry_run=dry_run, skip_bad_rows=skip_bad_rows, merge_models=merge_models)
    try:
        prompts = _prompts(file, source)
        with opened(database_url) as database:
            reading = Reading(renamed, prompts, _key(database, source))
            report = _imported(Imports(database, _clock()), file, source, reading, options)
    except UnreadableFile as error:
        stop(f"{file}: {error}\nNothing was imported.", BAD_INPUT)
    except OSError as error:
        stop(f"the import was not finished, so nothing was imported: {error}", FAILURE)
    _print(report, file, dry_run=dry_run)


def _format(word: str) -> VoteFormat:
    try:
        return VoteFormat(word)
    except ValueError:
        stop(f"--format {word} is unknown; choose one of {', '.join(VoteFormat)}", BAD_INPUT)


def _columns(text: str | None) -> dict[str, str]:
    pairs = [pair.partition("=") for pair in text.split(",")] if text is not None else []
    renamed = {ours.strip(): theirs.strip() for ours, _, theirs in pairs}
    if len(renamed) < len(pairs) or not all((*renamed, *renamed.values())):
        stop(
            f"--columns {text}: write OURS=THEIRS,OURS=THEIRS, each of ours once, such as "
            "annotator=user,verdict=vote",
            BAD_INPUT,
        )
    return renamed


def _prompts(file: Path, source: VoteFormat) -> dict[str, KnownPrompt]:
    """Texts of LLMFAO's prompts, if their file lies beside the votes."""
    beside = file.parent / llmfao.PROMPTS_FILE
    if source is not VoteFormat.LLMFAO or not beside.is_file():
        return {}
    with beside.open("rb") as lines:
        return llmfao.read_prompts(lines)


def _key(database: Database, source: VoteFormat) -> bytes:
    """The key of pseudonyms; only FastChat's logs have addresses to hide."""
    is_needed = source is VoteFormat.FASTCHAT
    return export_key(export_key_path(database)) if is_needed else b""


def _clock() -> Clock:
    from arena.inference.clock import SystemClock

    return SystemClock()


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
            f"Nothing was imported: {len(report.faults)} bad rows. Correct them, or add "
            "--skip-bad-rows to import the others.",
            BAD_INPUT,
        )
    for line in report_lines(report, dry_run=dry_run):
        typer.echo(line)
