"""Imports of small files, and the rows that they leave."""

import csv
import io
from collections.abc import Sequence
from functools import partial
from typing import Any

from sqlalchemy import text

from arena.services.exports.columns import ExportTable
from arena.services.exports.exports import Exports
from arena.services.exports.options import ExportOptions
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.imports import ImportOptions, ImportReport, Imports
from arena.services.importing.storing import Progress
from arena.services.pseudonyms import Pseudonyms
from arena.storage.database import Database
from tests.fakes.clock import VirtualClock
from tests.services.importing.reading import read

TIE = "0,8,1,2,58,tie,GPT 4,Claude v2"
LEFT = "0,8,1,2,83,left,GPT 4,Claude v2"


def bring(
    database: Database,
    lines: Sequence[bytes],
    source: VoteFormat = VoteFormat.LLMFAO,
    *,
    progress: Progress = lambda _done, _total: None,
    **how: Any,
) -> ImportReport:
    options = ImportOptions(**how)
    return Imports(database, VirtualClock()).votes(
        partial(read, source, lines, Reading()), source, options, progress=progress
    )


def exported(database: Database, table: ExportTable, *, names: bool = False) -> bytes:
    exports = Exports(
        database,
        pseudonyms=Pseudonyms(b"key"),
    )
    return b"".join(exports.file(table, ExportOptions(names=names)))


def rows(database: Database, table: ExportTable) -> list[dict[str, str]]:
    content = exported(database, table, names=True).decode()
    return list(csv.DictReader(io.StringIO(content, newline="")))


def count(database: Database, table: str) -> int:
    with database.reading() as connection:
        return int(connection.execute(text(f"SELECT COUNT(*) FROM {table}")).scalar_one())
