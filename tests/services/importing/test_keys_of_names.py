"""A model that a file names gets a key like its name."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.catalog.rules import KEY_PATTERN
from arena.services.importing.formats import VoteFormat
from arena.services.importing.identity import free_key, model_key


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("GPT 4", "gpt-4"),
        ("LLaMA-2-Chat (70B)", "llama-2-chat-70b"),
        ("Command R+", "command-r-plus"),
        ("vicuna_v1.5", "vicuna_v1.5"),
        ("a--b-", "a--b-"),
    ],
)
def test_a_name_gives_a_key_like_it(name: str, key: str) -> None:
    assert model_key(name) == key


@given(st.text(min_size=1))
def test_every_name_gives_a_valid_key(name: str) -> None:
    key = model_key(name)

    assert KEY_PATTERN.fullmatch(key)
    assert model_key(key) == key


def test_names_in_other_scripts_give_different_keys() -> None:
    assert len({model_key(name) for name in ("通义千问", "文心一言", "智谱 4", "百川 4")}) == 4


def test_a_taken_key_gets_the_source_and_then_a_number() -> None:
    taken = {"gpt-4", "gpt-4.llmfao"}

    assert free_key("command", VoteFormat.LLMFAO, taken) == "command"
    assert free_key("gpt-4", VoteFormat.MT_BENCH, taken) == "gpt-4.mt-bench"
    assert free_key("gpt-4", VoteFormat.LLMFAO, taken) == "gpt-4.llmfao-2"
