"""What clients of OpenAI's protocol may ask for and this engine does not do, each with a sentence.

To drop such a field silently would answer another request than the one that was made.
"""

from collections.abc import Callable, Mapping
from typing import Any, Final

_NOTHING: Final[tuple[object, ...]] = (None, False, 0, "", [], {})


def _is_nothing(value: object) -> bool:
    return value in _NOTHING


def _is_text(value: object) -> bool:
    kind = value.get("type") if isinstance(value, Mapping) else value
    return kind in (None, "text")


def _is_one(value: object) -> bool:
    return value in (None, 1)


def _calls_nothing(value: object) -> bool:
    return value in (None, "none", "auto")


def _only_text(value: object) -> bool:
    return value in (None, [], ["text"])


_PENALTIES: Final = "use repetition_penalty, or leave it out"
_LOGPROBS: Final = "log probabilities are not computed"
_TOOLS: Final = "tools and functions are not called: describe them in the prompt"

_UNSUPPORTED: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "logprobs": (_is_nothing, _LOGPROBS),
    "top_logprobs": (_is_nothing, _LOGPROBS),
    "prompt_logprobs": (_is_nothing, _LOGPROBS),
    "response_format": (_is_text, "replies are plain text: ask for JSON in the prompt"),
    "tools": (_is_nothing, _TOOLS),
    "tool_choice": (_calls_nothing, _TOOLS),
    "functions": (_is_nothing, _TOOLS),
    "function_call": (_calls_nothing, _TOOLS),
    "presence_penalty": (_is_nothing, _PENALTIES),
    "frequency_penalty": (_is_nothing, _PENALTIES),
    "logit_bias": (_is_nothing, "tokens cannot be biased"),
    "min_p": (_is_nothing, "use top_p or top_k"),
    "best_of": (_is_one, "one reply is made of each request"),
    "echo": (_is_nothing, "replies do not repeat the prompt"),
    "suffix": (_is_nothing, "text is continued, not inserted"),
    "modalities": (_only_text, "replies are text alone"),
    "audio": (_is_nothing, "replies are text alone"),
}
"""For each field which values ask for nothing, and what to do instead of the others."""


def unsupported(body: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the first field that asks for what cannot be done, and a sentence; else None."""
    for field, (is_harmless, sentence) in _UNSUPPORTED.items():
        if not is_harmless(body.get(field)):
            return field, f"{field} is not supported here: {sentence}"
    return None
