"""Replies in channels, as gpt-oss writes them: `<|channel|>NAME<|message|>...<|end|>`."""

import re
from collections.abc import Callable
from typing import Final

from arena.domain.partial_markers import marker_overlap
from arena.domain.reasoning_tags import CHANNEL_STARTS
from arena.inference.backend import Delta

MESSAGE: Final = "<|message|>"
_ENDS: Final = ("<|end|>", "<|return|>", "<|call|>", *CHANNEL_STARTS)
_LONGEST_HEADER: Final = 200


class ChannelReader:
    """Tells the messages of a reply apart: the final channel is the answer, others are reasoning.

    It begins at a header, or with `in_final` given inside a message, which is final or not.
    """

    def __init__(self, *, in_final: bool | None = None) -> None:
        self._held = ""
        self._is_final = bool(in_final)
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._state = self._header if in_final is None else self._message
        self._begun = in_final is not None

    def feed(self, text: str) -> Delta:
        """Take the next text and return what is certain by now."""
        self._held += text
        while self._state():
            pass
        return self._taken()

    def finish(self, *, cut: bool) -> Delta:
        """Return what was held back; a header that was `cut` is no answer."""
        if self._state == self._header:
            self._is_final = not (cut or self._begun)
        self._take(len(self._held))
        return self._taken()

    def _taken(self) -> Delta:
        delta = Delta("".join(self._text), "".join(self._reasoning))
        self._text, self._reasoning = [], []
        return delta

    def _take(self, length: int) -> None:
        into = self._text if self._is_final else self._reasoning
        into.append(self._held[:length])
        self._held = self._held[length:]

    def _go(self, state: Callable[[], bool], skip: int = 0) -> bool:
        self._held = self._held[skip:]
        self._state = state
        return True

    def _header(self) -> bool:
        """Read which channel a message belongs to."""
        header, found, _ = self._held.partition(MESSAGE)
        if not found:
            return len(header) > _LONGEST_HEADER and self._go(self._after)
        channel = re.search(r"<\|channel\|>\s*(\w+)", header)
        self._is_final = channel is None or channel[1] == "final"
        self._begun = True
        return self._go(self._message, len(header) + len(found))

    def _message(self) -> bool:
        places = [(self._held.find(end), end) for end in _ENDS if end in self._held]
        if not places:
            keep = max(marker_overlap(self._held, end) for end in _ENDS)
            self._take(len(self._held) - keep)
            return False
        place, end = min(places)
        self._take(place)
        if end in CHANNEL_STARTS:
            return self._go(self._header)
        return self._go(self._between, len(end))

    def _between(self) -> bool:
        """Wait for the next message; what follows without a header is answer."""
        self._held = self._held.lstrip()
        if self._held.startswith(CHANNEL_STARTS):
            return self._go(self._header)
        if any(start.startswith(self._held) for start in CHANNEL_STARTS):
            return False
        return self._go(self._after)

    def _after(self) -> bool:
        self._is_final = True
        self._take(len(self._held))
        return False
