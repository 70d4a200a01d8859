"""Keeps a model's inline reasoning apart from the reply that an annotator reads."""

from arena.domain.partial_markers import marker_overlap
from arena.inference.backend import Delta

_OPEN, _CLOSE = "<think>", "</think>"


class ReasoningSplitter:
    """Splits a leading `<think>...</think>` off a stream of text, tags cut anywhere.

    Only a tag that opens the reply counts: the same letters later on belong to the answer.
    Text that may be the beginning of a tag is held back until it is known to be none.
    """

    def __init__(self) -> None:
        self._held = ""
        self._feed = self._before

    def feed(self, text: str) -> Delta:
        """Take the next text and return what is certain by now; either part may be empty."""
        self._held += text
        return self._feed()

    def finish(self) -> Delta:
        """Return what was held back; an unclosed block is reasoning to its end."""
        rest, self._held = self._held, ""
        return Delta(reasoning=rest) if self._feed == self._inside else Delta(text=rest)

    def _before(self) -> Delta:
        start = self._held.lstrip()
        if start.startswith(_OPEN):
            self._held = start.removeprefix(_OPEN)
            self._feed = self._inside
            return self._inside()
        if _OPEN.startswith(start):
            return Delta()
        self._feed = self._after
        return self._after()

    def _inside(self) -> Delta:
        reasoning, closed, rest = self._held.partition(_CLOSE)
        if closed:
            self._held = rest
            self._feed = self._gap
            return Delta(reasoning=reasoning, text=self._gap().text)
        keep = marker_overlap(self._held, _CLOSE)
        certain = self._held[: len(self._held) - keep]
        self._held = self._held[len(self._held) - keep :]
        return Delta(reasoning=certain)

    def _gap(self) -> Delta:
        """Skip the blank lines between the closing tag and the answer."""
        self._held = self._held.lstrip()
        if not self._held:
            return Delta()
        self._feed = self._after
        return self._after()

    def _after(self) -> Delta:
        text, self._held = self._held, ""
        return Delta(text=text)
