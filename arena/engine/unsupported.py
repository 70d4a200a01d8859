"""What clients of OpenAI's protocol may ask for and this engine does not do, each with a sentence.

To drop such a field silently would answer another request than the one that was made.
"""

from collections.abc import Callable, Container, Mapping
from typing import Any, Final

_NOTHING: Final[tuple[object, ...]] = (None, False, 0, "", [], {})

IGNORED: Final = frozenset(
    {"user", "safety_identifier", "metadata", "store", "service_tier", "prediction"}
    | {"prompt_cache_key", "prompt_cache_retention", "prompt_cache_options"}
    | {"parallel_tool_calls", "request_id", "session_id", "priority", "cache_salt"}
    | {"spaces_between_special_tokens"}
)
"""Fields that change no word of a reply: whose request it is, what to keep of it, how to hurry."""


def asks_for_nothing(value: object) -> bool:
    """Return whether a field with this value might as well have been left out."""
    return value in _NOTHING


def _is_false(value: object) -> bool:
    """Return False for 0 too: as a number of log probabilities it asks for the token's own."""
    return value is None or value is False


def _is_true(value: object) -> bool:
    return value is None or value is True


def _is_text(value: object) -> bool:
    kind = value.get("type") if isinstance(value, Mapping) else value
    return kind in (None, "text")


def _is_one(value: object) -> bool:
    return value is not True and value in (None, 1)


def _calls_nothing(value: object) -> bool:
    return value in (None, "none", "auto")


def _only_text(value: object) -> bool:
    return value in (None, [], ["text"])


def _is_medium(value: object) -> bool:
    return value in (None, "medium")


_ONE_REPLY: Final = "one reply is made of each request: send it again for another"
_PENALTIES: Final = "use repetition_penalty, or leave it out"
_LOGPROBS: Final = "log probabilities are not computed"
_PLAIN_TEXT: Final = "replies are plain text: ask for JSON in the prompt"
_TOOLS: Final = "tools and functions are not called: describe them in the prompt"
_TEXT_ALONE: Final = "prompts and replies are text alone"
_BIAS: Final = "tokens cannot be biased or forbidden"
_BEAMS: Final = "beams are not searched"
_ENDS: Final = "a reply ends by its model, by stop or by max_tokens"
_TEMPLATE: Final = "the prompt format is that of the model's row"
_THINKING: Final = "how long a model thinks and writes is asked for in the prompt"

_Neutral = Callable[[object], bool]
_UNSUPPORTED: Final[Mapping[str, tuple[_Neutral, str]]] = {
    "n": (_is_one, _ONE_REPLY),
    "best_of": (_is_one, _ONE_REPLY),
    "use_beam_search": (asks_for_nothing, _BEAMS),
    "length_penalty": (_is_one, _BEAMS),
    "logprobs": (_is_false, _LOGPROBS),
    "top_logprobs": (asks_for_nothing, _LOGPROBS),
    "prompt_logprobs": (_is_false, _LOGPROBS),
    "logprob_token_ids": (asks_for_nothing, _LOGPROBS),
    "return_tokens_as_token_ids": (asks_for_nothing, _LOGPROBS),
    "return_token_ids": (asks_for_nothing, "/v1/tokenize lists the ids of a prompt"),
    "response_format": (_is_text, _PLAIN_TEXT),
    "structured_outputs": (asks_for_nothing, _PLAIN_TEXT),
    "guided_json": (asks_for_nothing, _PLAIN_TEXT),
    "guided_regex": (asks_for_nothing, _PLAIN_TEXT),
    "guided_choice": (asks_for_nothing, _PLAIN_TEXT),
    "guided_grammar": (asks_for_nothing, _PLAIN_TEXT),
    "tools": (asks_for_nothing, _TOOLS),
    "tool_choice": (_calls_nothing, _TOOLS),
    "functions": (asks_for_nothing, _TOOLS),
    "function_call": (_calls_nothing, _TOOLS),
    "web_search_options": (_is_false, _TOOLS),
    "presence_penalty": (asks_for_nothing, _PENALTIES),
    "frequency_penalty": (asks_for_nothing, _PENALTIES),
    "logit_bias": (asks_for_nothing, _BIAS),
    "bad_words": (asks_for_nothing, _BIAS),
    "allowed_token_ids": (_is_false, _BIAS),
    "min_p": (asks_for_nothing, "use top_p or top_k"),
    "min_tokens": (asks_for_nothing, _ENDS),
    "stop_token_ids": (asks_for_nothing, _ENDS),
    "repetition_detection": (asks_for_nothing, _ENDS),
    "include_stop_str_in_output": (asks_for_nothing, "a stop string is never part of a reply"),
    "skip_special_tokens": (_is_true, "control tokens are never part of a reply"),
    "include_reasoning": (_is_true, "replies hold all that the model writes"),
    "reasoning_effort": (asks_for_nothing, _THINKING),
    "thinking_token_budget": (_is_false, _THINKING),
    "verbosity": (_is_medium, _THINKING),
    "echo": (asks_for_nothing, "replies do not repeat the prompt"),
    "suffix": (asks_for_nothing, "text is continued, not inserted"),
    "truncate_prompt_tokens": (_is_false, "prompts are not cut: shorten the conversation"),
    "chat_template": (asks_for_nothing, _TEMPLATE),
    "chat_template_kwargs": (asks_for_nothing, _TEMPLATE),
    "documents": (asks_for_nothing, "write them into a message"),
    "modalities": (_only_text, _TEXT_ALONE),
    "audio": (asks_for_nothing, _TEXT_ALONE),
    "prompt_embeds": (asks_for_nothing, _TEXT_ALONE),
    "mm_processor_kwargs": (asks_for_nothing, _TEXT_ALONE),
    "media_io_kwargs": (asks_for_nothing, _TEXT_ALONE),
}
"""For each field which values ask for nothing, and what to do instead of the others."""

UNSUPPORTED: Final = frozenset(_UNSUPPORTED)
"""Fields that are refused, unless their value asks for nothing."""


def unsupported(body: Mapping[str, Any]) -> tuple[str, str] | None:
    """Return the first field that asks for what cannot be done, and a sentence; else None."""
    for field, (is_neutral, sentence) in _UNSUPPORTED.items():
        if field in body and not is_neutral(body[field]):
            return field, f"{field} is not supported here: {sentence}"
    return None


def unknown(body: Mapping[str, Any], honoured: Container[str]) -> str | None:
    """Return the first field that is neither `honoured` nor known from other servers; else None.

    A field without a value asks for nothing, whatever its name.
    """
    for field, value in body.items():
        known = field in honoured or field in IGNORED or field in UNSUPPORTED
        if value is not None and not known:
            return field
    return None
