"""Exports: rights, pseudonyms, formats, and the guard against formulas."""

import csv
import io
import json
import re
import stat
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import QueuePool

from arena.domain.accounts import AnnotatorId, Caller
from arena.domain.errors import NotAllowed
from arena.domain.visibility import Visibility
from arena.services.export_columns import COLUMNS, ExportTable
from arena.services.export_formats import (
    CHUNK,
    Cell,
    ExportFormat,
    csv_chunks,
    guarded,
    jsonl_chunks,
)
from arena.services.exports import Exports
from arena.services.leaderboard import Leaderboards
from arena.services.pseudonyms import Pseudonyms, export_key, export_key_path
from arena.storage.database import Database
from tests.builders import ADMIN, ANNOTATOR, NOON, seed_vote, seed_votes

ROOT = Path(__file__).parents[2]


@pytest.fixture
def exports(database: Database) -> Exports:
    boards = Leaderboards(database, visibility=Visibility.ADMINS)
    return Exports(database, leaderboards=boards, pseudonyms=Pseudonyms(b"key"))


def _read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode(), newline="")))


def test_every_column_is_documented_and_nothing_else() -> None:
    text = (ROOT / "docs" / "export-columns.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    documented = {
        section.split("\n", 1)[0].strip(): re.findall(r"^\| `(\w+)` \| .+ \|$", section, re.M)
        for section in sections
    }

    assert documented == {table.value: list(columns) for table, columns in COLUMNS.items()}


@pytest.mark.parametrize("table", ExportTable)
@pytest.mark.parametrize("kind", ExportFormat)
def test_every_table_is_written_with_its_columns(
    database: Database, exports: Exports, table: ExportTable, kind: ExportFormat
) -> None:
    seed_votes(database, wins=2, ties=1)

    content = b"".join(exports.file(table, format=kind))

    if kind is ExportFormat.JSONL:
        rows = [json.loads(line) for line in content.decode().splitlines()]
    else:
        rows = _read(content)
    assert rows
    assert all(tuple(row) == COLUMNS[table] for row in rows)


@pytest.mark.parametrize("table", ExportTable)
def test_an_empty_table_is_a_header_alone(exports: Exports, table: ExportTable) -> None:
    assert b"".join(exports.file(table)).decode() == ",".join(COLUMNS[table]) + "\r\n"
    assert b"".join(exports.file(table, format=ExportFormat.JSONL)) == b""


@pytest.mark.parametrize("caller", [None, ANNOTATOR])
def test_only_an_admin_gets_a_file_and_others_are_refused_before_it_begins(
    exports: Exports, caller: Caller | None
) -> None:
    with pytest.raises(NotAllowed):
        exports.file_for(caller, "votes")
    with pytest.raises(NotAllowed):
        exports.file_for(caller, "no such table")


def test_an_admin_gets_the_file_and_an_unknown_table_raises(exports: Exports) -> None:
    assert b"".join(exports.file_for(ADMIN, "votes")).startswith(b"vote_id,")
    with pytest.raises(ValueError, match="no such table"):
        exports.file_for(ADMIN, "no such table")


def test_annotators_are_pseudonyms_unless_names_are_asked_for(
    database: Database, exports: Exports
) -> None:
    seed_vote(database, annotator="Ada Lovelace")
    seed_vote(database, annotator="Ada Lovelace")
    seed_vote(database, annotator="Grace Hopper")

    hidden = [row["annotator"] for row in _read(b"".join(exports.file(ExportTable.VOTES)))]
    named = _read(b"".join(exports.file(ExportTable.VOTES, names=True)))

    assert hidden[0] == hidden[1] != hidden[2]
    assert all(re.fullmatch("anon-[0-9a-f]{12}", name) for name in hidden)
    assert [row["annotator"] for row in named] == ["Ada Lovelace"] * 2 + ["Grace Hopper"]
    for table in ExportTable:
        assert b"Lovelace" not in b"".join(exports.file(table))


def test_a_pseudonym_depends_on_the_key() -> None:
    one, other = Pseudonyms(b"one"), Pseudonyms(b"other")

    assert one.of(AnnotatorId(1)) == Pseudonyms(b"one").of(AnnotatorId(1))
    assert len({one.of(AnnotatorId(1)), one.of(AnnotatorId(2)), other.of(AnnotatorId(1))}) == 3


