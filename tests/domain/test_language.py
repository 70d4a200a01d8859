"""Language by script."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.domain.language import dense_script, language_of_script


@pytest.mark.parametrize(
    ("prompt", "language"),
    [
        ("", "en"),
        ("12 + 30 = ?", "en"),
        ("Why is the sky blue?", "en"),
        ("Où est la gare ?", "en"),
        ("天空为什么是蓝色的？", "zh"),
        ("请解释 photosynthesis 这个词", "zh"),
        ("Translate 你好 into English, and explain each character", "en"),
        ("日本語で答えてください", "ja"),
        ("カタカナ", "ja"),
        ("한국어로 대답해 주세요", "ko"),
        ("Почему небо голубое?", "ru"),
        ("لماذا السماء زرقاء؟", "ar"),
        ("למה השמיים כחולים", "he"),
        ("आकाश नीला क्यों है", "hi"),
        ("ทำไมท้องฟ้าเป็นสีฟ้า", "th"),
        ("Γιατί ο ουρανός είναι μπλε", "el"),
        ("я", "ru"),
        ("ab яю", "en"),
        ("éèя", "en"),
        ("é", "en"),
        ("漢字漢字の", "ja"),
        ("abcの", "en"),
    ],
)
def test_the_script_tells_the_language(prompt: str, language: str) -> None:
    assert language_of_script(prompt) == language


@pytest.mark.parametrize(
    ("ends", "language"),
    [
        ("\u3040\u30ff", "ja"),
        ("\uac00\ud7af", "ko"),
        ("\u1100\u11ff", "ko"),
        ("\u4e00\u9fff", "zh"),
        ("\u3400\u4dbf", "zh"),
        ("\u0400\u04ff", "ru"),
        ("\u0600\u06ff", "ar"),
        ("\u0590\u05ff", "he"),
        ("\u0900\u097f", "hi"),
        ("\u0e00\u0e7f", "th"),
        ("\u0370\u03ff", "el"),
    ],
)
def test_a_script_counts_from_its_first_character_to_its_last(ends: str, language: str) -> None:
    assert [language_of_script(character) for character in ends] == [language] * 2


@given(st.text(max_size=40))
def test_any_text_has_a_language_of_two_letters(text: str) -> None:
    assert len(language_of_script(text)) == 2


@given(st.text(alphabet="天空为什么是蓝色的请问你好世界", min_size=1), st.text("0123456789 ?!，。"))
def test_digits_and_marks_do_not_change_the_language(chinese: str, marks: str) -> None:
    assert language_of_script(marks + chinese + marks) == "zh"


def test_chinese_japanese_and_korean_are_dense() -> None:
    assert {code for code in ("zh", "ja", "ko", "en", "ru") if dense_script(code)} == {
        "zh",
        "ja",
        "ko",
    }
