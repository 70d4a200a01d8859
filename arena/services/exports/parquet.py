"""Batches of columns as the bytes of a Parquet file, a row group at a time."""

from collections.abc import Generator, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from arena.services.exports.columns import Column, Kind
from arena.services.exports.formats import Batches, Cells, messages_document

GROUP_ROWS = 32_000
GROUP_BYTES = 8 * 2**20
"""A row group is written once it has so many rows, or this size in memory."""

_TYPES = {
    Kind.TEXT: pa.string(),
    Kind.INTEGER: pa.int64(),
    Kind.REAL: pa.float64(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TIME: pa.timestamp("us", tz="UTC"),
    Kind.MESSAGES: pa.list_(pa.struct([("role", pa.string()), ("content", pa.string())])),
}


def parquet_chunks(columns: Sequence[Column], batches: Batches) -> Generator[bytes]:
    """Stream a Parquet file; its footer, without which nothing can read it, is the last chunk."""
    schema = pa.schema([(column.name, _TYPES[column.kind]) for column in columns])
    sink = _Sink()
    with pq.ParquetWriter(sink, schema, compression="zstd") as writer:
        group: list[Any] = []
        for batch in batches:
            group.append(_record_batch(columns, schema, batch))
            if _is_full(group):
                _write(writer, group)
                group = []
                yield sink.drained()
        if group:
            _write(writer, group)
    yield sink.drained()


def _is_full(group: Sequence[Any]) -> bool:
    rows, size = sum(part.num_rows for part in group), sum(part.nbytes for part in group)
    return bool(rows >= GROUP_ROWS or size >= GROUP_BYTES)


def _write(writer: Any, group: Sequence[Any]) -> None:
    table = pa.Table.from_batches(group)
    writer.write_table(table, row_group_size=table.num_rows)


def _record_batch(columns: Sequence[Column], schema: Any, batch: Sequence[Cells]) -> Any:
    arrays = [_array(kind, cells) for (_, kind), cells in zip(columns, batch, strict=True)]
    return pa.record_batch(arrays, schema=schema)


def _array(kind: Kind, cells: Cells) -> Any:
    if kind is Kind.TIME:
        return pa.array(cells, pa.string()).cast(_TYPES[kind])
    if kind is Kind.MESSAGES:
        return pa.array([cell and messages_document(cell) for cell in cells], _TYPES[kind])
    return pa.array(cells, _TYPES[kind])


class _Sink:
    """What the writer takes for a file; keeps its bytes until they are drained."""

    closed = False

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: Any) -> int:
        """Keep a copy: the writer uses its buffer again."""
        self._parts.append(bytes(data))
        return len(self._parts[-1])

    def flush(self) -> None:
        """Do nothing: no bytes are held back."""

    def drained(self) -> bytes:
        """Everything written since the last call."""
        taken, self._parts = b"".join(self._parts), []
        return taken
