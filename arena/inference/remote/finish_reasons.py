"""Why a reply ended, in the words of any server: OpenAI's, Anthropic's, Google's, Mistral's."""

import re
from typing import Final

from arena.domain.conversation import FinishReason
from arena.inference.errors import BrokenReply, ContentFiltered
from arena.inference.remote.fields import fields

_FIELDS: Final = ("finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason")

_STOPS: Final = frozenset(
    {"stop", "stopped", "stop_sequence", "stop_sequences", "stop_string", "stop_str"}
    | {"stop_token", "stop_word", "end", "end_turn", "end_of_turn", "end_of_text"}
    | {"end_of_sequence", "endoftext", "eos", "eos_token", "eos_found", "eos_reached", "eot"}
    | {"complete", "completed", "completion", "done", "finish", "finished", "normal", "success"}
)
_LIMITS: Final = frozenset(
    {"length", "length_limit", "max_length", "max_tokens", "max_token", "max_new_tokens"}
    | {"max_output_tokens", "max_completion_tokens", "max_tokens_reached", "token_limit"}
    | {"model_length", "context_length", "model_context_window_exceeded", "incomplete"}
    | {"truncated", "limit"}
)
_FILTERS: Final = re.compile(
    r"filter|safety|block|prohibited|recitation|spii|refusal|guardrail|moderation|sensitive|toxic"
)
_NO_REASONS: Final = frozenset({"", "null", "none", "unspecified"})
_WORD_BORDER: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|[\s-]+")


def told_reason(*places: object) -> object:
    """Return the first finish reason in `places`, parts of a chunk, under any of its names."""
    for place in map(fields, places):
        for field in _FIELDS:
            told = place.get(field)
            if not told:
                continue
            known = field in {"finish_reason", "finishReason"} or _is_known(told)
            if known and not _says_nothing(told):
                return told
    return None


def finish_reason(told: object) -> FinishReason:
    """Return why a reply ended.

    Raises:
        BrokenReply: No reason came, so that a lost connection may have cut the reply; or it ended
            in a way that leaves no reply.
        ContentFiltered: The server withheld it.
    """
    if told is None:
        raise BrokenReply("the stream ended without a finish reason")
    name = _normal(told) if isinstance(told, str) else ""
    if name in _STOPS:
        return FinishReason.STOP
    if name in _LIMITS:
        return FinishReason.LENGTH
    if _FILTERS.search(name):
        raise ContentFiltered(f"the server's content filter ended the reply ({told!r})")
    if "tool" in name or "function" in name:
        raise BrokenReply(f"the model called a tool instead of answering ({told!r})")
    raise BrokenReply(f"the reply ended by {told!r}")


def _normal(told: str) -> str:
    """Return a reason in small letters with underscores, without the name of its enum."""
    name = _WORD_BORDER.sub("_", told.strip()).lower()
    return re.sub(r"^(finish|stop)_?reason[._]", "", name)


def _says_nothing(told: object) -> bool:
    return isinstance(told, str) and _normal(told) in _NO_REASONS


def _is_known(told: object) -> bool:
    """Return whether this is a reason; vLLM's `stop_reason` is the stop string that was met."""
    return isinstance(told, str) and _normal(told) in _STOPS | _LIMITS
