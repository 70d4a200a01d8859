"""Verifies an archive from itself alone: checksums, then everything that its ballots give."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from arena.domain.clock import Clock
from arena.services.campaigns.archive.comparing import differences, line_differences
from arena.services.campaigns.archive.derived import Counted, board_files
from arena.services.campaigns.archive.figures import FigureOf
from arena.services.campaigns.archive.reading import OpenArchive
from arena.services.campaigns.archive.refusals import BadArchive
from arena.services.campaigns.archive.storing import StoredArchive, store_archive
from arena.storage.database import Connection, Database, StorageError
from arena.storage.opening import open_ledger


class Verification:
    """Recomputes archives in a database of its own, which is gone afterwards. Blocking."""

    def __init__(self, clock: Clock, *, figure_of: FigureOf) -> None:
        self._clock = clock
        self._figure_of = figure_of

    def faults(self, archive: OpenArchive) -> Iterator[str]:
        """Yield a line for each thing that is wrong; nothing for an archive that is right.

        Nothing is recomputed from files whose checksums are wrong.
        """
        changed = list(archive.faults())
        if changed:
            yield from changed
            return
        if not archive.is_as_written():
            yield "the zip file: was changed outside of its files, or packed by another program"
        try:
            day = _day(archive)
            yield from self._recomputed(archive, day)
        except BadArchive as error:
            yield str(error)

    def _recomputed(self, archive: OpenArchive, day: date) -> Iterator[str]:
        with TemporaryDirectory(prefix="arena-verify-") as folder:
            database = open_ledger(f"sqlite:///{Path(folder) / 'archive.sqlite3'}", create=True)
            try:
                stored = self._stored(database, archive)
                with database.reading() as connection:
                    yield from self._compared(connection, archive, stored, day)
            finally:
                database.close()

    def _stored(self, database: Database, archive: OpenArchive) -> StoredArchive:
        try:
            with database.writing() as connection:
                return store_archive(connection, archive, self._clock.now())
        except (StorageError, OverflowError) as error:
            told = getattr(error, "orig", None) or error
            raise BadArchive(f"its rows contradict each other: {told}") from error

    def _compared(
        self, connection: Connection, archive: OpenArchive, stored: StoredArchive, day: date
    ) -> Iterator[str]:
        people = {number: pseudonym for pseudonym, number in stored.accounts.items()}
        counted = Counted(connection, stored.campaign_id, stored.name, people)
        name, lines = counted.comparisons()
        yield from line_differences(name, archive.lines(name), lines)
        board = counted.board()
        figures = list(counted.figures(board, self._figure_of, day, drawn=False))
        for name, chunks in (*board_files(board), *figures):
            if name not in archive.names:
                yield f"{name}: is missing"
            else:
                yield from differences(name, archive.content(name), b"".join(chunks))
        expected = {name for name, _ in figures}
        drawn = {name.replace(".csv", ".svg") for name in expected}
        for name in sorted(archive.names):
            if name.startswith("figures/") and name not in expected | drawn:
                yield f"{name}: is the figure of a model without votes"


def _day(archive: OpenArchive) -> date:
    """Return the day on which the archive was written, which figures say."""
    try:
        return datetime.fromisoformat(archive.versions()["exported_at"]).date()
    except (KeyError, ValueError) as error:
        raise BadArchive("versions.json: exported_at is no time") from error
