"""What a delta holds: text and reasoning, whether strings, lists of parts or fields beside them."""

from collections.abc import Mapping
from typing import Any, Final

from arena.inference.backend import Delta
from arena.inference.errors import BrokenReply
from arena.inference.remote.fields import fields

_REASONING_FIELDS: Final = ("reasoning_content", "reasoning", "thinking", "reasoning_details")
_REASONING_PART: Final = ("think", "reason", "thought")
"""A part whose type contains one of these is reasoning."""

_WORDS_OF_PART: Final = ("text", "thinking", "reasoning", "content", "value", "summary")


def delta_content(delta: object) -> Delta:
    """Return the text and the reasoning of one delta.

    A server that sends its reasoning under two names sends it once: the first name counts.

    Raises:
        BrokenReply: One of them is no text.
    """
    named, said = fields(delta), _Parts()
    said.add(named.get("content"), is_reasoning=False)
    if not said.text and not said.reasoning:
        said.add(named.get("refusal"), is_reasoning=False)
    for name in _REASONING_FIELDS:
        if said.reasoning:
            break
        said.add(named.get(name), is_reasoning=True)
    return Delta(said.text, said.reasoning)


class _Parts:
    """Text and reasoning, gathered from parts that may hold further parts."""

    def __init__(self) -> None:
        self.text = ""
        self.reasoning = ""

    def add(self, content: object, *, is_reasoning: bool) -> None:
        if content is None:
            return
        if isinstance(content, str):
            if is_reasoning:
                self.reasoning += content
            else:
                self.text += content
        elif isinstance(content, list | tuple):
            for part in content:
                self.add(part, is_reasoning=is_reasoning)
        elif isinstance(content, Mapping):
            self._add_part(content, is_reasoning=is_reasoning)
        else:
            raise BrokenReply(f"a delta that is not text ({type(content).__name__})")

    def _add_part(self, part: Mapping[str, Any], *, is_reasoning: bool) -> None:
        """Add the first of a part's fields that may hold words; a picture has none."""
        kind = str(part.get("type", "")).lower()
        inner = is_reasoning or any(word in kind for word in _REASONING_PART)
        words = next((part[name] for name in _WORDS_OF_PART if part.get(name)), None)
        self.add(words, is_reasoning=inner)
