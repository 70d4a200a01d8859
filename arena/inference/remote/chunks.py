"""Reads the chunks of a streamed reply; trusts none of them."""

from collections.abc import Iterator
from typing import Any

from arena.domain.characters import WholeCharacters
from arena.domain.conversation import FinishReason
from arena.inference.backend import Delta, Finished, StreamEvent
from arena.inference.errors import BrokenReply
from arena.inference.remote.reasoning import ReasoningSplitter

_STOPS = frozenset({"stop", "eos", "eos_token", "stop_sequence", "end_turn"})
_LIMITS = frozenset({"length", "max_tokens", "max_new_tokens"})


class ReplyReader:
    """State of one reply while its chunks arrive."""

    def __init__(self, *, split_reasoning: bool) -> None:
        self._splitter = ReasoningSplitter() if split_reasoning else None
        self._text = WholeCharacters()
        self._reasoning = WholeCharacters()
        self._reason: str | None = None
        self._prompt_tokens: int | None = None
        self._reply_tokens: int | None = None
        self._rendered_prompt: str | None = None
        self.has_text = False
        self.served_model: str | None = None

    @property
    def is_complete(self) -> bool:
        """Whether a finish reason has come; only the usage may still follow."""
        return self._reason is not None

    def read(self, chunk: Any) -> Iterator[Delta]:
        """Take one chunk and yield its non-empty delta, if any."""
        if getattr(chunk, "object", None) == "error":
            raise BrokenReply(f"the server reported an error ({_extra(chunk, 'message')})")
        self._read_usage(getattr(chunk, "usage", None))
        self.served_model = getattr(chunk, "model", None) or self.served_model
        self._rendered_prompt = _extra(chunk, "rendered_prompt") or self._rendered_prompt
        for choice in (getattr(chunk, "choices", None) or ())[:1]:
            self._reason = getattr(choice, "finish_reason", None) or self._reason
            delta = self._delta(getattr(choice, "delta", None))
            if delta.text or delta.reasoning:
                self.has_text = True
                yield delta

    def finish(self) -> Iterator[StreamEvent]:
        """Yield what was held back and the final event.

        Raises `BrokenReply` when the stream gave no finish reason: it looks like success, but
        the answer was cut by a lost connection or a proxy.
        """
        reason = _finish_reason(self._reason)
        rest = self._rest()
        if rest.text or rest.reasoning:
            yield rest
        yield Finished(reason, self._prompt_tokens, self._reply_tokens, self._rendered_prompt)

    def _rest(self) -> Delta:
        """Return what was held back: half a character, the beginning of a tag."""
        last = self._split(self._text.finish())
        held = self._splitter.finish() if self._splitter else Delta()
        reasoning = self._reasoning.finish() + last.reasoning + held.reasoning
        return Delta(last.text + held.text, reasoning)

    def _split(self, text: str) -> Delta:
        return self._splitter.feed(text) if self._splitter and text else Delta(text)

    def _read_usage(self, usage: Any) -> None:
        if usage is not None:
            self._prompt_tokens = getattr(usage, "prompt_tokens", None)
            self._reply_tokens = getattr(usage, "completion_tokens", None)

    def _delta(self, delta: Any) -> Delta:
        text = getattr(delta, "content", None) or ""
        reasoning = _extra(delta, "reasoning_content") or _extra(delta, "reasoning") or ""
        if not isinstance(text, str) or not isinstance(reasoning, str):
            raise BrokenReply("a delta that is not text")
        split = self._split(self._text.feed(text))
        return Delta(split.text, self._reasoning.feed(reasoning) + split.reasoning)


def _finish_reason(reason: str | None) -> FinishReason:
    if reason in _STOPS:
        return FinishReason.STOP
    if reason in _LIMITS:
        return FinishReason.LENGTH
    if reason is None:
        raise BrokenReply("the stream ended without a finish reason")
    raise BrokenReply(f"the reply ended by {reason!r}")


def _extra(model: Any, name: str) -> Any:
    return (getattr(model, "model_extra", None) or {}).get(name)
