"""Answers of the OpenAI protocol: whole, streamed, and errors."""

import json
from collections.abc import Mapping
from typing import Any

from arena.domain.conversation import FinishReason


def error_body(message: str, *, code: str, **details: int | str) -> dict[str, Any]:
    """Return an error in OpenAI's form."""
    is_the_clients = code.startswith(("invalid", "context", "unsupported"))
    kind = "invalid_request_error" if is_the_clients else "server_error"
    return {"error": {"message": message, "type": kind, "code": code, "param": None, **details}}


def sse(payload: Mapping[str, Any]) -> bytes:
    """Return one server-sent event."""
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"


SSE_DONE = b"data: [DONE]\n\n"


class Envelope:
    """The fields that all parts of one answer share, and the shape of chat or plain completion."""

    def __init__(self, *, chat: bool, request_id: str, model: str, created: int) -> None:
        self._chat = chat
        self._common = {"id": request_id, "created": created, "model": model}

    def chunk(self, text: str, reason: FinishReason | None = None) -> dict[str, Any]:
        """Return a streamed piece of text, or with a reason the end."""
        content = {"delta": {"content": text} if text else {}} if self._chat else {"text": text}
        choice = {"index": 0, **content, "finish_reason": reason}
        return self._filled(streamed=True, choices=[choice])

    def opening(self) -> dict[str, Any]:
        """Return the chunk that says who speaks, before any text."""
        choice = {"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}
        return self._filled(streamed=True, choices=[choice])

    def usage_chunk(self, usage: Mapping[str, int]) -> dict[str, Any]:
        """Return the chunk that has token counts and no choices."""
        return self._filled(streamed=True, choices=[], usage=usage)

    def whole(self, text: str, reason: FinishReason, usage: Mapping[str, int]) -> dict[str, Any]:
        """Return an answer that is not streamed."""
        spoken: dict[str, Any] = {"message": {"role": "assistant", "content": text}}
        choice = {"index": 0, **(spoken if self._chat else {"text": text}), "finish_reason": reason}
        return self._filled(streamed=False, choices=[choice], usage=usage)

    def _filled(self, *, streamed: bool, **parts: Any) -> dict[str, Any]:
        kind = "chat.completion" if self._chat else "text_completion"
        suffix = ".chunk" if self._chat and streamed else ""
        return {**self._common, "object": kind + suffix, **parts}


def usage(prompt_tokens: int, reply_tokens: int) -> dict[str, int]:
    """Return token counts in OpenAI's form."""
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": reply_tokens,
        "total_tokens": prompt_tokens + reply_tokens,
    }
