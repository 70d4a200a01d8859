"""What an import did, in sentences."""

from collections.abc import Iterator
from pathlib import Path

from arena.services.importing.rows import RowFault
from arena.services.imports import ImportReport

_MOST_FAULTS = 50


def fault_lines(report: ImportReport, file: Path) -> Iterator[str]:
    """A line per bad row, `FILE:LINE: COLUMN: VALUE: what to change`; the first 50."""
    for fault in report.faults[:_MOST_FAULTS]:
        yield f"{file}:{fault.line}: {_described(fault)}"
    if len(report.faults) > _MOST_FAULTS:
        yield f"and {len(report.faults) - _MOST_FAULTS} more bad rows"


def _described(fault: RowFault) -> str:
    value = f"'{fault.value}' " if fault.value else ""
    return f"{fault.column}: {value}{fault.change}" if fault.column else f"{value}{fault.change}"


def report_lines(report: ImportReport, *, dry_run: bool) -> Iterator[str]:
    """What was added, what was there already, and what was left out."""
    verb = "Would import" if dry_run else "Imported"
    yield (
        f"{verb} {report.votes} votes on {report.prompts} prompts; "
        f"new: {report.models} models, {report.annotators} annotators."
    )
    if report.already_there:
        yield f"{report.already_there} votes are already there."
    if report.repeated:
        yield f"{report.repeated} rows repeat an earlier row of the file."
    for because, rows in report.left_out.items():
        yield f"Left out {rows} rows, each of which {because.value}."
    if report.faults:
        yield f"Skipped: {len(report.faults)} bad rows."
    for name, key in report.renamed.items():
        yield (
            f"{name}: another model here has the key that this name gives, so it is imported as "
            f"{key}. If both are the same model, import with --merge-models."
        )
    if dry_run:
        yield "Dry run: nothing was kept."
