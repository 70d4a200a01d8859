"""Languages that a browser asks for, by their weights (RFC 9110, section 12.5.4)."""

import pytest

from arena.web.common.accept_language import AcceptedLanguages


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("fr, zh;q=0.1, en;q=0.9", "en"),
        ("zh;q=0.1, en;q=0.9", "en"),
        ("en;q=0.1, zh;q=0.9", "zh"),
        ("en;q=0.5, zh;q=0.5", "en"),
        ("zh;q=0.5, en;q=0.5", "zh"),
        ("zh, en", "zh"),
        ("fr, zh;q=0, *;q=0.1", "en"),
        ("zh;q=0", "en"),
        ("zh;q=0.000", "en"),
        ("en;q=0, *", "zh"),
        ("*", "en"),
        ("fr, *;q=0.5", "en"),
        ("zh;q=0.1, *;q=0.5", "en"),
        ("zh-Hant", "zh"),
        ("zh-Hant-TW, en;q=0.8", "zh"),
        ("zh-TW;q=0.2, en;q=0.8", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("zh;q=0, zh-TW", "zh"),
        ("ZH-hans ; Q=0.9 , EN ; q = 0.1", "zh"),
        ("zh;q=high, en;q=0.1", "en"),
        ("zh;q=2, en;q=0.1", "en"),
        ("zh;q=-1, en;q=0.1", "en"),
        ("zh;q=nan, en;q=0.1", "en"),
        ("zh;q=, en;q=0.1", "en"),
        ("zh_CN", "en"),
        ("fr, de;q=0.9", "en"),
        (",;q=,*", "en"),
        ("en;q=0", "en"),
    ],
)
def test_the_language_with_the_highest_weight_is_spoken(header: str | None, language: str) -> None:
    accepted = AcceptedLanguages.parse(header)
    assert accepted.sorted({"zh", "en"}, default="en")[0] == language


def test_languages_that_a_reader_does_not_ask_for_come_last_and_the_default_before_them() -> None:
    accepted = AcceptedLanguages.parse("fr, zh;q=0.5, de;q=0.7")
    languages = ["es", "zh", "en", "de", "ar", "fr"]
    assert accepted.sorted(languages, default="en") == ["fr", "de", "zh", "en", "es", "ar"]
