"""The models of one board as the export `leaderboard` has them, for whoever holds the board."""

from collections.abc import Generator

from arena.services.board.details import DetailedBoard
from arena.services.board.rows import model_rows
from arena.services.exports.columns import COLUMNS, ExportTable
from arena.services.exports.formats import csv_chunks


def models_csv(board: DetailedBoard) -> Generator[bytes]:
    """Return the chunks of a CSV file with a row for each model that was voted on."""
    columns, rows = COLUMNS[ExportTable.LEADERBOARD], list(model_rows(board))
    batch = [[row[column.name] for row in rows] for column in columns]
    return csv_chunks(columns, [batch] if rows else [])
