"""Cells of a file: guarded against formulas, spelled one way, and given back whole."""

import csv
import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.services.exports.columns import Column, Kind
from arena.services.exports.formats import csv_chunks, guarded, jsonl_chunks
from tests.services.exports.files import csv_cell


@pytest.mark.parametrize(
    "text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "＝9", "＠SUM(A1)", "'quoted", "''"]
)
def test_a_risky_cell_gets_one_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "1+1", "a=b", " =1", "模型", '"=1"'])
def test_an_ordinary_cell_is_left_alone(text: str) -> None:
    assert guarded(text) == text


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(st.lists(texts, min_size=2, max_size=5))
def test_taking_one_apostrophe_off_gives_every_text_back(cells: list[str]) -> None:
    columns = [Column(f"c{number}", Kind.TEXT) for number in range(len(cells))]
    content = b"".join(csv_chunks(columns, [[[cell] for cell in cells]])).decode()
    _, read = csv.reader(io.StringIO(content, newline=""))

    assert [cell.removeprefix("'") for cell in read] == cells
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in read)


cells_of_every_kind = st.tuples(
    st.none() | texts,
    st.none() | st.integers(),
    st.none() | st.floats(allow_nan=False, allow_infinity=False),
    st.none() | st.booleans(),
)
EVERY_KIND = [
    Column("t", Kind.TEXT),
    Column("i", Kind.INTEGER),
    Column("r", Kind.REAL),
    Column("b", Kind.BOOLEAN),
]


@given(st.lists(cells_of_every_kind, min_size=1, max_size=5))
def test_jsonl_gives_every_value_back(rows: list[tuple[Any, ...]]) -> None:
    columns = list(zip(*rows, strict=True))
    lines = b"".join(jsonl_chunks(EVERY_KIND, [columns])).decode().split("\n")[:-1]

    assert [tuple(json.loads(line).values()) for line in lines] == rows


@given(st.lists(cells_of_every_kind, min_size=1, max_size=5))
def test_csv_is_spelled_as_the_standard_library_spells_it(rows: list[tuple[Any, ...]]) -> None:
    standard = io.StringIO(newline="")
    csv.writer(standard).writerows([csv_cell(cell) for cell in row] for row in rows)

    _, content = csv_chunks(EVERY_KIND, [list(zip(*rows, strict=True))])

    assert content.decode() == standard.getvalue()


def test_a_number_that_json_does_not_have_is_refused() -> None:
    with pytest.raises(ValueError, match="not JSON compliant"):
        list(jsonl_chunks([Column("r", Kind.REAL)], [[[1.0, float("inf")]]]))


def test_numbers_are_not_guarded_and_truth_is_spelled_one_way() -> None:
    columns = [*EVERY_KIND[1:], Column("n", Kind.TEXT), Column("at", Kind.TIME)]
    batch: list[list[Any]] = [[-1], [-0.5], [True], [None], ["2026-03-01T12:00:00.000000Z"]]

    content = b"".join(csv_chunks(columns, [batch])).decode()

    assert content.splitlines()[1] == "-1,-0.5,true,,2026-03-01T12:00:00.000000Z"
