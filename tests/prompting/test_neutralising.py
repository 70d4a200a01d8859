"""No control token gets through, and nothing else is touched."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.prompting import neutralise
from arena.prompting.neutralising import ZERO_WIDTH_JOINER

ALPHABET = "ab<|>/s"
TOKENS = st.sets(st.text(ALPHABET, min_size=2, max_size=5), max_size=4)


@given(text=st.text(ALPHABET, max_size=60), tokens=TOKENS)
def test_no_special_token_remains(text: str, tokens: set[str]) -> None:
    cleaned = neutralise(text, tokens)
    assert [token for token in tokens if token in cleaned] == []


@given(text=st.text(max_size=60), tokens=TOKENS)
def test_text_is_unchanged_when_no_token_occurs(text: str, tokens: set[str]) -> None:
    if not any(token in text for token in tokens):
        assert neutralise(text, tokens) == text


@given(text=st.text(ALPHABET, max_size=60), tokens=TOKENS)
def test_only_zero_width_joiners_are_added(text: str, tokens: set[str]) -> None:
    assert neutralise(text, tokens).replace(ZERO_WIDTH_JOINER, "") == text


@pytest.mark.parametrize(
    ("text", "tokens", "expected"),
    [
        ("abc", ["ab", "bc"], "a\u200db\u200dc"),
        ("</s></s>", ["</s>"], "<\u200d/s><\u200d/s>"),
        ("a", ["a"], "a"),
        ("plain", [], "plain"),
    ],
)
def test_overlapping_and_repeated_tokens_are_split(
    text: str, tokens: list[str], expected: str
) -> None:
    assert neutralise(text, tokens) == expected


def test_white_space_ends_no_turn_and_stays_as_it_is() -> None:
    text = "def f():\n    return\n\n\tx"
    assert neutralise(text, ["    ", "\n\n", "\n\n\t", "▁▁"]) == text
