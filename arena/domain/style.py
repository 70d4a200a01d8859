"""Style of a reply: what of its form can be counted, apart from what it says."""

import re
from collections.abc import Mapping
from enum import StrEnum


class StyleFeature(StrEnum):
    """Something that can be counted in a reply."""

    CHARACTERS = "characters"
    TOKENS = "tokens"
    HEADINGS = "headings"
    LISTS = "lists"
    BOLD = "bold"
    CODE = "code"
    EMOJI = "emoji"


Style = Mapping[StyleFeature, int]
"""How often each feature occurs in a text."""

_EAST_ASIAN = (
    r"\u3005-\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_TOKEN = re.compile(rf"[{_EAST_ASIAN}]|[^\W{_EAST_ASIAN}]+|[^\w\s]")

_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")
_HEADING = re.compile(r" {0,3}#{1,6}(?:[ \t]|$)")
_LIST_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,9}[.)])[ \t]+\S")
_INLINE_CODE = re.compile(r"`[^`\n]+`")
# No nested quantifiers, and no character in two neighbouring parts: linear on hostile texts.
_BOLD = re.compile(r"\*\*(?!\s)[^*\n]+(?<!\s)\*\*|(?<!\w)__(?!\s)[^_\n]+(?<!\s)__(?!\w)")

_PICTURE = (
    r"[\u231a\u231b\u23e9-\u23ec\u23f0\u23f3\u25fd\u25fe\u2614\u2615\u2648-\u2653\u267f\u2693"
    r"\u26a1\u26aa\u26ab\u26bd\u26be\u26c4\u26c5\u26ce\u26d4\u26ea\u26f2\u26f3\u26f5\u26fa\u26fd"
    r"\u2705\u270a\u270b\u2728\u274c\u274e\u2753-\u2755\u2757\u2795-\u2797\u27b0\u27bf\u2b1b\u2b1c"
    r"\u2b50\u2b55\U0001f004\U0001f0cf\U0001f18e\U0001f191-\U0001f19a\U0001f300-\U0001f3fa"
    r"\U0001f400-\U0001f64f\U0001f680-\U0001f6ff\U0001f7e0-\U0001f7f0\U0001f90c-\U0001f9ff"
    r"\U0001fa70-\U0001faff]|[\u00a9\u00ae\u203c-\u3299]\ufe0f"
)
_SHADE = r"[\ufe0f\U0001f3fb-\U0001f3ff]?"
_EMOJI = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3"
    rf"|(?:{_PICTURE}){_SHADE}(?:\u200d(?:{_PICTURE}|[\u2640\u2642]){_SHADE})*"
)


def style_of(text: str) -> dict[StyleFeature, int]:
    """Count every feature in a text of Markdown.

    `tokens` are words, East Asian characters and other signs, counted alike for all models, whose
    own tokenizers differ. `headings` begin with #, `lists` counts items and `code` fenced blocks,
    in which there is nothing else of the kind. Flags, families and skin tones are one emoji.
    """
    prose, blocks = _without_code(text)
    lines = prose.splitlines()
    return {
        StyleFeature.CHARACTERS: len(text),
        StyleFeature.TOKENS: _found(_TOKEN, text),
        StyleFeature.HEADINGS: sum(map(bool, map(_HEADING.match, lines))),
        StyleFeature.LISTS: sum(map(bool, map(_LIST_ITEM.match, lines))),
        StyleFeature.BOLD: _found(_BOLD, _INLINE_CODE.sub("`", prose)),
        StyleFeature.CODE: blocks,
        StyleFeature.EMOJI: _found(_EMOJI, text),
    }


def _found(pattern: re.Pattern[str], text: str) -> int:
    return sum(1 for _ in pattern.finditer(text))


def _without_code(text: str) -> tuple[str, int]:
    """Return the lines outside of fenced blocks, and the number of these blocks."""
    outside: list[str] = []
    fence, blocks = "", 0
    for line in text.splitlines():
        found = _FENCE.match(line)
        if not fence and found:
            fence, blocks = found[1], blocks + 1
        elif not fence:
            outside.append(line)
        elif found and found[1].startswith(fence) and not line.strip().strip(fence[0]):
            fence = ""
    return "\n".join(outside), blocks
