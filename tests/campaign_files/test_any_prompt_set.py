"""Whatever a prompt set holds, it is read as it was written or refused."""

import json
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from arena.campaign_files.prompt_set import PromptReader
from tests.fakes.campaign_files import french
from tests.fakes.prompt_sets import CATEGORIES, as_csv, as_jsonl, read, stored, write_parquet

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
