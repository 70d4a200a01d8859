"""What a file is, told by its first bytes, and lists of JSON read a piece at a time."""

import gzip
import json
import zipfile
from io import BytesIO
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.services.importing.containers import FileKind, kind_of, vote_file
from arena.services.importing.files import Record, csv_table
from arena.services.importing.formats import UnreadableFile
from arena.services.importing.json_lists import list_records
from arena.services.importing.rows import RowFault
from arena.services.importing.vote_formats import recognized
from tests.fakes.import_files import as_lines


def zipped() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("votes.csv", "secret")
    return file.getvalue()


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"a,b\n1,2\n", FileKind.CSV),
        (b"", FileKind.CSV),
        (b'\xef\xbb\xbf\n {"a": 1}\n', FileKind.JSON_LINES),
        (b"\n[\n", FileKind.JSON),
        (b"PAR1\x15\x04\x15", FileKind.PARQUET),
    ],
)
def test_a_file_is_told_by_its_first_bytes(head: bytes, kind: FileKind) -> None:
    assert kind_of(head) is kind


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (gzip.compress(b"secret"), r"compressed with gzip: decompress it first \(gunzip FILE\)"),
        (zipped(), "a ZIP archive or a workbook: unpack it first"),
        (b"SQLite format 3\x00secret", "a SQLite database: export the table of votes as CSV"),
        ("a,b\n".encode("utf-16"), "is UTF-16: save it as UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0secret", "is no text: votes are read from CSV, JSON and Parquet"),
        (b"version https://git-lfs.github.com/spec/v1\n", "a Git LFS pointer"),
    ],
    ids=["gzip", "ZIP", "SQLite", "UTF-16", "picture", "pointer"],  # two of them hold the time
)
def test_what_is_no_table_is_named_and_never_printed(
    tmp_path: Path, content: bytes, said: str
) -> None:
    path = tmp_path / "votes"
    path.write_bytes(content)

    with pytest.raises(UnreadableFile, match=said) as refused:
        vote_file(path)
    assert "secret" not in str(refused.value)


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "votes.parquet"
    path.write_bytes(b"PAR1" + b"\xff" * 100)

    with pytest.raises(UnreadableFile, match="the Parquet file is damaged: "):
        vote_file(path).table()


def test_of_a_parquet_file_only_the_wanted_columns_are_read(tmp_path: Path) -> None:
    path = tmp_path / "votes.parquet"
    table = pa.table({"id": list(range(450)), "long": ["x" * 9] * 450})
    pq.write_table(table, path, row_group_size=200)

    found = vote_file(path).table(wanted={"id", "other"})

    assert found.names == ("id", "long")
    assert [*found.records] == [Record(n + 1, {"id": n}) for n in range(450)]


def test_tabs_separate_cells_where_the_header_has_tabs_and_no_commas() -> None:
    table = csv_table(as_lines('a\tb\n"1\t2"\t3,4\n'))

    assert (table.names, *table.records) == (("a", "b"), Record(2, {"a": "1\t2", "b": "3,4"}))


class TestJsonLists:
    @given(
        st.lists(st.dictionaries(st.text(max_size=3), st.text() | st.floats(allow_nan=False))),
        st.integers(1, 9),
        st.sampled_from([None, 1]),
    )
    def test_any_list_is_read_as_if_at_once(
        self, rows: list[dict[str, str | float]], size: int, indent: int | None
    ) -> None:
        text = json.dumps(rows, indent=indent) + "\n"

        found = [*list_records(pieces(text, size))]

        assert [record.cells for record in found if isinstance(record, Record)] == rows
        assert [record.line for record in found] == list(range(1, len(rows) + 1))

    def test_what_is_no_object_is_named_by_its_row(self) -> None:
        found = [*list_records(['[{"a": 1}, "b", 3]'])]

        assert found[1:] == [
            RowFault(2, "", '"b"', "is no JSON object: write {…}"),
            RowFault(3, "", "3", "is no JSON object: write {…}"),
        ]

    @pytest.mark.parametrize(
        ("text", "said"),
        [
            ('[\n{"a": 1,\n"b"}]', "line 3: no valid JSON"),
            ('[{"a": 1}\n{"b": 1}]', "line 2: no valid JSON: , is missing"),
            ('[\n{"a": 1},\n', "line 3: no valid JSON"),
            ("[]\n[]", "line 2: no valid JSON: something follows the list"),
            ("[" * 200_000, "nested too deeply"),
        ],
    )
    @pytest.mark.parametrize("size", [1, 7, 10**6])
    def test_a_list_that_breaks_off_is_refused_with_its_line(
        self, text: str, said: str, size: int
    ) -> None:
        with pytest.raises(UnreadableFile, match=said):
            list(list_records(pieces(text, size)))

    def test_an_error_far_from_the_end_is_told_without_reading_on(self) -> None:
        def endless() -> list[str]:
            raise AssertionError("read on")

        def chunks() -> object:
            yield '[{"a": nothing, "b": "' + "x" * 100
            endless()

        with pytest.raises(UnreadableFile, match="line 1: no valid JSON"):
            list(list_records(chunks()))  # type: ignore[arg-type]


def pieces(text: str, size: int) -> list[str]:
    return [text[at : at + size] for at in range(0, len(text), size)]


class TestRecognition:
    def test_a_table_of_unknown_shape_is_refused_with_its_columns(self) -> None:
        with pytest.raises(UnreadableFile, match="no known format; its columns are who, what"):
            recognized(csv_table([b"who,what\n"]))

    def test_a_table_of_two_shapes_is_refused_with_both(self) -> None:
        header = b"annotator,prompt,verdict,model_a,model_b,id,worker,winner,left,right\n"

        with pytest.raises(UnreadableFile, match="looks like arena and llmfao"):
            recognized(csv_table([header]))

    def test_a_list_without_objects_has_no_votes(self, tmp_path: Path) -> None:
        path = tmp_path / "votes.json"
        path.write_text("[]")

        with pytest.raises(UnreadableFile, match="the file has no votes"):
            recognized(vote_file(path).table())
