"""A Parquet file as records, a few rows at a time and only the columns that are wanted."""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from arena.services.importing.files import Record, Table
from arena.services.importing.formats import UnreadableFile
from arena.services.importing.rows import RowFault

_ROWS_AT_ONCE = 100
_BUFFER_BYTES = 2**20


def parquet_table(path: Path, wanted: Collection[str] | None) -> Table:
    """Return the rows of a file, numbered from 1; of its columns the wanted ones, all for None.

    Raises:
        UnreadableFile: The file is damaged.
        OSError: The file cannot be read.
    """
    try:
        # Not the whole row group at once: one of long conversations may be larger than memory.
        file = pq.ParquetFile(path, pre_buffer=False, buffer_size=_BUFFER_BYTES)
    except pa.ArrowException as error:
        raise _damaged(error) from error
    names = tuple(file.schema_arrow.names)
    columns = None if wanted is None else [name for name in names if name in wanted]
    return Table(names, _records(file, columns), has_header=True)


def _records(file: Any, columns: list[str] | None) -> Iterator[Record | RowFault]:
    number = 0
    try:
        with file:
            batches = file.iter_batches(_ROWS_AT_ONCE, columns=columns, use_threads=False)
            for batch in batches:
                for cells in batch.to_pylist():
                    number += 1
                    yield Record(number, cells)
    except pa.ArrowException as error:
        raise _damaged(error) from error


def _damaged(error: Exception) -> UnreadableFile:
    words = str(error).splitlines()[0] if str(error) else type(error).__name__
    return UnreadableFile(f"the Parquet file is damaged: {words}")
