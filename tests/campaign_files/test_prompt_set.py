"""Prompt sets of every format and layout are read, or refused with every faulty row."""

import csv
import json
from collections.abc import Callable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from arena.campaign_files.prompt_set import PromptReader
from arena.campaign_files.records import MOST_CHARACTERS
from arena.catalog import Fault
from arena.domain.campaign import CampaignPrompt
from tests.fakes.campaign_files import french, write_prompts

CATEGORIES = ("writing", "math")
ROWS: Sequence[Mapping[str, Any]] = (
    {
        "id": "w-1",
        "prompt": 'Write "a, b"\nand more.',
        "system_prompt": "Be brief.",
        "category": "writing",
        "language": "en",
        "difficulty": 3,
        "notes": "Two lines.",
    },
    {"id": "m-1", "prompt": "一加一等于几？"},
)
READ = (
    CampaignPrompt(
        id="w-1",
        turns=('Write "a, b"\nand more.',),
        language="en",
        category="writing",
        system_prompt="Be brief.",
        difficulty=3,
        notes="Two lines.",
    ),
    CampaignPrompt(id="m-1", turns=("一加一等于几？",), language="fr"),
)


def read(*paths: Path, categories: Sequence[str] = CATEGORIES) -> tuple[CampaignPrompt, ...]:
    reader = PromptReader(categories, french)
    prompts = tuple(prompt for path in paths for prompt in reader.prompts(path))
    assert [str(error) for error in reader.errors] == []
    return prompts


def faults_of(*paths: Path) -> tuple[Fault, ...]:
    reader = PromptReader(CATEGORIES, french)
    for path in paths:
        reader.prompts(path)
    return tuple(fault for error in reader.errors for fault in error.faults)


def stored(folder: Path, content: bytes | str, name: str = "prompts.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def as_csv(rows: Sequence[Mapping[str, Any]], line_end: str = "\n") -> str:
    text = StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]), lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def as_jsonl(rows: Sequence[Mapping[str, Any]], line_end: str = "\n") -> str:
    return line_end.join(json.dumps(row, ensure_ascii=False) for row in rows)


def as_yaml(rows: Sequence[Mapping[str, Any]]) -> str:
    text = StringIO()
    YAML(typ="safe").dump(list(rows), text)
    return text.getvalue()


def write_parquet(folder: Path, rows: Sequence[Mapping[str, Any]]) -> Path:
    path = folder / "prompts.parquet"
    pq.write_table(pa.Table.from_pylist(list(rows)), path)
    return path


WRITERS: Mapping[str, Callable[[Path], Path]] = {
    "csv": lambda folder: stored(folder, as_csv(ROWS), "prompts.csv"),
    "csv with CR": lambda folder: stored(folder, as_csv(ROWS, "\r"), "prompts.csv"),
    "csv with CRLF and BOM": lambda folder: stored(
        folder, b"\xef\xbb\xbf" + as_csv(ROWS, "\r\n").encode(), "prompts.CSV"
    ),
    "jsonl": lambda folder: stored(folder, as_jsonl(ROWS)),
    "jsonl with CR": lambda folder: stored(folder, as_jsonl(ROWS, "\r")),
    "jsonl with BOM and blank lines": lambda folder: stored(
        folder, b"\xef\xbb\xbf" + as_jsonl(ROWS, "\r\n\r\n").encode()
    ),
    "yaml": lambda folder: stored(folder, as_yaml(ROWS), "prompts.yaml"),
    "parquet": lambda folder: write_parquet(folder, ROWS),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_every_format_gives_the_same_prompts(tmp_path: Path, writer: str) -> None:
    assert read(WRITERS[writer](tmp_path)) == READ


TWO_TURNS: Mapping[str, Any] = {
    "texts": ["One?", "Two?"],
    "messages": [{"role": "user", "content": "One?"}, {"role": "user", "content": "Two?"}],
    "JSON text": '["One?", "Two?"]',
}


@pytest.mark.parametrize("form", TWO_TURNS)
def test_messages_are_the_turns_of_a_prompt(tmp_path: Path, form: str) -> None:
    (prompt,) = read(write_prompts(tmp_path, {"messages": TWO_TURNS[form]}))

    assert prompt.turns == ("One?", "Two?")


def test_messages_keep_their_shape_in_parquet(tmp_path: Path) -> None:
    (prompt,) = read(write_parquet(tmp_path, [{"messages": TWO_TURNS["messages"]}]))

    assert prompt.turns == ("One?", "Two?")


def test_a_first_message_of_the_system_is_the_system_prompt(tmp_path: Path) -> None:
    messages = [{"role": "system", "content": "Be brief."}, "One?"]

    (prompt,) = read(write_prompts(tmp_path, {"messages": messages}))

    assert (prompt.system_prompt, prompt.turns) == ("Be brief.", ("One?",))


def test_the_test_set_of_wizardlm_is_read_as_it_is(tmp_path: Path) -> None:
    row = {"idx": 7, "Skill": "Math", "Difficulty": 9, "Instruction": "Count to three."}

    (prompt,) = read(write_prompts(tmp_path, row), categories=["Math"])

    assert prompt == CampaignPrompt(
        id="7", turns=("Count to three.",), language="fr", category="Math", difficulty=9
    )


def test_questions_of_mt_bench_are_read_as_they_are(tmp_path: Path) -> None:
    row = {
        "question_id": 101,
        "category": "math",
        "turns": ["One?", "Two?"],
        "reference": ["1", "2"],
        "choices": ["not", "ours"],
    }

    (prompt,) = read(write_prompts(tmp_path, row))

    assert prompt == CampaignPrompt(
        id="101", turns=("One?", "Two?"), language="fr", category="math", notes="1\n\n2"
    )


def test_questions_of_mt_bench_are_read_from_csv_too(tmp_path: Path) -> None:
    row = {"question_id": 1, "category": "math", "turns": '["One?", "Two?"]', "reference": ""}

    (prompt,) = read(stored(tmp_path, as_csv([row]), "questions.csv"))

    assert (prompt.turns, prompt.notes) == (("One?", "Two?"), None)


def test_an_id_that_is_not_given_follows_from_what_is_asked(tmp_path: Path) -> None:
    first = read(write_prompts(tmp_path, {"prompt": "a"}, {"prompt": "b"}, {"prompt": "a"}))
    second = read(write_prompts(tmp_path, {"prompt": "b", "category": "math"}))

    assert second[0].id == first[1].id
    assert first[2].id == f"{first[0].id}-2"


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


def test_halves_of_characters_are_replaced(tmp_path: Path) -> None:
    (prompt,) = read(stored(tmp_path, '{"prompt": "a \\ud83d b \\ud83d\\ude00"}'))

    assert prompt.turns == ("a \ufffd b \U0001f600",)


def test_check_items_have_one_turn_and_two_replies(tmp_path: Path) -> None:
    path = write_prompts(
        tmp_path,
        {"prompt": "a", "better": "b", "worse": "c"},
        {"messages": ["a", "b"], "better": "b", "worse": "c"},
        {"prompt": "a", "better": "b"},
    )
    reader = PromptReader(CATEGORIES, french)

    assert [(item.better, item.worse) for item in reader.check_items(path)] == [("b", "c")]
    assert [(fault.key, fault.message) for fault in reader.errors[0].faults] == [
        ("row 2", "a check item has one message of the user: remove the others"),
        ("row 3: worse", "is required: add it"),
    ]


TEXTS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1
).filter(str.strip)


