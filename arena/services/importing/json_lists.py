"""One JSON list as records, a piece at a time: an export of chats may be larger than memory."""

import json
import re
from collections.abc import Iterable, Iterator
from typing import Final

from arena.services.importing.files import Record, shortened, well_formed
from arena.services.importing.formats import UnreadableFile
from arena.services.importing.rows import RowFault

_SPACE: Final = re.compile(r"[ \t\r\n]*")
_LONGEST_OBJECT: Final = 256 * 2**20
_LONGEST_TOKEN: Final = 16
"""An error so near to the end of what was read may be only that more is to come."""


def list_records(chunks: Iterable[str]) -> Iterator[Record | RowFault]:
    """Yield the objects of one JSON list, numbered from 1.

    Raises:
        UnreadableFile: The list breaks off, or is no valid JSON.
    """
    text = _Unread(chunks)
    text.take("[")
    number = 0
    while text.coming() != "]":
        number += 1
        yield _record(number, *text.value())
        if text.coming() != "]":
            text.take(",")
    text.take("]")
    if text.coming():
        raise text.broken("something follows the list")


def _record(number: int, value: object, text: str) -> Record | RowFault:
    if not isinstance(value, dict):
        return RowFault(number, "", shortened(text), "is no JSON object: write {…}")
    return Record(number, value)


class _Unread:
    """What is left of a text, and the number of the line where it begins."""

    def __init__(self, chunks: Iterable[str]) -> None:
        self._chunks = iter(chunks)
        self._text = ""
        self._at = 0
        self._line = 1

    def coming(self) -> str:
        """Return the next character that is no space; nothing at the end."""
        while True:
            found = _SPACE.match(self._text, self._at)
            self._move(found.end() if found else self._at)
            if self._at < len(self._text):
                return self._text[self._at]
            if not self._more():
                return ""

    def take(self, character: str) -> None:
        """Go on after a character. Raises `UnreadableFile` when another one comes."""
        if self.coming() != character:
            raise self.broken(f"{character} is missing")
        self._move(self._at + 1)

    def value(self) -> tuple[object, str]:
        """Return the next value and its text. Raises `UnreadableFile`."""
        self.coming()
        while True:
            try:
                value, end = json.JSONDecoder().raw_decode(self._text, self._at)
            except json.JSONDecodeError as error:
                if not self._may_go_on(error) or not self._more():
                    raise self.broken(error.msg, error.pos) from error
            except RecursionError as error:
                raise self.broken("nested too deeply") from error
            else:
                if end < len(self._text) or not self._more():
                    text = self._text[self._at : end]
                    self._move(end)
                    return well_formed(value, text), text

    def broken(self, why: str, at: int | None = None) -> UnreadableFile:
        """Return the error that says where the list is no valid JSON."""
        line = self._line + self._text.count("\n", self._at, self._at if at is None else at)
        return UnreadableFile(f"line {line}: no valid JSON: {why}")

    def _may_go_on(self, error: json.JSONDecodeError) -> bool:
        unread = len(self._text) - self._at
        is_at_end = error.pos + _LONGEST_TOKEN > len(self._text)
        return unread < _LONGEST_OBJECT and (is_at_end or error.msg.startswith("Unterminated"))

    def _more(self) -> bool:
        """Read on, as much again as is unread, so that a long object is parsed few times."""
        pieces = [self._text[self._at :]]
        wanted = 2 * len(pieces[0]) + 1
        while sum(map(len, pieces)) < wanted and (piece := next(self._chunks, "")):
            pieces.append(piece)
        self._text, self._at = "".join(pieces), 0
        return len(pieces) > 1

    def _move(self, end: int) -> None:
        self._line += self._text.count("\n", self._at, end)
        self._at = end
