"""Half a character is joined to its other half, or replaced; everything else is left alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.characters import WholeCharacters, is_well_formed, to_well_formed

HIGH, LOW = "\ud83d", "\ude00"
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
ANYTHING = st.text()
WITH_HALVES = st.text(st.characters(exclude_categories=()) | st.sampled_from([HIGH, LOW]))


@pytest.mark.parametrize(
    ("text", "sound"),
    [
        ("", ""),
        ("plain 😀 text", "plain 😀 text"),
        (f"a{HIGH}{LOW}b", "a😀b"),
        (f"a{HIGH}", f"a{REPLACEMENT}"),
        (f"{LOW}a", f"{REPLACEMENT}a"),
        (f"{HIGH}{HIGH}{LOW}", f"{REPLACEMENT}😀"),
        (f"{LOW}{HIGH}", REPLACEMENT * 2),
        ("a\0b\x1b\u200b\ufeff", "a\0b\x1b\u200b\ufeff"),
    ],
)
def test_what_becomes_of_a_text(text: str, sound: str) -> None:
    assert to_well_formed(text) == sound
    assert is_well_formed(text) == (text == sound)


@given(WITH_HALVES)
def test_every_text_can_be_written_afterwards(text: str) -> None:
    sound = to_well_formed(text)
    assert sound.encode().decode() == sound
    assert to_well_formed(sound) == sound


@given(ANYTHING)
def test_whole_characters_are_left_alone(text: str) -> None:
    assert to_well_formed(text) == text


def in_pieces(pieces: list[str]) -> str:
    joined = WholeCharacters()
    return "".join([*map(joined.feed, pieces), joined.finish()])


def test_halves_are_joined_across_pieces() -> None:
    assert in_pieces(["a", HIGH, LOW, "b"]) == "a😀b"
    assert in_pieces([f"ab{HIGH}", LOW]) == "ab😀"
    assert in_pieces([HIGH, "", LOW]) == "😀"
    assert in_pieces([HIGH, "a"]) == f"{REPLACEMENT}a"
    assert in_pieces([HIGH]) == REPLACEMENT


def test_what_was_waited_for_comes_once() -> None:
    joined = WholeCharacters()
    joined.feed(HIGH)
    assert [joined.finish(), joined.finish()] == [REPLACEMENT, ""]


@given(st.lists(WITH_HALVES))
def test_it_does_not_matter_where_a_stream_is_cut(pieces: list[str]) -> None:
    assert in_pieces(pieces) == to_well_formed("".join(pieces))