@st.composite
def sound_rows(draw: st.DrawFn) -> dict[str, Any]:
    row: dict[str, Any] = {"prompt": draw(TEXTS)}
    optional = {
        "system_prompt": TEXTS,
        "category": st.sampled_from(CATEGORIES),
        "language": st.sampled_from(["en", "zh"]),
        "difficulty": st.integers(1, 10),
    }
    for column, values in optional.items():
        value = draw(st.none() | values)
        if value is not None:
            row[column] = value
    return row


@given(st.lists(sound_rows(), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_sound_rows_are_read_as_they_were_written(
    tmp_path: Path, rows: list[dict[str, Any]]
) -> None:
    columns = ("prompt", "system_prompt", "category", "language", "difficulty")
    even = [{column: row.get(column) for column in columns} for row in rows]
    files = [
        stored(tmp_path, as_jsonl(rows)),
        stored(tmp_path, as_csv(even), "prompts.csv"),
        write_parquet(tmp_path, even),
    ]

    for prompts in map(read, files):
        assert [prompt.turns for prompt in prompts] == [(row["prompt"],) for row in rows]
        for column in columns[1:]:
            expected = [row.get(column, "fr" if column == "language" else None) for row in rows]
            assert [getattr(prompt, column) for prompt in prompts] == expected


@given(
    st.dictionaries(
        st.text(max_size=8) | st.sampled_from(["prompt", "messages", "id"]),
        st.recursive(
            st.none()
            | st.booleans()
            | st.integers()
            | st.floats(allow_nan=False)
            | st.text(max_size=5),
            lambda inner: (
                st.lists(inner, max_size=3)
                | st.dictionaries(st.text(max_size=5), inner, max_size=3)
            ),
            max_leaves=5,
        ),
    )
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_a_row_holds_it_is_read_or_named(tmp_path: Path, row: dict[str, Any]) -> None:
    reader = PromptReader(CATEGORIES, french)

    prompts = reader.prompts(stored(tmp_path, json.dumps(row)))

    assert bool(prompts) != bool(reader.errors)
    assert all(fault.key.startswith("row 1") for error in reader.errors for fault in error.faults)


@given(st.sampled_from([".csv", ".jsonl", ".yaml", ".parquet"]), st.binary(max_size=60) | TEXTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_a_file_holds_it_is_read_or_refused(
    tmp_path: Path, suffix: str, content: bytes | str
) -> None:
    reader = PromptReader(CATEGORIES, french)

    prompts = reader.prompts(stored(tmp_path, content, f"a{suffix}"))

    assert bool(prompts) != bool(reader.errors)


def test_every_changed_byte_of_a_parquet_file_is_read_or_refused(tmp_path: Path) -> None:
    sound = write_parquet(tmp_path, [{"prompt": "Hello?"}]).read_bytes()

    for place in range(len(sound)):
        content = bytearray(sound)
        content[place] ^= 0xFF
        reader = PromptReader(CATEGORIES, french)
        prompts = reader.prompts(stored(tmp_path, bytes(content), "a.parquet"))
        assert prompts or reader.errors
