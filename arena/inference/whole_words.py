"""Where an answer that is still growing is cut: after a whole word, never where a token ended."""

import unicodedata

_LONGEST_WORD = 40
"""What is longer (an address, a line of code without spaces) is cut like writing without spaces."""

_WITHOUT_SPACES: tuple[tuple[int, int], ...] = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Myanmar
    (0x1780, 0x17FF),  # Khmer
    (0x2E80, 0x312F),  # Chinese and Japanese: radicals, punctuation, kana, bopomofo
    (0x31A0, 0x9FFF),  # kana extensions, ideographs
    (0xF900, 0xFAFF),
    (0xFF00, 0xFFEF),  # full-width forms
    (0x20000, 0x3FFFF),
)
_JOINER = "\u200d"


def whole_words(text: str, limit: int, *, ended: bool) -> int:
    """Return how many characters of `text` show when `limit` may: up to the last whole word.

    A word is whole when something follows it within `limit`, so that nothing beyond the limit
    matters. Scripts without spaces are cut after a character. White space at the end does not
    show. A text that has ended shows whole when `limit` reaches its end.
    """
    if ended and limit >= len(text):
        return len(text)
    limit = min(limit, len(text))
    nearest = max(0, limit - _LONGEST_WORD)
    breaks = (cut for cut in range(limit - 1, nearest, -1) if _may_break(text[cut - 1], text[cut]))
    cut = next(breaks, None)
    if cut is None:
        cut = nearest if nearest == 0 else _character_border(text, limit - 1)
    return len(text[:cut].rstrip())


def _may_break(before: str, after: str) -> bool:
    if before.isspace() or after.isspace():
        return True
    return _without_spaces(before) and not _continues(before, after)


def _character_border(text: str, cut: int) -> int:
    while cut > 0 and _continues(text[cut - 1], text[cut]):
        cut -= 1
    return cut


def _continues(before: str, after: str) -> bool:
    """Return whether `after` is a mark on, or joined to, the character before it."""
    joined = _JOINER in (before, after)
    return joined or unicodedata.category(after) in {"Mn", "Mc", "Me", "Sk"}


def _without_spaces(character: str) -> bool:
    point = ord(character)
    return any(low <= point <= high for low, high in _WITHOUT_SPACES)
