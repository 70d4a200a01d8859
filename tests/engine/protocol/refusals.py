"""What an engine refuses in a conversation, and the field that it blames; for all clients."""

from typing import Any, Final

from tests.engine.protocol.asking import QUESTION

_PICTURE: Final = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}
_CANNOT, _FAULTY, _UNKNOWN = "unsupported_parameter", "invalid_request", "unknown_parameter"
_CONTINUOUS: Final = "stream_options.continuous_usage_stats"


def _saying(content: Any, **fields: Any) -> list[dict[str, Any]]:
    return [{**QUESTION, "content": content, **fields}]


REFUSALS: Final[list[tuple[dict[str, Any], str, str]]] = [
    ({"n": 2}, _CANNOT, "n"),
    ({"logprobs": True}, _CANNOT, "logprobs"),
    ({"logprobs": True, "top_logprobs": 2}, _CANNOT, "logprobs"),
    ({"presence_penalty": 0.5}, _CANNOT, "presence_penalty"),
    ({"frequency_penalty": -0.5}, _CANNOT, "frequency_penalty"),
    ({"logit_bias": {"5": 10}}, _CANNOT, "logit_bias"),
    ({"min_p": 0.1}, _CANNOT, "min_p"),
    ({"response_format": {"type": "json_object"}}, _CANNOT, "response_format"),
    ({"tools": [{"type": "function", "function": {"name": "f"}}]}, _CANNOT, "tools"),
    ({"reasoning_effort": "low"}, _CANNOT, "reasoning_effort"),
    ({"include_stop_str_in_output": True}, _CANNOT, "include_stop_str_in_output"),
    ({"chat_template_kwargs": {"enable_thinking": False}}, _CANNOT, "chat_template_kwargs"),
    ({"temprature": 0.1}, _UNKNOWN, "temprature"),
    ({"temperature": "hot"}, _FAULTY, "temperature"),
    ({"temperature": 5.5}, _FAULTY, "temperature"),
    ({"top_k": -2}, _FAULTY, "top_k"),
    ({"stop": ""}, _FAULTY, "stop[0]"),
    ({"stop": ["a", 7]}, _FAULTY, "stop[1]"),
    ({"seed": 2**63}, _FAULTY, "seed"),
    ({"max_completion_tokens": 9}, _FAULTY, "max_completion_tokens"),
    ({"stream_options": {"continuous_usage_stats": True}}, _FAULTY, _CONTINUOUS),
    ({"messages": []}, _FAULTY, "messages"),
    ({"messages": None}, _FAULTY, "messages"),
    ({"messages": ["hi"]}, _FAULTY, "messages[0]"),
    ({"messages": [{"role": "tool", "content": "hi"}]}, _FAULTY, "messages[0].role"),
    ({"messages": _saying([_PICTURE])}, _FAULTY, "messages[0].content"),
    ({"messages": _saying(["hi"])}, _FAULTY, "messages[0].content"),
    ({"messages": _saying("hi", name="Ada")}, _FAULTY, "messages[0]"),
    ({"messages": [QUESTION, {"role": "assistant", "content": "It"}]}, _FAULTY, "messages"),
    ({"continue_final_message": True}, _FAULTY, "continue_final_message"),
    ({"add_generation_prompt": False}, _FAULTY, "add_generation_prompt"),
    ({"messages": [{"role": "system", "content": "hi"}]}, "invalid_messages", "messages"),
    ({"messages": _saying("word " * 4000)}, "context_length_exceeded", "messages"),
]
"""Fields of a request, the code of its refusal and the field that is blamed."""
