"""What an import did, in sentences."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from arena.cli.wording import pluralized
from arena.services.importing.imports import ImportReport
from arena.services.importing.rows import RowFault

_MOST_FAULTS = 50


def fault_lines(report: ImportReport, file: Path) -> Iterator[str]:
    """Return a line for each bad row, `FILE:LINE: COLUMN: VALUE: what to change`; the first 50."""
    return described_faults(report.faults, file)


def described_faults(faults: Sequence[RowFault], file: Path) -> Iterator[str]:
    """Yield a line for each of the first faults, and how many more there are."""
    for fault in faults[:_MOST_FAULTS]:
        yield f"{file}:{fault.line}: {_described(fault)}"
    if len(faults) > _MOST_FAULTS:
        yield f"and {pluralized(len(faults) - _MOST_FAULTS, 'more bad row')}"


def _each(rows: int) -> str:
    return "" if rows == 1 else "each of "


def _described(fault: RowFault) -> str:
    value = f"'{fault.value}' " if fault.value else ""
    return f"{fault.column}: {value}{fault.change}" if fault.column else f"{value}{fault.change}"


def report_lines(report: ImportReport, *, dry_run: bool) -> Iterator[str]:
    """Say what was added, what was there already, and what was left out."""
    verb = "Would import" if dry_run else "Imported"
    yield (
        f"{verb} {pluralized(report.votes, 'vote')} on {pluralized(report.prompts, 'prompt')}; "
        f"new: {pluralized(report.models, 'model')}, {pluralized(report.annotators, 'annotator')}."
    )
    if report.already_there:
        yield f"{pluralized(report.already_there, 'vote is', 'votes are')} already there."
    if report.repeated:
        repeated = pluralized(report.repeated, "row repeats", "rows repeat")
        yield f"{repeated} an earlier row of the file."
    for reason, rows in report.left_out.items():
        yield f"Left out {pluralized(rows, 'row')}, {_each(rows)}which {reason.value}."
    if report.faults:
        yield f"Skipped: {pluralized(len(report.faults), 'bad row')}."
    for name, key in report.renamed.items():
        yield (
            f"{name}: another model here has the key that this name gives, so it is imported as "
            f"{key}. If both are the same model, import with --merge-models."
        )
    if dry_run:
        yield "Dry run: nothing was kept."
