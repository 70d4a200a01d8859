"""`arena report`: what a paper needs of a board, in a folder."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer

from arena.cli.board_filter import filter_of_options, with_filter_options
from arena.cli.database import BAD_INPUT, DEFAULT_URL, FAILURE, DatabaseUrl, opened, stop
from arena.cli.wording import pluralized

if TYPE_CHECKING:
    from arena.services.report.figures import ReportFigureOf
    from arena.services.report.writing import WrittenReport
    from arena.storage.database import Database


@with_filter_options
def report(
    output: Annotated[
        Path, typer.Option(metavar="DIR", help="A new or empty folder for the report.")
    ],
    archive: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Report on an archive instead of the database."),
    ] = None,
    licence: Annotated[
        str | None,
        typer.Option(metavar="TEXT", help="The licence of the votes; else to be filled in."),
    ] = None,
    database_url: DatabaseUrl = DEFAULT_URL,
    **options: Any,
) -> None:
    """Write a board as page, LaTeX, tables, figures and data card, with its methods section."""
    _require_empty(output)
    if archive is not None and options["campaign"] is not None:
        stop("--archive holds one campaign: leave --campaign out", BAD_INPUT)
    with opened(database_url) if archive is None else _unpacked(archive) as source:
        database, campaign = source if isinstance(source, tuple) else (source, options["campaign"])
        written = _written(database, {**options, "campaign": campaign}, output, licence)
    _say(output, written)


def _require_empty(folder: Path) -> None:
    if folder.is_dir():
        if any(folder.iterdir()):
            stop(f"--output {folder}: the folder is not empty", BAD_INPUT)
    elif folder.exists() or not folder.parent.is_dir():
        stop(f"--output {folder}: not a folder, nor a new one in a folder", BAD_INPUT)


@contextmanager
def _unpacked(archive: Path) -> "Iterator[tuple[Database, str]]":
    """Give a database for a moment, with the archive's campaign in it, and the campaign's name."""
    # Imported here: what stores archives would slow the start of every command.
    from arena.inference.clock import SystemClock
    from arena.services.campaigns.archive.importing import ArchiveImports
    from arena.services.campaigns.archive.reading import open_archive
    from arena.services.campaigns.archive.refusals import BadArchive

    if not archive.is_file():
        stop(f"{archive}: there is no such file", BAD_INPUT)
    with TemporaryDirectory() as folder:
        url = f"sqlite:///{Path(folder) / 'archive.sqlite3'}"
        with opened(url, create=True) as database:
            try:
                with open_archive(archive) as found:
                    name = ArchiveImports(database, SystemClock()).store(found).name
            except BadArchive as error:
                stop(f"{archive}: {error}", BAD_INPUT)
            yield database, name


def _written(
    database: "Database", options: dict[str, Any], output: Path, licence: str | None
) -> "WrittenReport":
    # Imported here: statistics and drawing would slow the start of every command.
    from arena.cli.archiving import software
    from arena.inference.clock import SystemClock
    from arena.services.report.writing import NothingToReport, Reports

    board_filter = filter_of_options(database, options)
    reports = Reports(database, SystemClock(), figure_of=_figure_of(), software=software())
    try:
        return reports.write(board_filter, output, licence=licence)
    except NothingToReport:
        stop("there is no vote under these filters: nothing to report", BAD_INPUT)
    except OSError as error:
        stop(f"the report was not finished: {error}", FAILURE)


def _figure_of() -> "ReportFigureOf":
    """Return what draws the figures of a report, with English words."""
    from arena.domain.localized import DEFAULT_LANGUAGE
    from arena.web.common.texts import load_texts
    from arena.web.leaderboard.figures.reported import reported_figure

    return partial(reported_figure, load_texts().by_language[DEFAULT_LANGUAGE])


def _say(output: Path, written: "WrittenReport") -> None:
    ballots, models = pluralized(written.ballots, "ballot"), pluralized(written.models, "model")
    typer.echo(f"{output}: {ballots} on {models}, {pluralized(written.figures, 'figure')}.")
    total = sum(written.personal.values())
    if total:
        kinds = ", ".join(f"{number} {kind.value}" for kind, number in written.personal.items())
        typer.echo(
            f"{pluralized(total, 'place')} may hold personal data ({kinds}): look at "
            f"{output / 'personal-data.csv'} before you publish anything."
        )
