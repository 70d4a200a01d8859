"""Signs that this room puts into a source for the parser to pass through.

They are noncharacters, which `readable` keeps out of every source, so no model can write one.
"""

import re
from urllib.parse import quote

DOLLAR = "\ufdd0"
"""A dollar inside code: never the edge of a formula."""
BACKSLASH = "\ufdd1"
"""A backslash inside code: never the edge of a formula."""
TEXT = "\ufdd2"
"""Stands behind `[label]` where the line defines nothing that the answer uses."""
PIPE = "\ufdd5"
"""A vertical bar inside a cell of a table: never its edge."""
TILDE = "\ufdd6"
"""A single tilde, as in «3~5 days, 7~9 hours»: never the edge of struck text."""
UNDERSCORE = "\ufdd7"
"""An underscore of a name like `__init__`: never the edge of strong text."""
_OPENING = "\ufdd3"
_CLOSING = "\ufdd4"

_CARRIED = re.compile(f"{_OPENING}([0-9a-f]*){_CLOSING}")
_MEANINGS = {
    DOLLAR: "$",
    BACKSLASH: "\\",
    TEXT: "",
    PIPE: "|",
    TILDE: "~",
    UNDERSCORE: "_",
}
_OTHERS = str.maketrans(_MEANINGS)
_IN_ADDRESSES = {quote(mark): sign for mark, sign in _MEANINGS.items()}


def carry(source: str) -> str:
    """Return a formula's source as one word that the parser takes for text."""
    return f"{_OPENING}{restored(source).encode().hex()}{_CLOSING}"


def carried(text: str) -> list[str]:
    """Return a text split at carried formulas: text, source, text, ..."""
    parts = _CARRIED.split(text)
    parts[1::2] = [_source(digits) for digits in parts[1::2]]
    return parts


def restored(text: str) -> str:
    """Return a text as its author wrote it: no sign of this room is left."""
    if _OPENING in text:
        text = "".join(carried(text))
    return text.translate(_OTHERS)


def restored_address(address: str) -> str:
    """Return an address as its author wrote it; comrak has encoded this room's signs in it."""
    if "%EF%B7%" in address:
        for encoded, sign in _IN_ADDRESSES.items():
            address = address.replace(encoded, sign)
    return restored(address)


def _source(digits: str) -> str:
    return bytes.fromhex(digits if len(digits) % 2 == 0 else "").decode(errors="replace")
