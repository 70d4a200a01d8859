"""Votes read from text, and what is wrong with it."""

from collections.abc import Iterable, Iterator

from hypothesis import strategies as st

from arena.services.importing.containers import kind_of, lines_table
from arena.services.importing.formats import Reading, VoteFormat
from arena.services.importing.rows import ImportedRow, ImportedVote, RowFault
from arena.services.importing.vote_formats import votes_of_table

PLAIN = Reading(key=b"key")


def read(
    source: VoteFormat, lines: Iterable[bytes], reading: Reading = PLAIN
) -> Iterator[ImportedRow]:
    """The rows of a file that is given as lines with their ends."""
    text = list(lines)
    return votes_of_table(lines_table(text, kind_of(b"".join(text))), source, reading)


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
