"""Writes a report into a folder of its own."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from arena.domain.board import BoardFilter
from arena.domain.clock import Clock
from arena.services.exports.columns import Column, Kind
from arena.services.exports.formats import csv_chunks
from arena.services.report.contents import ReportContents, contents_of
from arena.services.report.data_card import PERSONAL_DATA, data_card
from arena.services.report.facts import ReportFacts, facts_of
from arena.services.report.figures import ReportFigureOf
from arena.services.report.latex import latex_files
from arena.services.report.page import report_page
from arena.services.report.personal_data import Listed, PersonalKind, listed
from arena.storage.database import Connection, Database
from arena.storage.private_files import create_private
from arena.storage.reports.texts import texts_of

_COLUMNS = tuple(Column(name, Kind.TEXT) for name in Listed._fields)
_ROWS_AT_ONCE = 1000


class NothingToReport(Exception):
    """The board counts no vote."""


@dataclass(frozen=True, slots=True)
class WrittenReport:
    """What was written. `personal` counts places that may hold personal data, by kind."""

    ballots: int
    models: int
    figures: int
    personal: Mapping[PersonalKind, int]


class Reports:
    """Reports on boards of one database. Blocking; for commands on the machine."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        figure_of: ReportFigureOf,
        software: Mapping[str, str],
    ) -> None:
        self._database = database
        self._clock = clock
        self._figure_of = figure_of
        self._software = software

    def write(
        self, board_filter: BoardFilter, folder: Path, *, licence: str | None = None
    ) -> WrittenReport:
        """Write every file of a report into a folder, which is made if it is not there.

        Raises:
            NothingToReport: The board counts no vote; nothing was written.
            OSError: A file cannot be written.
        """
        with self._database.reading() as connection:
            facts = facts_of(
                connection, board_filter, software=self._software, made_at=self._clock.now()
            )
            if not facts.board.board.votes:
                raise NothingToReport
            folder.mkdir(exist_ok=True)
            found = _write_list(folder / PERSONAL_DATA, connection, board_filter)
        report = contents_of(facts, self._figure_of)
        for name, content in _files(facts, report, found, licence):
            path = folder / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        board = facts.board.board
        return WrittenReport(board.votes, len(board.models), len(report.figures), found)


def _files(
    facts: ReportFacts,
    report: ReportContents,
    found: Mapping[PersonalKind, int],
    licence: str | None,
) -> Iterator[tuple[str, bytes]]:
    yield "report.html", report_page(report).encode()
    for name, text in latex_files(report).items():
        yield name, text.encode()
    for one in report.figures:
        yield f"figures/{one.name}.pdf", one.figure.pdf()
    yield "data-card.md", data_card(facts, found, licence=licence).encode()


def _write_list(
    path: Path, connection: Connection, board_filter: BoardFilter
) -> Counter[PersonalKind]:
    """Write the list of personal data, for its owner alone, and count it."""
    found: Counter[PersonalKind] = Counter()
    create_private(path)
    with path.open("wb") as file:
        for chunk in csv_chunks(_COLUMNS, _batches(connection, board_filter, found), bom=True):
            file.write(chunk)
    return found


def _batches(
    connection: Connection, board_filter: BoardFilter, found: Counter[PersonalKind]
) -> Iterator[tuple[tuple[str, ...], ...]]:
    rows: list[Listed] = []
    for one in listed(texts_of(connection, board_filter)):
        found[one.kind] += 1
        rows.append(one)
        if len(rows) == _ROWS_AT_ONCE:
            yield tuple(zip(*rows, strict=True))
            rows = []
    if rows:
        yield tuple(zip(*rows, strict=True))
