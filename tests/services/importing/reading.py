"""Votes read from text, and what is wrong with it."""

from collections.abc import Iterable

from hypothesis import strategies as st

from arena.services.importing.formats import Reading
from arena.services.importing.rows import ImportedRow, ImportedVote, RowFault

PLAIN = Reading(key=b"key")


def only(rows: Iterable[ImportedRow]) -> ImportedVote:
    (row,) = rows
    assert isinstance(row, ImportedVote), row
    return row


def faults(rows: Iterable[ImportedRow]) -> list[tuple[int, str, str, str]]:
    found = []
    for row in rows:
        assert isinstance(row, RowFault), row
        found.append((row.line, row.column, row.value, row.change))
    return found


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=3) | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=5,
)
