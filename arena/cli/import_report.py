"""What an import did, in sentences."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from arena.cli.wording import pluralized
from arena.services.importing.imports import ImportReport
from arena.services.importing.rows import RowFault
from arena.services.importing.twins import Twins

_MOST_FAULTS = 50


def fault_lines(report: ImportReport, file: Path, *, counts_rows: bool = False) -> Iterator[str]:
    """Return a line for each bad row, `FILE:LINE: COLUMN: VALUE: what to change`; the first 50."""
    return described_faults(report.faults, file, counts_rows=counts_rows)


def described_faults(
    faults: Sequence[RowFault], file: Path, *, counts_rows: bool = False
) -> Iterator[str]:
    """Yield a line for each of the first faults, and how many more there are.

    A file that `counts_rows` has no lines of its own: `FILE: row 17:`.
    """
    for fault in faults[:_MOST_FAULTS]:
        place = f"{file}: row {fault.line}" if counts_rows else f"{file}:{fault.line}"
        yield f"{place}: {_described(fault)}"
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
    if report.unsigned:
        unsigned = pluralized(report.unsigned, "vote")
        yield (
            f"The file does not say who cast {unsigned}: they count as one annotator's, so no "
            "interval can allow for differences between people."
        )
    for name, key in report.renamed.items():
        yield (
            f"{name}: another model here has the key that this name gives, so it is imported as "
            f"{key}. If both are the same model, import with --merge-models."
        )
    yield from map(_twins_line, report.twins)
    if dry_run:
        yield "Dry run: nothing was kept."


def _twins_line(twins: Twins) -> str:
    names = [*twins.names, *(f"{name} (stored before)" for name in twins.stored)]
    return (
        f"Probably one model: {', '.join(names)}. The names differ by width, hyphens, spaces or "
        "letter case alone. They count as different models unless the file gives them one name."
    )
