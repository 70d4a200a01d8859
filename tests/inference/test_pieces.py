"""Answers are compared by pieces about as long as tokens, so that long words do not name a side."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.inference.pieces import Pieces, even_length


def pieces(text: str) -> Pieces:
    found = Pieces()
    found.grow(text)
    return found


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("", 0),
        ("The quick brown fox", 4),
        ("internationalisation", 3),
        ("Hm, well... yes!", 6),
        ("a\n\n\nb", 2),
        ("首都是巴黎", 5),
        ("한국어", 3),
        ("https://example.org", 5),
    ],
)
def test_a_text_has_about_as_many_pieces_as_tokens(text: str, count: int) -> None:
    assert len(pieces(text)) == count


def test_the_first_pieces_have_a_length() -> None:
    found = pieces("The quick brown fox")
    assert [found.characters(count) for count in range(6)] == [0, 3, 9, 15, 19, 19]


def test_the_space_after_the_last_piece_belongs_to_the_whole_text() -> None:
    found = pieces("The quick ")
    assert [found.characters(count) for count in range(3)] == [0, 3, 10]


def test_a_text_that_has_not_begun_has_no_characters() -> None:
    assert Pieces().characters(1) == 0


@given(parts=st.lists(st.text(alphabet="ab ,.\n是的é👍_1", max_size=12), max_size=12))
def test_a_text_that_grows_has_the_pieces_of_the_whole(parts: list[str]) -> None:
    growing = Pieces()
    for count in range(len(parts) + 1):
        growing.grow("".join(parts[:count]).strip())
    whole = pieces("".join(parts).strip())
    assert len(growing) == len(whole)
    assert [growing.characters(n) for n in range(9)] == [whole.characters(n) for n in range(9)]


def test_the_even_length_is_the_same_whichever_text_is_further() -> None:
    short, long = "We do so. It is a fair day.", "Nevertheless internationalisation, evidently"
    ahead = even_length([pieces(short), pieces(long[:20])], [False, False])
    behind = even_length([pieces(short[:8]), pieces(long)], [False, False])
    assert len(pieces(long[:20])) == len(pieces(short[:8])) == 3
    assert ahead == behind == 8


def test_a_text_that_is_done_waits_for_no_pieces() -> None:
    texts = [pieces("Yes."), pieces("It is so, as everybody says")]
    assert even_length(texts, [True, False]) == 4
    assert even_length(texts, [False, False]) == 4
    assert even_length(texts, [True, True]) == 4
    assert even_length([pieces(""), pieces("It is so")], [False, False]) == 0
