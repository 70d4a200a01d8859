"""Files of exports, read again."""

import csv
import io
import json
from typing import Any

from arena.services.exports.columns import Column, Kind
from arena.services.exports.formats import guarded


def read_csv(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def csv_cell(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, list):
        return json.dumps(cell)
    return guarded(cell) if isinstance(cell, str) else "" if cell is None else str(cell)


TEXT = [Column("text", Kind.TEXT), Column("more", Kind.TEXT)]
