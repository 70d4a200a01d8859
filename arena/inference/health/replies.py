"""What a whole reply shows of its model's health: that there is text, and no control tokens."""

import re
from collections.abc import Iterable
from typing import Final

from arena.domain.conversation import FinishReason, ModelKey
from arena.inference.backend import ChatRequest, Delta, Finished
from arena.inference.errors import EmptyReply

_CONTROL_TOKEN: Final = re.compile(
    r"<\|/?[A-Za-z][\w. -]{0,38}\|>"  # ChatML, Llama 3, Phi, harmony: <|im_end|>, <|eot_id|>
    r"|<\uff5c[^\uff5c\n]{1,40}\uff5c>"  # DeepSeek, in full-width bars
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]"  # Mistral, Llama 2
    r"|<</?SYS>>|<(?:start|end)_of_turn>|<\|turn>|<turn\|>|<eos>|<bos>|\[gMASK\]|\[EOS\]|</s>"
)
_STRUCK_OUT: Final = re.compile(r"<s>.*?</s>", re.DOTALL)
"""HTML, not the end of a text."""


class ReplyWatch:
    """Gathers one reply as it streams."""

    def __init__(self, key: ModelKey, request: ChatRequest) -> None:
        self._key = key
        self._request = request
        self._pieces: list[str] = []
        self._reasoned = False

    def note(self, delta: Delta) -> None:
        """Take the next piece of the reply."""
        self._pieces.append(delta.text)
        self._reasoned = self._reasoned or bool(delta.reasoning.strip())

    def require_text(self, finished: Finished) -> None:
        """Raise `EmptyReply` for a reply without text, with what the administrator can do."""
        written = (self._request.partial_reply, *self._pieces)
        if any(piece.strip() for piece in written):
            return
        budget = self._request.sampling.max_new_tokens
        if self._reasoned and finished.reason is FinishReason.LENGTH:
            why = f"the budget of {budget} tokens was spent on reasoning: raise max_new_tokens"
        elif self._reasoned:
            why = "the model stopped after its reasoning, without an answer"
        elif finished.reason is FinishReason.LENGTH:
            why = f"the reply is empty, though its budget of {budget} tokens was spent"
        else:
            why = "the reply is empty"
        raise EmptyReply(f"{self._key}: {why}")

    def control_tokens(self) -> tuple[str, ...]:
        """Return the control tokens of chat templates in the reply, each once."""
        asked = (message.content for message in self._request.messages)
        return control_tokens("".join(self._pieces), asked)


def control_tokens(text: str, quoted: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the control tokens in a text, in their order, without those in `quoted` texts."""
    known = "\n".join(quoted)
    found = _CONTROL_TOKEN.findall(_STRUCK_OUT.sub("", text))
    return tuple(dict.fromkeys(token for token in found if token not in known))
