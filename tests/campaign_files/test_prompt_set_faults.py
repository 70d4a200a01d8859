"""A prompt set is refused with every faulty row, and with what to change."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from arena.campaign_files.prompt_set import PromptReader
from arena.campaign_files.records import MOST_CHARACTERS
from arena.catalog import Fault
from tests.fakes.campaign_files import french, write_prompts
from tests.fakes.prompt_sets import CATEGORIES, stored


def faults_of(*paths: Path) -> tuple[Fault, ...]:
    reader = PromptReader(CATEGORIES, french)
    for path in paths:
        reader.prompts(path)
    return tuple(fault for error in reader.errors for fault in error.faults)


def test_ids_differ_between_the_files_of_a_set(tmp_path: Path) -> None:
    one = write_prompts(tmp_path, {"id": 1, "prompt": "a"}, name="one.jsonl")
    other = write_prompts(tmp_path, {"id": "1", "prompt": "b"}, name="other.jsonl")

    (fault,) = faults_of(one, other)

    assert fault == Fault(
        1, "row 1: id", "'1' is the id of row 1 of one.jsonl already: choose another"
    )


def test_a_file_that_is_named_twice_repeats_its_ids(tmp_path: Path) -> None:
    path = write_prompts(tmp_path, {"id": 1, "prompt": "a"})

    (fault,) = faults_of(path, path)

    assert "is the id of row 1 of prompts.jsonl already" in fault.message


@pytest.mark.parametrize(
    ("row", "column", "message"),
    [
        ({"category": "math"}, "", "has neither `prompt` nor `messages`"),
        ({"prompt": " \n"}, "prompt", "must not be empty"),
        ({"prompt": 5}, "prompt", "must be text"),
        ({"prompt": "a\0b"}, "prompt", "contains the character NUL"),
        ({"prompt": "a", "messages": ["b"]}, "", "has both `prompt` and `messages`"),
        ({"messages": []}, "messages", "write a list of messages"),
        ({"messages": "[1"}, "messages", "not valid JSON"),
        ({"messages": [5]}, "messages", "message 1 is neither a text nor"),
        ({"messages": [{"role": "user"}]}, "messages", "message 1 is neither a text nor"),
        ({"messages": ["a", " "]}, "messages", "must not be empty"),
        ({"messages": [{"role": "usr", "content": "a"}]}, "messages", "did you mean 'user'?"),
        (
            {"messages": ["a", {"role": "assistant", "content": "b"}]},
            "messages",
            "each model writes its own replies",
        ),
        (
            {"messages": ["a", {"role": "system", "content": "b"}]},
            "messages",
            "only the first message may be one",
        ),
        ({"messages": [{"role": "system", "content": "b"}]}, "messages", "no message of the user"),
        (
            {"messages": [{"role": "system", "content": "b"}, "a"], "system_prompt": "c"},
            "",
            "has two system prompts",
        ),
        ({"prompt": "a", "id": "x" * 81}, "id", "one line of at most 80 characters"),
        ({"prompt": "a", "id": True}, "id", "a whole number or one line"),
        ({"prompt": "a", "id": [1]}, "id", "a whole number or one line"),
        ({"prompt": "a", "difficulty": 0}, "difficulty", "must be at least 1"),
        ({"prompt": "a", "difficulty": "hard"}, "difficulty", "must be a whole number"),
        ({"prompt": "a", "difficulty": 2.5}, "difficulty", "must be a whole number"),
        ({"prompt": "a", "language": "english"}, "language", "ISO 639-1"),
        ({"prompt": "a", "category": "maths"}, "category", "did you mean 'math'?"),
        ({"prompt": "a", "category": 5}, "category", "must be text"),
        ({"prompt": "a", "lang": "en"}, "lang", "did you mean 'language'?"),
    ],
)
def test_a_faulty_row_is_named_with_its_line_and_what_to_change(
    tmp_path: Path, row: Mapping[str, Any], column: str, message: str
) -> None:
    path = stored(tmp_path, f'{{"prompt": "fine"}}\n\n{json.dumps(row)}\n')

    (fault,) = faults_of(path)

    assert (fault.line, fault.key) == (3, f"row 2: {column}" if column else "row 2")
    assert message in fault.message


def test_rows_with_the_same_fault_are_named_together(tmp_path: Path) -> None:
    rows = [{"prompt": "a", "category": "law"}] * 4
    fine = {"prompt": "b"}

    (fault,) = faults_of(write_prompts(tmp_path, fine, *rows[:3], fine, rows[3]))

    assert (fault.line, fault.key) == (2, "rows 2-4, 6: category")


WHOLE_FILES: Mapping[str, tuple[str, bytes, int, str]] = {
    "empty": ("a.jsonl", b"", 0, "is empty"),
    "blank": ("a.csv", b" \n\n", 0, "is empty"),
    "BOM alone": ("a.csv", b"\xef\xbb\xbf", 0, "is empty"),
    "UTF-16": ("a.csv", "prompt\nhi".encode("utf-16"), 0, "is UTF-16 text: save it as UTF-8"),
    "Latin-1": ("a.jsonl", b'{"prompt": "a"}\n{"prompt": "\xe9"}', 2, "is not UTF-8 text"),
    "GB18030": ("a.csv", "prompt\n你好".encode("gb18030"), 2, "is not UTF-8 text"),
    "unknown suffix": ("a.json", b"[]", 0, "name the file for its format: .csv, .jsonl, .yaml"),
    "JSON array": ("a.jsonl", b'[{"prompt": "a"}]', 1, "is one JSON array"),
    "header alone": ("a.csv", b"prompt\n", 0, "has no rows"),
    "empty YAML list": ("a.yaml", b"[]", 0, "has no rows"),
    "YAML that contains itself": ("a.yaml", b"- &a [*a]", 0, "an alias contains itself"),
    "nameless column": ("a.csv", b"prompt,\na,b\n", 1, "column 2 has no name"),
    "equal columns": ("a.csv", b"prompt,prompt\na,b\n", 1, "two columns are called prompt"),
    "semicolons": ("a.csv", b"id;prompt\n1;a\n", 1, "separate columns with commas"),
    "open quote": ("a.csv", b'prompt\n"a\nb', 3, "not valid CSV"),
    "YAML list as a key": ("a.yaml", b"- {prompt: {[a]: b}}", 1, "must be text"),
    "YAML map": ("a.yaml", b"prompt: a\n", 0, "must be a list"),
    "YAML fault": ("a.yaml", b"- prompt: a\n- [", 2, "not valid YAML"),
    "YAML key twice": ("a.yml", b"- prompt: a\n  prompt: b\n", 2, "stands twice"),
    "no Parquet": ("a.parquet", b"prompt\nhi\n", 0, "is not a sound Parquet file"),
    "empty Parquet": ("a.parquet", b"", 0, "is not a sound Parquet file"),
}


@pytest.mark.parametrize("kind", WHOLE_FILES)
def test_a_file_that_cannot_be_read_is_one_fault(tmp_path: Path, kind: str) -> None:
    name, content, line, message = WHOLE_FILES[kind]

    (fault,) = faults_of(stored(tmp_path, content, name))

    assert fault.line == line
    assert message in fault.message


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.jsonl", "[1]", "is not a JSON object"),
        ("a.jsonl", '{"prompt": ', "not valid JSON"),
        ("a.jsonl", "[" * 200_000, "nested too deeply"),
        ("a.jsonl", f'{{"prompt": "{"x" * MOST_CHARACTERS}"}}', "is too long"),
        ("a.csv", f"{'x' * (MOST_CHARACTERS + 1)},en", "is too long"),
        ("a.csv", "a,b,c", "has 3 cells where the header has 2"),
        ("a.yaml", "- words", "must be a block"),
        ("a.yaml", f"- prompt: {'x' * MOST_CHARACTERS}", "is too long"),
    ],
    ids=["array", "cut", "deep", "long", "long cell", "uneven", "words", "long block"],
)
def test_a_row_that_cannot_be_read_is_named(
    tmp_path: Path, name: str, content: str, message: str
) -> None:
    first = {"jsonl": '{"prompt": "a"}', "csv": "prompt,language\na,en", "yaml": "- prompt: a"}
    before = first[name.partition(".")[2]]

    (fault,) = faults_of(stored(tmp_path, f"{before}\n{content}\n", name))

    assert fault.key == "row 2"
    assert fault.line == len(before.splitlines()) + 1
    assert message in fault.message


def test_a_line_of_a_hundred_megabytes_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    with path.open("wb") as file:
        file.truncate(100_000_001)

    (fault,) = faults_of(path)

    assert fault.message == "is larger than 100 MB: split it"
