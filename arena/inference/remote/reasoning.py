"""Keeps a model's inline reasoning apart from the reply that an annotator reads."""

import re
from collections.abc import Callable

from arena.domain.partial_markers import marker_overlap
from arena.domain.reasoning_tags import (
    CHANNEL_STARTS,
    Closings,
    Tags,
    answer_opening,
    may_become_opening,
    opening,
)
from arena.inference.backend import Delta
from arena.inference.errors import BrokenReply
from arena.inference.remote.channels import MESSAGE, ChannelReader


class UnopenedReasoning(BrokenReply):
    """A closing tag came after text that was handed on already; `tag` is that tag."""

    def __init__(self, tag: str) -> None:
        super().__init__(
            f"the reply closed reasoning that it never opened ({tag}). From now on its replies are "
            f'held back up to that tag; `reasoning: {{open: "", close: "{tag}"}}` in its row does '
            f"so from the start"
        )
        self.tag = tag


class ReasoningSplitter:
    """Splits reasoning off a stream of text, tags cut anywhere.

    Known are the usual tags and channels, and the row's own. Only a tag that opens the reply
    counts: the same letters later on belong to the answer. Text that may be the beginning of a
    tag is held back until it is known to be none.

    With `inside`, the prompt has opened the reasoning: the reply begins in it. With `closings`, a
    closing tag that nothing opened also ends reasoning, if it comes while text is held back: as
    long as `holds()` is true. Later it raises `UnopenedReasoning`: what was handed on may be on
    a page. `thinks` says that the model is known to do so: what is cut before that tag is
    reasoning.
    """

    def __init__(
        self,
        declared: Tags | None = None,
        *,
        inside: Tags | None = None,
        closings: Closings | None = None,
        holds: Callable[[], bool] = lambda: False,
        thinks: bool = False,
    ) -> None:
        self._declared = declared
        self._expected = inside
        self._closings = closings
        self._holds = holds
        self._thinks = thinks
        self._held = ""
        self._given: list[str] = []
        self._searched = 0
        self._close = ""
        self._text: list[str] = []
        self._reasoning: list[str] = []
        self._channels: ChannelReader | None = None
        self._state = self._before
        self.opened = False
        self.unopened: str | None = None

    def feed(self, text: str) -> Delta:
        """Take the next text and return what is certain by now; either part may be empty."""
        self._held += text
        while self._state():
            pass
        return self._taken()

    def finish(self, *, cut: bool = False) -> Delta:
        """Return what was held back; an unclosed block is reasoning to its end.

        `cut` says that the reply reached its length limit.
        """
        rest, self._held = self._held, ""
        if self._channels is not None:
            return self._channels.finish(cut=cut)
        if self._state == self._wrapped:
            rest = re.sub(rf"{re.escape(self._close)}\s*$", "", rest, flags=re.IGNORECASE)
        (self._reasoning if self._ends_in_reasoning(cut=cut) else self._text).append(rest)
        return self._taken()

    def begin_inside(self, tags: Tags) -> None:
        """Take the reply for one that begins in reasoning; for use before its first text."""
        self._expected = tags

    def _ends_in_reasoning(self, *, cut: bool) -> bool:
        state = self._state
        if state == self._before:
            return self._expected is not None
        return state == self._inside or (state == self._unopened and cut and self._thinks)

    def _taken(self) -> Delta:
        delta = Delta("".join(self._text), "".join(self._reasoning))
        self._text, self._reasoning = [], []
        return delta

    def _take(self, into: list[str], length: int) -> None:
        if length:
            into.append(self._held[:length])
            self._held = self._held[length:]

    def _go(self, state: Callable[[], bool], skip: int = 0) -> bool:
        self._held = self._held[skip:]
        self._state = state
        return True

    def _before(self) -> bool:
        """Look for what opens reasoning at the very beginning."""
        start = self._held.lstrip()
        blank = len(self._held) - len(start)
        found = opening(start, self._declared)
        if found:
            return self._enter(*found, blank=blank)
        if start.startswith(CHANNEL_STARTS):
            return self._read_channels(ChannelReader(), blank)
        if may_become_opening(start, self._declared):
            return False
        if self._expected is not None:
            return self._continue_in(self._expected)
        return self._go(self._after if self._closings is None else self._unopened)

    def _enter(self, tags: Tags, length: int, *, blank: int = 0) -> bool:
        self._close = tags.close
        self.opened = True
        return self._go(self._inside, blank + length)

    def _continue_in(self, tags: Tags) -> bool:
        if tags.open.endswith(MESSAGE):
            return self._read_channels(ChannelReader(in_final=False))
        return self._enter(tags, 0)

    def _inside(self) -> bool:
        place = self._held.lower().find(self._close.lower())
        if place >= 0:
            self._take(self._reasoning, place)
            return self._go(self._gap, len(self._close))
        keep = marker_overlap(self._held.lower(), self._close.lower())
        self._take(self._reasoning, len(self._held) - keep)
        return False

    def _gap(self) -> bool:
        """Skip the blank lines between the reasoning and the answer, and what wraps the answer."""
        self._held = self._held.lstrip()
        again = opening(self._held, self._declared)
        if again:
            return self._enter(*again)
        wrapper = answer_opening(self._held)
        if wrapper:
            self._close = wrapper[0].close
            self._held = self._held[wrapper[1] :]
            return self._go(self._wrapped_gap)
        if may_become_opening(self._held, self._declared, answers=True):
            return False
        if self._held.startswith(CHANNEL_STARTS):
            return self._read_channels(ChannelReader())
        return self._go(self._after)

    def _wrapped_gap(self) -> bool:
        self._held = self._held.lstrip()
        return self._go(self._wrapped) if self._held else False

    def _wrapped(self) -> bool:
        """Hand the answer on; its closing tag is left out where nothing follows it."""
        place = self._held.lower().find(self._close.lower())
        if place < 0:
            keep = marker_overlap(self._held.lower(), self._close.lower())
            self._take(self._text, len(self._held) - keep)
            return False
        end = place + len(self._close)
        if not self._held[end:].strip():
            self._take(self._text, place)
            return False
        self._take(self._text, end)
        return True

    def _unopened(self) -> bool:
        """Look for a closing tag in what seems to be an answer."""
        assert self._closings is not None  # noqa: S101  (or this state would not be reached)
        found = self._closings.search(self._held, self._given, self._searched)
        if found:
            if self._given:
                raise UnopenedReasoning(found[0])
            self._take(self._reasoning, found.start())
            self.unopened = found[0]
            if found[0].endswith(MESSAGE):
                return self._read_channels(ChannelReader(in_final=True), len(found[0]))
            return self._go(self._gap, len(found[0]))
        self._searched = length = len(self._held) - self._closings.overlap(self._held)
        if length and not self._holds():
            self._given.append(self._held[:length])
            self._take(self._text, length)
            self._searched = 0
        return False

    def _read_channels(self, reader: ChannelReader, skip: int = 0) -> bool:
        self._channels, self.opened = reader, True
        return self._go(self._in_channels, skip)

    def _in_channels(self) -> bool:
        assert self._channels is not None  # noqa: S101  (or this state would not be reached)
        delta = self._channels.feed(self._held)
        self._text.append(delta.text)
        self._reasoning.append(delta.reasoning)
        self._held = ""
        return False

    def _after(self) -> bool:
        self._take(self._text, len(self._held))
        return False
