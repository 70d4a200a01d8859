"""The models.yaml of this repository: the embedded models, and the whole WizardLM-2 line-up."""

import re
from pathlib import Path
from typing import Final

import pytest

from arena.catalog import ModelRow, load_catalog

ROOT: Final = Path(__file__).parents[2]
CATALOG: Final = load_catalog(ROOT / "models.yaml")
LINE_UP: Final = {
    "wizardlm-2-7b": "vicuna_v1.1",
    "wizardlm-2-70b": "vicuna_v1.1",
    "wizardlm-2-8x22b": "vicuna_v1.1",
    "starling-lm-7b-beta": "openchat",
    "qwen1.5-14b-chat": "chatml",
    "qwen1.5-32b-chat": "chatml",
    "qwen1.5-72b-chat": "chatml",
    "command-r-plus": "auto",
    "llama-2-7b": "raw",
    "llama-2-13b": "raw",
    "llama-2-70b": "raw",
    "llama-2-7b-chat": "llama-2",
    "llama-2-13b-chat": "llama-2",
    "llama-2-70b-chat": "llama-2",
    "chatglm2-6b": "chatglm2",
    "llama2-chinese-7b-chat": "llama2-chinese",
    "llama2-chinese-13b-chat": "llama2-chinese",
    "chinese-alpaca-7b": "chinese-alpaca",
    "chinese-alpaca-2-7b": "chinese-alpaca-2",
}
OF_2023: Final = {
    *(f"llama-2-{size}{kind}" for size in ("7b", "13b", "70b") for kind in ("", "-chat")),
    "llama2-chinese-7b-chat",
    "llama2-chinese-13b-chat",
    "chinese-alpaca-7b",
    "chinese-alpaca-2-7b",
}
"""Trained with tokenizers that put a space before every part of a text."""

REMOTE: Final = {"gpt-4-1106-preview", "gpt-4-0613", "gpt-4-0314", "chatgpt", "mistral-large"}


def test_exactly_the_embedded_models_are_enabled() -> None:
    assert [row.key for row in CATALOG.enabled()] == ["arena-demo-a", "arena-demo-b"]
    assert all((row.source or "").startswith("embedded:") for row in CATALOG.enabled())


def test_no_demo_model_is_named_like_a_side_of_the_screen() -> None:
    assert [row.name for row in CATALOG.enabled()] == ["Arena Demo Large", "Arena Demo Small"]


def test_the_line_up_is_complete() -> None:
    keys = {row.key for row in CATALOG.models}
    assert keys == {"arena-demo-a", "arena-demo-b", *LINE_UP, *REMOTE}


@pytest.mark.parametrize("row", CATALOG.models, ids=lambda row: row.key)
def test_every_row_tells_what_its_model_is(row: ModelRow) -> None:
    assert row.license
    assert row.description
    assert row.max_context
    assert row.identity_words
    assert row.enabled or row.links


@pytest.mark.parametrize(("key", "prompt_format"), LINE_UP.items())
def test_every_local_row_has_the_format_its_model_was_trained_on(
    key: str, prompt_format: str
) -> None:
    row = CATALOG.get(key)
    assert row.prompt_format == prompt_format
    assert row.dtype == "bfloat16"
    assert row.revision or (row.source or "").startswith("./")


def test_exactly_the_rows_of_2023_have_the_tokenizer_of_that_year() -> None:
    assert {row.key for row in CATALOG.models if row.legacy_tokenizer} == OF_2023
    assert not [row.key for row in CATALOG.models if row.legacy_tokenizer is False]


@pytest.mark.parametrize("key", ["wizardlm-2-7b", "wizardlm-2-70b", "wizardlm-2-8x22b"])
def test_wizardlm_2_gets_its_system_prompt_and_stops_word_for_word(key: str) -> None:
    row = CATALOG.get(key)
    assert row.system_prompt == (
        "A chat between a curious user and an artificial intelligence assistant. The assistant "
        "gives helpful, detailed, and polite answers to the user's questions."
    )
    assert row.sampling.stop == ("USER:", "ASSISTANT:")


@pytest.mark.parametrize("key", sorted(REMOTE))
def test_every_remote_row_names_its_key_and_holds_none(key: str) -> None:
    row = CATALOG.get(key)
    assert row.backend == "openai"
    assert re.fullmatch(r"[A-Z_]+", row.api_key_env or "")


@pytest.mark.parametrize("row", CATALOG.models, ids=lambda row: row.key)
def test_every_row_may_be_enabled_alone(row: ModelRow) -> None:
    assert CATALOG.only([row.key]).enabled()[0].key == row.key


def test_every_field_of_a_row_is_in_the_guide() -> None:
    guide = (ROOT / "docs" / "adding-a-model.md").read_text(encoding="utf-8")
    fields = set(ModelRow.model_fields) - {"key", "directory", "prompt_template"}
    assert {field for field in fields if f"`{field}`" not in guide} == set()
