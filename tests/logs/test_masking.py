"""What a log must not repeat."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.logs.masking import masked

PROMPT = "My neighbour Ulla Quist has a rare disease; what should I cook for her?"


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        (f"refused: {PROMPT!r}", "refused: '[prompt]'"),
        (f"refused: {PROMPT[:40]}…", "refused: [prompt]…"),
        ("at 'Ulla Quist has a rare dis'", "at '[prompt]'"),
        ("Ulla is no quotation", "Ulla is no quotation"),
        ("nothing of it", "nothing of it"),
    ],
)
def test_a_quotation_is_taken_out(line: str, shown: str) -> None:
    assert masked(line, [PROMPT]) == shown


def test_white_space_may_differ() -> None:
    said = "first line of a poem\n\n   second line of it"
    assert masked("HTTP 400: first line of a poem second line of it", [said]) == (
        "HTTP 400: [prompt]"
    )


def test_a_short_prompt_is_masked_as_a_whole_and_a_word_is_not() -> None:
    assert masked("refused: 你好，世界！", ["你好，世界！"]) == "refused: [prompt]"
    assert masked("model a: yes", ["yes"]) == "model a: yes"


def test_each_of_several_prompts_is_masked() -> None:
    both = ["What is the capital of Peru?", "And that of Bolivia, please?"]
    assert masked(" / ".join(both), both) == "[prompt] / [prompt]"


@given(
    before=st.text(max_size=30),
    prompt=st.text(min_size=16, max_size=60),
    after=st.text(max_size=30),
    start=st.integers(0, 44),
)
def test_sixteen_characters_in_a_row_never_pass(
    before: str, prompt: str, after: str, start: int
) -> None:
    part = prompt.strip()[start : start + 16]
    hidden = masked(f"{before}{part}{after}", [prompt])
    assert len(part) < 16 or part not in hidden.replace("[prompt]", "\0")
