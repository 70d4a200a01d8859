"""Inline reasoning is split off, wherever the stream was cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.inference.remote.reasoning import ReasoningSplitter


def split(pieces: list[str]) -> tuple[str, str]:
    splitter = ReasoningSplitter()
    deltas = [splitter.feed(piece) for piece in pieces] + [splitter.finish()]
    return "".join(d.text for d in deltas), "".join(d.reasoning for d in deltas)


@pytest.mark.parametrize(
    ("reply", "text", "reasoning"),
    [
        ("plain", "plain", ""),
        ("<think>why</think>\n\nanswer", "answer", "why"),
        ("\n<think>\nwhy\n</think>answer", "answer", "\nwhy\n"),
        ("<think>never closed", "", "never closed"),
        ("<think>a<b</thin</think>c", "c", "a<b</thin"),
        ("say <think> aloud", "say <think> aloud", ""),
        ("<thinker>", "<thinker>", ""),
        ("<th", "<th", ""),
        ("", "", ""),
    ],
)
def test_reasoning_is_split_off_whole_and_letter_by_letter(
    reply: str, text: str, reasoning: str
) -> None:
    assert split([reply]) == (text, reasoning)
    assert split(list(reply)) == (text, reasoning)


@given(st.lists(st.sampled_from(["<", "think", ">", "</think>", "a", " ", "/", "\n"])))
def test_the_cuts_of_the_stream_change_nothing(pieces: list[str]) -> None:
    assert split(pieces) == split(["".join(pieces)])
