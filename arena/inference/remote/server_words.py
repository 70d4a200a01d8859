"""What a server says of an error, taken out of the form in which it says it."""

import json
import re
from collections.abc import Mapping
from html import unescape
from typing import Final

_FIELDS: Final = ("error", "message", "detail", "msg", "error_message", "error_msg", "errors")
_READ: Final = 4_000
"""Characters: no sentence of interest stands further down."""

_DEPTH: Final = 4


def words_of(said: object, depth: int = _DEPTH) -> str:
    """Return the sentence in the body of an error; empty where there is none."""
    if isinstance(said, str):
        return _of_text(said, depth)
    if isinstance(said, list | tuple) and depth:
        return "; ".join(filter(None, (words_of(one, depth - 1) for one in said[:3])))
    if isinstance(said, Mapping) and depth:
        found = (words_of(said[field], depth - 1) for field in _FIELDS if said.get(field))
        words = next(filter(None, found), "")
        return words or (json.dumps(said, default=str)[:_READ] if depth == _DEPTH and said else "")
    return ""


def _of_text(text: str, depth: int) -> str:
    start = text.lstrip()[:_READ]
    if start.startswith("<"):
        return _of_page(start)
    if start.startswith(("{", "[")) and depth:
        try:
            return words_of(json.loads(text), depth - 1) or start
        except ValueError:
            return start
    return start


def _of_page(page: str) -> str:
    """Return what a reader of a web page would see first, with the title ahead."""
    page = re.sub(r"<(script|style)\b.*?(</\1>|$)", " ", page, flags=re.DOTALL | re.IGNORECASE)
    return "a web page: " + " ".join(unescape(re.sub(r"<[^>]*>?", " ", page)).split())
