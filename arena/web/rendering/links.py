"""Which addresses of an answer become links; the others stand beside their text."""

import re
from html import escape
from urllib.parse import unquote

_ALLOWED = re.compile(r"(?:https?://|mailto:)[^\s]+", re.IGNORECASE)
_WRITTEN_AS_TYPED = re.compile(r"(?:%[89A-Fa-f][0-9A-Fa-f])+")
_WIDE_PUNCTUATION = re.compile("[，。；：！？、（）《》〈〉「」『』【】“”]")
_RELATION = 'rel="noopener noreferrer nofollow ugc" target="_blank"'


def opening_tag(address: str, title: str) -> str | None:
    """Return the start of a link, or None for an address that must not act.

    Args:
        address: The address, not escaped.
        title: The link's title, not escaped; may be empty.
    """
    if not _ALLOWED.fullmatch(address):
        return None
    shown = f' title="{escape(title)}"' if title else ""
    return f'<a href="{escape(address)}"{shown} {_RELATION}>'


def as_typed(address: str) -> str:
    """Return an address with its letters beyond ASCII as a reader knows them."""
    return _WRITTEN_AS_TYPED.sub(lambda match: unquote(match[0]), address)


def length_of_bare_address(text: str) -> int:
    """Return how much of an address in running text is one.

    GitHub's rule takes everything up to a space, but Chinese and Japanese set none.
    """
    found = _WIDE_PUNCTUATION.search(text)
    return found.start() if found else len(text)
