"""Takes out of a text what it repeats of other texts."""

from collections.abc import Iterable, Iterator
from itertools import groupby

_RUN = 16
"""So many characters in a row are a quotation; fewer are words that anybody uses."""

_LEAST = 6
"""A shorter text is one of those words itself, without which few lines could be read."""

_MASK = "[prompt]"


def masked(text: str, secrets: Iterable[str]) -> str:
    """Return the text without quotations of `secrets`, also of parts of them.

    White space between words may differ. A quotation of fewer than 16 characters stays, unless it
    is a whole secret of at least 6.
    """
    hidden = bytearray(len(text))
    for secret in secrets:
        for variant in {secret.strip(), " ".join(secret.split())}:
            _hide(text, variant, hidden)
    if not any(hidden):
        return text
    runs = groupby(range(len(text)), key=hidden.__getitem__)
    return "".join(
        _MASK if is_hidden else "".join(text[place] for place in places)
        for is_hidden, places in runs
    )


def _hide(text: str, secret: str, hidden: bytearray) -> None:
    for start, length in _quotations(text, secret):
        hidden[start : start + length] = b"\1" * length


def _quotations(text: str, secret: str) -> Iterator[tuple[int, int]]:
    length = min(_RUN, len(secret))
    if length < _LEAST:
        return
    parts = {secret[start : start + length] for start in range(len(secret) - length + 1)}
    for start in range(len(text) - length + 1):
        if text[start : start + length] in parts:
            yield start, length