def test_the_key_is_made_once_beside_the_database_and_is_private(database: Database) -> None:
    path = export_key_path(database)

    with ThreadPoolExecutor(8) as pool:
        keys = set(pool.map(lambda _: export_key(path), range(40)))

    assert len(keys) == 1
    assert len(keys.pop()) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert path.name == "export-key"
    assert sorted(item.name for item in path.parent.glob("export-key*")) == ["export-key"]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "'quoted", "''"])
def test_a_risky_cell_gets_one_apostrophe(text: str) -> None:
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize("text", ["", "1+1", "a=b", " =1", "模型", '"=1"'])
def test_an_ordinary_cell_is_left_alone(text: str) -> None:
    assert guarded(text) == text


texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"))


@given(st.lists(texts, min_size=1, max_size=5))
def test_taking_one_apostrophe_off_gives_every_text_back(cells: list[str]) -> None:
    content = b"".join(csv_chunks([f"c{n}" for n in range(len(cells))], [cells])).decode()
    _, read = csv.reader(io.StringIO(content, newline=""))

    assert [cell.removeprefix("'") for cell in read] == cells
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in read)


@given(st.lists(st.tuples(texts, st.integers(), st.booleans(), st.none()), max_size=5))
def test_jsonl_gives_every_value_back(rows: list[tuple[Cell, ...]]) -> None:
    lines = b"".join(jsonl_chunks(["t", "i", "b", "n"], rows)).decode().split("\n")[:-1]

    assert [tuple(json.loads(line).values()) for line in lines] == rows


def test_numbers_are_not_guarded_and_times_and_truth_are_spelled_one_way() -> None:
    row: list[Cell] = [-1, -0.5, True, None, datetime.fromisoformat("2026-03-01T13:00+01:00")]

    content = b"".join(csv_chunks(["a", "b", "c", "d", "e"], [row])).decode()

    assert content.splitlines()[1] == "-1,-0.5,true,,2026-03-01T12:00:00.000000Z"


def test_a_prompt_with_formula_newlines_and_chinese_survives_the_file(
    database: Database, exports: Exports
) -> None:
    prompt = '=HYPERLINK("http://x")\r\n你好, "world"'
    seed_vote(database, prompts=(prompt,), comment="-1")

    (row,) = _read(b"".join(exports.file(ExportTable.VOTES)))

    assert row["prompt"] == f"'{prompt}"
    assert row["comment"] == "'-1"
    assert row["created_at"] == NOON.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def test_a_byte_order_mark_comes_first_and_once(exports: Exports) -> None:
    content = b"".join(exports.file(ExportTable.VOTES, bom=True))

    assert content.startswith(b"\xef\xbb\xbfvote_id")
    assert content.count(b"\xef\xbb\xbf") == 1


def test_rows_are_read_as_chunks_are_taken() -> None:
    taken = 0

    def rows() -> Iterator[list[Cell]]:
        nonlocal taken
        for taken in range(1, 1001):  # noqa: B007
            yield ["x" * 1000]

    chunks = csv_chunks(["text"], rows())
    first = next(chunks)

    assert CHUNK <= len(first) < CHUNK + 2000
    assert taken < 100


def test_an_error_on_the_way_is_raised_and_not_written() -> None:
    def rows() -> Iterator[list[Cell]]:
        yield ["whole"]
        raise RuntimeError("disk gone")

    chunks = csv_chunks(["text"], rows())

    with pytest.raises(RuntimeError, match="disk gone"):
        next(chunks)


def test_a_closed_export_gives_its_connection_back(database: Database, exports: Exports) -> None:
    seed_votes(database, wins=3)
    rows = exports.rows(ExportTable.VOTES)
    next(rows)

    assert isinstance(database.engine.pool, QueuePool)
    assert database.engine.pool.checkedout() == 1

    rows.close()

    assert database.engine.pool.checkedout() == 0


def test_the_leaderboard_and_pairs_carry_the_numbers_of_the_board(
    database: Database, exports: Exports
) -> None:
    seed_votes(database, wins=3, losses=1, ties=1)
    seed_vote(database, recognised=True)

    (alpha, _) = _read(b"".join(exports.file(ExportTable.LEADERBOARD)))
    (pair, mirrored) = _read(b"".join(exports.file(ExportTable.PAIRS)))

    assert (alpha["model"], alpha["name"], alpha["pooled_rate"]) == (
        "alpha",
        "Name of alpha",
        "0.75",
    )
    assert (alpha["recognised"], alpha["battles"], alpha["void_battles"]) == ("1", "6", "0")
    assert (pair["rate"], pair["decisive"], pair["interval"]) == ("0.75", "4", "wilson, naive")
    assert (mirrored["model"], mirrored["rate"]) == ("beta", "0.25")
