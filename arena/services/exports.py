"""Every exported table as rows and as a file: who may have it, and under which names."""

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
from typing import Any

from arena.domain.accounts import Caller, require_admin
from arena.services.export_columns import COLUMNS, ExportTable
from arena.services.export_formats import Cell, ExportFormat, csv_chunks, jsonl_chunks
from arena.services.leaderboard import BattleCount, Board, Leaderboards, pair_document
from arena.services.pseudonyms import Pseudonyms
from arena.statistics.win_rate import ModelResult
from arena.storage import exports
from arena.storage.boards import EXCLUDING
from arena.storage.database import Database

_STORED: Mapping[ExportTable, Callable[..., Iterator[exports.Record]]] = {
    ExportTable.VOTES: exports.vote_rows,
    ExportTable.COMPARISONS: exports.comparison_rows,
    ExportTable.BATTLES: exports.battle_rows,
    ExportTable.REPLIES: exports.reply_rows,
    ExportTable.ANNOTATORS: exports.annotator_rows,
}


class Exports:
    """Tables of one database. A table is one snapshot however long its reading takes."""

    def __init__(
        self, database: Database, *, leaderboards: Leaderboards, pseudonyms: Pseudonyms
    ) -> None:
        self._database = database
        self._leaderboards = leaderboards
        self._pseudonyms = pseudonyms

    def file_for(
        self,
        caller: Caller | None,
        table: str,
        *,
        format: ExportFormat = ExportFormat.CSV,  # noqa: A002 - the contract's word
        names: bool = False,
        bom: bool = False,
    ) -> Generator[bytes]:
        """The table as a file in chunks, for an admin.

        Raises at once `NotAllowed` for anybody else and ValueError for an unknown table.
        """
        require_admin(caller)
        return self.file(ExportTable(table), format=format, names=names, bom=bom)

    def file(
        self,
        table: ExportTable,
        *,
        format: ExportFormat = ExportFormat.CSV,  # noqa: A002 - the contract's word
        names: bool = False,
        bom: bool = False,
    ) -> Generator[bytes]:
        """The table as a file in chunks, without a check: for commands on the machine.

        An error in the middle is raised out of the iteration and never written into the file; who
        receives the chunks must make the cut visible. `bom` is for CSV alone. Close the generator
        to give the connection back early.
        """
        with closing(self.rows(table, names=names)) as rows:
            if format is ExportFormat.JSONL:
                yield from jsonl_chunks(COLUMNS[table], rows)
            else:
                yield from csv_chunks(COLUMNS[table], rows, bom=bom)

    def rows(self, table: ExportTable, *, names: bool = False) -> Generator[tuple[Cell, ...]]:
        """Rows in the order of `COLUMNS[table]`; annotators under pseudonyms unless `names`."""
        columns = COLUMNS[table]
        for record in self._records(table):
            cells = record if names else self._anonymous(record)
            yield tuple(cells[column] for column in columns)

    def _records(self, table: ExportTable) -> Iterator[exports.Record]:
        if table is ExportTable.PAIRS:
            yield from _pairs(self._leaderboards.board_for_operator())
        elif table is ExportTable.LEADERBOARD:
            yield from _models(self._leaderboards.board_for_operator())
        else:
            with self._database.reading() as connection:
                yield from _STORED[table](connection)

    def _anonymous(self, record: exports.Record) -> exports.Record:
        if "annotator_id" not in record:
            return record
        return {**record, "annotator": self._pseudonyms.of(record["annotator_id"])}


def _pairs(board: Board) -> Iterator[dict[str, Any]]:
    for pair in board.pairs:
        more = {"decisive": pair.record.decisive, "tie_rate": pair.record.tie_rate}
        yield pair_document(pair) | more


def _models(board: Board) -> Iterator[dict[str, Any]]:
    for result in board.models:
        flagged = board.flagged.by_model.get(result.model, {})
        met = board.battles.get(result.model, BattleCount())
        yield {
            **_pooled(result),
            **{kind.value: flagged.get(kind, 0) for kind in EXCLUDING},
            "name": board.names[result.model],
            "battles": met.battles,
            "void_battles": met.void,
            "failed_battles": met.failed,
            "mixed_configurations": result.model in board.mixed,
        }


def _pooled(result: ModelResult) -> dict[str, Any]:
    record, interval = result.pooled, result.pooled.interval
    return {
        "model": result.model,
        "wins": record.wins,
        "losses": record.losses,
        "ties": record.ties,
        "both_bad": record.both_bad,
        "decisive": record.decisive,
        "tie_rate": record.tie_rate,
        "pooled_rate": record.rate,
        "pooled_low": interval.low if interval else None,
        "pooled_high": interval.high if interval else None,
        "interval": interval.method if interval else None,
        "state": record.state.value,
        "mean_over_opponents": result.mean_over_opponents,
        "opponents": result.opponents,
    }
