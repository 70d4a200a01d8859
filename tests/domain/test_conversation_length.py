"""Conversations are measured alike for every model, and alike whichever side wrote more."""

from hypothesis import given
from hypothesis import strategies as st

from arena.domain.conversation_length import conversation_length, counted


def test_letters_beyond_english_count_as_what_they_cost() -> None:
    assert [counted(text) for text in ("word", "слово", "春天", "😀", "\ud83d")] == [4, 10, 6, 4, 3]


def test_each_turn_counts_its_prompt_and_its_longest_reply() -> None:
    turns = [("Why?", ["short", "much longer"]), ("And?", ["long again", "no"]), ("So?", [])]
    assert conversation_length(turns) == 4 + 11 + 4 + 10 + 3


@given(turns=st.lists(st.tuples(st.text(), st.lists(st.text(), min_size=2, max_size=2))))
def test_exchanging_the_sides_changes_no_length(turns: list[tuple[str, list[str]]]) -> None:
    exchanged = [(prompt, replies[::-1]) for prompt, replies in turns]
    assert conversation_length(exchanged) == conversation_length(turns)
