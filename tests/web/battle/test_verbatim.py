"""Messages shown as text: all of it, and sent so that a longer one only appends."""

import re
from html import unescape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.web.battle.verbatim import MOST_CHARACTERS, MOST_MARKS, too_much_to_format, verbatim

TABLE = "| a | b |\n|---|---|\n" + "".join(f"| {row} | $x_{row}$ |\n" for row in range(3000))


def shown(markdown: str) -> str:
    """What a browser shows of it: it drops the line break after the tag that opens a block."""
    blocks = re.findall(r'<pre class="verbatim">\n(.*?)(?:</pre>\n\n|\Z)', markdown, re.DOTALL)
    return "".join(map(unescape, blocks))


@given(st.text(alphabet="ab \n\t\r$\\<>&'\"`|*_[]%#é天"))
def test_every_character_of_a_message_is_shown(text: str) -> None:
    assert shown(verbatim(text)) == text


def test_a_long_table_is_shown_whole() -> None:
    assert shown(verbatim(TABLE)) == TABLE


def test_more_text_only_appends_to_what_was_sent() -> None:
    before = ""
    for end in range(0, len(TABLE), 97):
        now = verbatim(TABLE[:end])
        assert now.startswith(before)
        before = now


@pytest.mark.parametrize("sign", ["<script>", "$", "\\", "<b>"])
def test_nothing_of_a_message_is_markup_or_a_formula(sign: str) -> None:
    assert sign not in verbatim(f"a {sign} b")


@pytest.mark.parametrize(
    "text",
    [
        TABLE,
        "- item\n" * 2000,
        "```\n" + "x = f(1)\n" * 3000 + "```",
        "**a** `b` $c$ " * 700,
        "> " * 3000,
        "word " * 7000,
    ],
)
def test_what_takes_long_to_format_is_too_much(text: str) -> None:
    assert too_much_to_format(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "An answer of **some** length, with `code` and lists.\n\n" * 60,
        "| a | b | c |\n|---|---|---|\n" + "| one | two | three |\n" * 200,
        "x" * MOST_CHARACTERS,
        "|" * MOST_MARKS,
    ],
)
def test_an_ordinary_answer_is_formatted(text: str) -> None:
    assert not too_much_to_format(text)
