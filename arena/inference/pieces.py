"""How far several answers are, counted in the pieces that models write instead of characters."""

import re
from collections.abc import Sequence

_PIECE = re.compile(
    r"\s*[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u9fff\uac00-\ud7af\uf900-\ufaff\uff00-\uffef"
    r"\U00020000-\U0003ffff]"  # scripts without spaces, and Hangul: about a token per character
    r"|\s*\w{1,8}"
    r"|\s*[^\w\s]{1,3}"
)
"""About a token of any model: which tokenizer a model has must not matter."""


class Pieces:
    """Where the pieces of a growing text end."""

    def __init__(self) -> None:
        self._ends: list[int] = []
        self._length = 0

    def __len__(self) -> int:
        return len(self._ends)

    def grow(self, text: str) -> None:
        """Take in the whole text so far; it continues the one before."""
        if len(text) == self._length:
            return
        self._length = len(text)
        if self._ends:  # the last piece may have grown
            self._ends.pop()
        start = self._ends[-1] if self._ends else 0
        self._ends += [piece.end() for piece in _PIECE.finditer(text, start)]

    def characters(self, pieces: int) -> int:
        """Return the length of the first `pieces`, or of the whole text if it has no more."""
        if pieces >= len(self._ends):
            return self._length
        return self._ends[pieces - 1] if pieces else 0


def even_length(texts: Sequence[Pieces], done: Sequence[bool]) -> int:
    """Return the characters that the shortest text would have, were each model as slow as any.

    Models write pieces at a steady rate. The time at which a text has so many characters depends
    on how long its own words are; this does not depend on which of the texts the slower model
    writes. A text that is `done` waits for no pieces.
    """
    growing = [len(text) for text, over in zip(texts, done, strict=True) if not over]
    pieces = min(growing) if growing else max(len(text) for text in texts)
    return min(text.characters(pieces) for text in texts)
