"""Every table says the same in every format."""

import io
import json
import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from arena.domain.verdict import Reason, Verdict
from arena.services.exports.columns import COLUMNS, ExportTable
from arena.services.exports.exports import Exports
from arena.services.exports.formats import ExportFormat
from arena.services.exports.options import ExportOptions
from arena.services.exports.parquet import parquet_chunks
from arena.storage.database import Database
from tests.builders import NOON, seed_vote, seed_votes
from tests.services.exports.files import TEXT, csv_cell, read_csv, score_newest_vote

ROOT = Path(__file__).parents[3]


def _names(table: ExportTable) -> list[str]:
    return [column.name for column in COLUMNS[table]]


def _parquet(exports: Exports, table: ExportTable) -> Any:
    content = b"".join(exports.file(table, ExportOptions(format=ExportFormat.PARQUET)))
    return pq.read_table(io.BytesIO(content))


def _as_csv(document: dict[str, Any]) -> dict[str, str]:
    """What the CSV should say where JSONL says this."""
    return {name: csv_cell(cell) for name, cell in document.items()}


def _as_json(row: dict[str, Any]) -> dict[str, Any]:
    """What JSONL should say where Parquet says this."""
    return {
        name: cell.strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(cell, datetime) else cell
        for name, cell in row.items()
    }


def test_every_column_is_documented_and_nothing_else() -> None:
    text = (ROOT / "docs" / "export-columns.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    documented = {
        section.split("\n", 1)[0].strip(): re.findall(r"^\| `(\w+)` \| .+ \|$", section, re.M)
        for section in sections
    }

    assert documented == {table.value: _names(table) for table in ExportTable}


@pytest.mark.parametrize("table", ExportTable)
def test_every_table_says_the_same_in_every_format(
    database: Database, exports: Exports, table: ExportTable
) -> None:
    seed_votes(database, wins=2, ties=1)
    seed_vote(
        database,
        None,
        models=("alpha", "beta", "gamma"),
        ranks=(1, 2, 2),
        reasons=[(2, Reason.UNSAFE)],
        comment='=1, "two"',
        reading_s=1.5,
    )
    score_newest_vote(database)

    plain = b"".join(exports.file(table))
    lines = (
        b"".join(exports.file(table, ExportOptions(format=ExportFormat.JSONL)))
        .decode()
        .splitlines()
    )
    typed = _parquet(exports, table)

    documents = [json.loads(line) for line in lines]
    assert documents
    assert all(list(document) == _names(table) for document in documents)
    assert [_as_csv(document) for document in documents] == read_csv(plain)
    assert [_as_json(row) for row in typed.to_pylist()] == documents


@pytest.mark.parametrize("table", ExportTable)
def test_an_empty_table_is_a_header_alone(exports: Exports, table: ExportTable) -> None:
    assert b"".join(exports.file(table)).decode() == ",".join(_names(table)) + "\r\n"
    assert b"".join(exports.file(table, ExportOptions(format=ExportFormat.JSONL))) == b""
    assert _parquet(exports, table).column_names == _names(table)
    assert _parquet(exports, table).num_rows == 0


def test_parquet_has_the_types_that_the_documentation_names(
    database: Database, exports: Exports
) -> None:
    seed_votes(database, wins=2)

    types = {field.name: str(field.type) for field in _parquet(exports, ExportTable.VOTES).schema}
    messages = _parquet(exports, ExportTable.PREFERENCES).schema.field("chosen").type

    assert types["vote_id"] == "int64"
    assert types["prompt"] == "string"
    assert types["recognised"] == "bool"
    assert types["reading_s"] == "double"
    assert types["created_at"] == "timestamp[us, tz=UTC]"
    assert [field.name for field in messages.value_type] == ["role", "content"]


def test_preferences_are_in_the_conversational_format_of_trl(
    database: Database, exports: Exports
) -> None:
    seed_vote(database, Verdict.B_BETTER, prompts=("Is 7 prime?",))

    content = b"".join(
        exports.file(ExportTable.PREFERENCES, ExportOptions(format=ExportFormat.JSONL))
    )
    document = json.loads(content)

    assert document["prompt"] == [{"role": "user", "content": "Is 7 prime?"}]
    assert document["chosen"] == [{"role": "assistant", "content": "Reply 1 of beta"}]
    assert document["rejected"] == [{"role": "assistant", "content": "Reply 1 of alpha"}]
    assert (document["chosen_model"], document["rejected_model"]) == ("beta", "alpha")


def test_a_prompt_with_formula_newlines_and_chinese_survives_the_file(
    database: Database, exports: Exports
) -> None:
    prompt = '=HYPERLINK("http://x")\r\n你好, "world"'
    seed_vote(database, prompts=(prompt,), comment="-1")

    (row,) = read_csv(b"".join(exports.file(ExportTable.VOTES)))

    assert row["prompt"] == f"'{prompt}"
    assert row["comment"] == "'-1"
    assert row["created_at"] == NOON.strftime("%Y-%m-%dT%H:%M:%S.000000Z")


def test_a_byte_order_mark_comes_first_and_once(exports: Exports) -> None:
    content = b"".join(exports.file(ExportTable.VOTES, ExportOptions(bom=True)))

    assert content.startswith(b"\xef\xbb\xbfvote_id")
    assert content.count(b"\xef\xbb\xbf") == 1


def test_a_cut_parquet_file_cannot_be_read(database: Database, exports: Exports) -> None:
    seed_votes(database, wins=3)
    content = b"".join(exports.file(ExportTable.VOTES, ExportOptions(format=ExportFormat.PARQUET)))

    with pytest.raises(pa.ArrowInvalid):
        pq.read_table(io.BytesIO(content[:-1]))
    with pytest.raises(pa.ArrowInvalid):
        pq.read_table(io.BytesIO(content[: len(content) // 2]))


def test_a_parquet_file_of_many_batches_has_few_row_groups() -> None:
    batches = [[["a"] * 1000, [str(number)] * 1000] for number in range(130)]

    file = pq.ParquetFile(io.BytesIO(b"".join(parquet_chunks(TEXT, batches))))

    assert file.metadata.num_rows == 130_000
    assert file.metadata.num_row_groups == 5
