"""Records of a file of any of the formats, told by its suffix."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

from arena.campaign_files.records import (
    MOST_BYTES,
    MOST_CHARACTERS,
    MOST_ROWS,
    Record,
    Records,
    RowFault,
    refuse,
)
from arena.campaign_files.text_files import TOO_LONG, csv_records, jsonl_records, text_of
from arena.catalog import CatalogError
from arena.catalog.document import read_document


def read_records(path: Path) -> Records:
    """Read the rows of a CSV, JSON Lines, YAML or Parquet file.

    Raises:
        CatalogError: The file as a whole cannot be read.
    """
    read = _FORMATS.get(path.suffix.lower())
    if read is None:
        refuse(path, f"name the file for its format: {', '.join(_FORMATS)}")
    records = read(path)
    rows = len(records.read) + len(records.faults)
    if not rows:
        refuse(path, "has no rows")
    if rows > MOST_ROWS:
        refuse(path, f"has more than {MOST_ROWS:,} rows: split it into several campaigns")
    return records


def _yaml_records(path: Path) -> Records:
    text_of(path)
    document = read_document(path)
    if document.duplicates:
        raise CatalogError(path, document.duplicates)
    if not isinstance(document.values, list):
        refuse(path, "must be a list, with a `-` before each prompt")
    read, faults = [], []
    for row, cells in enumerate(document.values, 1):
        line = document.line_of((row - 1,))
        if isinstance(cells, Mapping):
            read.append(Record(row, line, {str(key): cell for key, cell in cells.items()}))
        else:
            faults.append(RowFault(row, line, "", "must be a block of `key: value` lines"))
    return _without_long_rows(Records(tuple(read), tuple(faults)))


def _parquet_records(path: Path) -> Records:
    # Imported here: most prompt sets are text.
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if path.stat().st_size > MOST_BYTES:
            refuse(path, f"is larger than {MOST_BYTES // 1_000_000} MB: split it")
        with pq.ParquetFile(path) as file:
            if file.metadata.num_rows > MOST_ROWS:
                refuse(path, f"has more than {MOST_ROWS:,} rows: split it into several campaigns")
            rows: list[dict[str, Any]] = file.read().to_pylist()
    except (pa.ArrowException, UnicodeDecodeError) as error:
        refuse(path, f"is not a sound Parquet file: {str(error).splitlines()[0]}")
    except OSError as error:
        refuse(path, f"cannot be read: {error.strerror or error}")
    records = tuple(Record(row, 0, cells) for row, cells in enumerate(rows, 1))
    return _without_long_rows(Records(records))


def _without_long_rows(records: Records) -> Records:
    read, faults = [], list(records.faults)
    for record in records.read:
        if _length(record) > MOST_CHARACTERS:
            faults.append(RowFault(record.row, record.line, "", TOO_LONG))
        else:
            read.append(record)
    return Records(tuple(read), tuple(faults))


def _length(record: Record) -> int:
    return len(json.dumps(record.cells, ensure_ascii=False, default=str, skipkeys=True))


_FORMATS: Final[Mapping[str, Callable[[Path], Records]]] = {
    ".csv": csv_records,
    ".jsonl": jsonl_records,
    ".yaml": _yaml_records,
    ".yml": _yaml_records,
    ".parquet": _parquet_records,
}
