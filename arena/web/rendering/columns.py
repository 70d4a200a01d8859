"""Columns of characters for the columns of bytes in which comrak counts.

comrak can count characters too, but its work then grows with the square of a line's length.
"""

from collections.abc import Sequence
from itertools import accumulate


class Columns:
    """Columns in the lines of one source."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = tuple(lines)
        self._known: dict[int, list[int]] = {}

    def characters(self, line: int, size: int) -> int:
        """Return how many characters the first `size` bytes of a line hold; lines count from 1."""
        text = self._lines[line - 1]
        if text.isascii():
            return size
        if line not in self._known:
            starts = (byte & 0xC0 != 0x80 for byte in text.encode())
            self._known[line] = [0, *accumulate(starts)]
        counts = self._known[line]
        return counts[min(size, len(counts) - 1)]
