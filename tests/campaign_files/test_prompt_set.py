"""Prompt sets of every format and layout are read."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from arena.campaign_files.prompt_set import PromptReader
from arena.domain.campaign import CampaignPrompt
from tests.fakes.campaign_files import french, write_prompts
from tests.fakes.prompt_sets import (
    CATEGORIES,
    as_csv,
    as_jsonl,
    as_yaml,
    read,
    stored,
    write_parquet,
)

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
