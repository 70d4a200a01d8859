"""Every exported table as a file: who may have it, and under which names."""

from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

from arena.domain.accounts import Caller, require_admin
from arena.domain.board import BoardFilter
from arena.services.board.suspicious_addresses import resolved
from arena.services.exports.columns import COLUMNS, ExportTable
from arena.services.exports.formats import Cells, ExportFormat, csv_chunks, jsonl_chunks
from arena.services.exports.options import DEFAULT_OPTIONS, ExportOptions
from arena.services.pseudonyms import Pseudonyms
from arena.storage import exports
from arena.storage.database import Database

if TYPE_CHECKING:
    from arena.services.board.details import DetailedBoard

EVERYTHING = BoardFilter()
_STORED: Mapping[ExportTable, Callable[..., Iterator[exports.Batch]]] = {
    ExportTable.VOTES: exports.vote_batches,
    ExportTable.COMPARISONS: exports.comparison_batches,
    ExportTable.SCORES: exports.score_batches,
    ExportTable.BATTLES: exports.battle_batches,
    ExportTable.REPLIES: exports.reply_batches,
    ExportTable.ANNOTATORS: exports.annotator_batches,
    ExportTable.PREFERENCES: exports.preference_batches,
}

_KEPT_PSEUDONYMS = 10_000
"""A bound, because an arena of guests may have as many accounts as votes."""


class Exports:
    """Tables of one database. A table is one snapshot however long its reading takes.

    `detailed` computes boards elsewhere; without it they are computed in this process, which on
    millions of votes takes seconds and some hundred megabytes.
    """

    def __init__(
        self,
        database: Database,
        *,
        pseudonyms: Pseudonyms,
        detailed: "Callable[[BoardFilter], DetailedBoard] | None" = None,
    ) -> None:
        self._database = database
        self._pseudonyms = pseudonyms
        self._detailed = detailed

    def file_for(
        self, caller: Caller | None, table: str, options: ExportOptions
    ) -> Generator[bytes]:
        """Stream the table as a file in chunks, for an admin.

        Raises at once `NotAllowed` for anybody else and ValueError for an unknown table.
        """
        require_admin(caller)
        return self.file(ExportTable(table), options)

    def file(
        self, table: ExportTable, options: ExportOptions = DEFAULT_OPTIONS
    ) -> Generator[bytes]:
        """Stream the table as a file in chunks, without a check: for commands on the machine.

        An error in the middle is raised out of the iteration and never written into the file; who
        receives the chunks must make the cut visible. Close the generator to give the connection
        back early.
        """
        columns = COLUMNS[table]
        board_filter = options.board_filter
        with closing(
            self.batches(table, names=options.names, board_filter=board_filter)
        ) as batches:
            if options.format is ExportFormat.CSV:
                yield from csv_chunks(columns, batches, bom=options.bom)
            elif options.format is ExportFormat.JSONL:
                yield from jsonl_chunks(columns, batches)
            else:
                # Only who asks for the format waits for its library.
                from arena.services.exports.parquet import parquet_chunks

                yield from parquet_chunks(columns, batches)

    def batches(
        self, table: ExportTable, *, names: bool = False, board_filter: BoardFilter = EVERYTHING
    ) -> Generator[Sequence[Cells]]:
        """Columns in the order of `COLUMNS[table]`; annotators under pseudonyms unless `names`.

        Of the filter, only the campaign and `without_one_address` are heard.
        """
        pseudonym = lru_cache(_KEPT_PSEUDONYMS)(self._pseudonyms.of)
        for batch in self._read(table, names=names, board_filter=board_filter):
            if "annotator" in batch and not names:
                batch["annotator"] = list(map(pseudonym, batch["annotator"]))
            yield [batch[column.name] for column in COLUMNS[table]]

    def _read(
        self, table: ExportTable, *, names: bool, board_filter: BoardFilter
    ) -> Iterator[exports.Batch]:
        if table in (ExportTable.PAIRS, ExportTable.LEADERBOARD):
            yield from _batch(self._board_rows(table, board_filter))
        else:
            with self._database.reading() as connection:
                part = exports.Part(
                    board_filter.campaign,
                    resolved(connection, board_filter).left_out or frozenset(),
                )
                yield from _STORED[table](connection, names=names, part=part)

    def _board_rows(
        self, table: ExportTable, board_filter: BoardFilter
    ) -> Iterator[dict[str, Any]]:
        # Only who asks for a board waits for numpy and scipy.
        from arena.services.board.details import detailed_board
        from arena.services.board.rows import model_rows, pair_rows

        detailed = self._detailed or partial(detailed_board, self._database)
        board = detailed(board_filter)
        return pair_rows(board) if table is ExportTable.PAIRS else model_rows(board)


def _batch(records: Iterator[dict[str, Any]]) -> Iterator[exports.Batch]:
    """Turn records, if there are any, into columns: boards are small enough for one batch."""
    rows = list(records)
    if rows:
        yield {name: [row[name] for row in rows] for name in rows[0]}
