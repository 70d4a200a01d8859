"""Batches of a stream, row by row."""

from collections.abc import Iterable
from typing import Any

from arena.storage.exports import Batch


def rows_of(table: Iterable[Batch]) -> list[dict[str, Any]]:
    return [
        dict(zip(batch, cells, strict=True))
        for batch in table
        for cells in zip(*batch.values(), strict=True)
    ]
