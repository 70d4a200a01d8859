"""Token ids to text while they arrive: whole characters only, and never a part of a stop string."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from tokenizers.decoders import DecodeStream

from arena.domain.partial_markers import marker_overlap

_REPLACEMENT = "\ufffd"


class TokenDecoder(Protocol):
    """Turns ids into text one by one; what is not a whole character yet is kept inside."""

    def step(self, token: int) -> str:
        """Take the next id and return the text that is certain by now, often all of it."""
        ...


class FastDecoder:
    """Decoder over a Rust tokenizer: about 1 microsecond a token, whatever the length.

    Bytes that can never become a character (weak models write such) are left out: the decoder
    marks them by replacement characters, which are not worth showing.

    `before` are ids that came before the reply: with them a continuation keeps the space that
    joins it to the text it continues; without them a reply starts without that space.
    """

    def __init__(self, backend: Any, vocabulary: int, before: Sequence[int] = ()) -> None:
        self._backend = backend
        self._vocabulary = vocabulary
        self._stream = DecodeStream(list(before), skip_special_tokens=True)
        self._pending: list[int] = []

    def step(self, token: int) -> str:
        """Take the next id; ids beyond the vocabulary (padded embeddings) have no text."""
        if token >= self._vocabulary:
            return ""
        self._pending.append(token)
        try:
            text = self._stream.step(self._backend, token)
        except Exception:  # noqa: BLE001  (tokenizers has no narrower one for this)
            text = self._after_broken_bytes()
        if text is None:
            return ""
        self._pending.clear()
        return str(text).replace(_REPLACEMENT, "")

    def _after_broken_bytes(self) -> str:
        """Return what follows them, and begin a new stream there.

        A SentencePiece decoder joins neighbouring bytes: one that is broken spoils those before
        it, shown already, and a stream refuses a text that differs from what it has given out.
        """
        whole = str(self._backend.decode(self._pending, skip_special_tokens=True))
        self._stream = DecodeStream(self._pending[-1:], skip_special_tokens=True)
        return whole.rpartition(_REPLACEMENT)[2]


class SlowDecoder:
    """Decoder over a Python tokenizer: decodes the last few tokens again for each new one.

    Text depends on the tokens before it (spaces, byte pieces), so what is new is the difference
    between the last shown tokens with and without the newest ones.
    """

    def __init__(self, tokenizer: Any, vocabulary: int, before: Sequence[int] = ()) -> None:
        self._tokenizer = tokenizer
        self._vocabulary = vocabulary
        self._ids = list(before)
        self._shown = len(self._ids)

    def step(self, token: int) -> str:
        """Take the next id and return what the text has gained; see `FastDecoder.step`."""
        if token >= self._vocabulary:
            return ""
        self._ids.append(token)
        known, whole = self._decode(self._ids[: self._shown]), self._decode(self._ids)
        if whole.endswith(_REPLACEMENT) or len(whole) <= len(known):
            return ""
        self._ids = self._ids[self._shown :]
        self._shown = len(self._ids)
        return whole[len(known) :].replace(_REPLACEMENT, "")

    def _decode(self, ids: Sequence[int]) -> str:
        return str(self._tokenizer.decode(list(ids), skip_special_tokens=True))


class TagDecoder:
    """Writes the control tokens that set reasoning apart, which other decoders leave out.

    Without them reasoning and answer would run into one another. `tags` are their texts by id.
    """

    def __init__(self, decoder: TokenDecoder, tags: Mapping[int, str]) -> None:
        self._decoder = decoder
        self._tags = tags

    def step(self, token: int) -> str:
        """Take the next id and return its text, if it is a tag's."""
        tag = self._tags.get(token)
        return self._decoder.step(token) if tag is None else tag


class StopStrings:
    """Cuts a text before the first stop string that is complete, however its pieces were divided.

    Where several end at one character, before the longest. vLLM's rule: what a text gives that
    comes character by character. Only what could be the beginning of a stop string is held back.
    """

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = tuple(stop for stop in stops if stop)
        self._held = ""
        self.stopped = False

    def feed(self, text: str) -> str:
        """Take more text and return what can be shown; always empty once `stopped`."""
        if self.stopped:
            return ""
        self._held += text
        cut = self._first_stop()
        if cut is not None:
            self.stopped = True
            shown, self._held = self._held[:cut], ""
            return shown
        keep = max((marker_overlap(self._held, stop) for stop in self._stops), default=0)
        shown = self._held[: len(self._held) - keep]
        self._held = self._held[len(self._held) - keep :]
        return shown

    def finish(self) -> str:
        """Return what was held back for a stop string that never came."""
        shown, self._held = self._held, ""
        return shown

    def _first_stop(self) -> int | None:
        found = ((self._held.find(stop), len(stop)) for stop in self._stops)
        complete = ((place + length, place) for place, length in found if place >= 0)
        return min(complete, default=(0, None))[1]
