"""Files of exports, read again."""

import csv
import io
import json
from typing import Any

from arena.services.exports.columns import Column, Kind
from arena.services.exports.formats import guarded
from arena.storage.database import Database


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def csv_cell(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, list):
        return json.dumps(cell)
    return guarded(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


def score_newest_vote(database: Database) -> None:
    with database.writing() as connection:
        connection.exec_driver_sql(
            "INSERT INTO vote_scores SELECT max(id), 0, 'accuracy', 4 FROM votes"
        )


TEXT = [Column("text", Kind.TEXT), Column("more", Kind.TEXT)]
