"""Whole characters only: what half a surrogate pair becomes before anything is stored or shown.

JSON and UTF-16 can deliver the two halves of a character apart, or one of them alone. UTF-8
cannot write a half: neither the database nor a page can hold one.
"""

_HIGH = range(0xD800, 0xDC00)


def to_well_formed(text: str) -> str:
    """Join surrogate halves that stand side by side, and replace every lone one by U+FFFD."""
    if is_well_formed(text):
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def is_well_formed(text: str) -> bool:
    """Return whether UTF-8 can write the text."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class WholeCharacters:
    """Joins halves that a stream delivers apart: the first waits for the next piece of text."""

    def __init__(self) -> None:
        self._waiting = ""

    def feed(self, text: str) -> str:
        """Take the next piece; returns what is certain by now, perhaps nothing."""
        text, self._waiting = self._waiting + text, ""
        if text and ord(text[-1]) in _HIGH:
            text, self._waiting = text[:-1], text[-1]
        return to_well_formed(text)

    def finish(self) -> str:
        """Return U+FFFD for a half that is still waiting, or nothing."""
        waiting, self._waiting = self._waiting, ""
        return to_well_formed(waiting)
