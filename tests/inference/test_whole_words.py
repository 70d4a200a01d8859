"""Growing answers are cut after whole words, from what stands before the cut alone."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.inference.whole_words import whole_words


@pytest.mark.parametrize(
    ("text", "limit", "shown"),
    [
        ("The quick brown fox", 12, "The quick"),
        ("The quick brown fox", 10, "The quick"),
        ("The quick brown fox", 9, "The"),
        ("Paris.", 6, ""),
        ("First line\n\nsecond", 12, "First line"),
        ("   spaces first", 9, ""),
        ("它的首都是巴黎，人口", 4, "它的首"),
        ("Das heißt 北京大学 genau", 14, "Das heißt 北京大"),
        ("ที่นี่อากาศดี", 5, "ที่"),
        ("https://example.org/" + "a" * 60, 64, "https://example.org/" + "a" * 43),
        ("x" * 50 + "e\u0301" * 10, 52, "x" * 50),
        ("👩\u200d🚀" * 30, 50, "👩\u200d🚀" * 16),
        ("👩\u200d🚀" * 30, 51, "👩\u200d🚀" * 16),
        ("का" * 30, 50, "का" * 24),
        ("1\u20e3" * 30, 50, "1\u20e3" * 24),
        ("👍🏽" * 30, 50, "👍🏽" * 24),
        ("\u0301" * 60, 50, ""),
    ],
)
def test_a_growing_text_ends_with_its_last_whole_word(text: str, limit: int, shown: str) -> None:
    assert text[: whole_words(text, limit, ended=False)] == shown


@pytest.mark.parametrize(
    "character",
    "\u0e00\u0eff\u1000\u109f\u1780\u17ff\u2e80\u312f\u31a0\u9fff\uf900\ufaff\uff00\uffef\U00020000"
    "\U0003ffff",
)
def test_scripts_without_spaces_are_cut_after_a_character(character: str) -> None:
    assert whole_words(f"{character}ab", 2, ended=False) == 1


@pytest.mark.parametrize("character", "\u0dff\u0f00\u0fff\u10a0\u2e7f\u3130\ufb00\ufff0Zé")
def test_other_scripts_are_not(character: str) -> None:
    assert whole_words(f"{character}ab", 2, ended=False) == 0


@given(text=st.text(alphabet="ab \n.,是的ก็é\u0301👍\u200d🏽", max_size=120), data=st.data())
def test_what_follows_the_limit_does_not_matter(text: str, data: st.DataObject) -> None:
    limit = data.draw(st.integers(0, len(text)))
    further = data.draw(st.text(max_size=20))
    cut = whole_words(text[:limit], limit, ended=False)
    assert cut == whole_words(text[:limit] + further, limit, ended=False) <= limit


@given(text=st.text(alphabet="ab \n.,是的ก็é\u0301👍\u200d🏽", max_size=120), data=st.data())
def test_a_cut_never_falls_back_by_more_than_a_long_word(text: str, data: st.DataObject) -> None:
    limit = data.draw(st.integers(0, len(text)))
    cut = whole_words(text, limit, ended=False)
    assert len(text[cut:limit].strip()) <= 60


@given(text=st.text(max_size=60), beyond=st.integers(0, 9))
def test_an_ended_text_shows_to_its_last_character(text: str, beyond: int) -> None:
    assert whole_words(text, len(text) + beyond, ended=True) == len(text)


@given(text=st.text(alphabet="ก็ที่a \u0301", min_size=1, max_size=80), data=st.data())
def test_no_mark_is_torn_off_its_letter(text: str, data: st.DataObject) -> None:
    cut = whole_words(text, data.draw(st.integers(0, len(text) - 1)), ended=False)
    follows = text[cut]
    assert cut == 0 or unicodedata.category(follows) not in {"Mn", "Mc"} or text[cut - 1] == " "
