"""Answers of the OpenAI protocol: whole, streamed, and errors."""

import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from arena.domain.conversation import FinishReason


def error_body(
    message: str, *, status: int, code: str, param: str | None = None, **details: int | str
) -> dict[str, Any]:
    """Return an error in OpenAI's form, for an answer with this status."""
    is_the_servers = (
        status == HTTPStatus.TOO_MANY_REQUESTS or status >= HTTPStatus.INTERNAL_SERVER_ERROR
    )
    kind = "server_error" if is_the_servers else "invalid_request_error"
    return {"error": {"message": message, "type": kind, "code": code, "param": param, **details}}


def sse(payload: Mapping[str, Any]) -> bytes:
    """Return one server-sent event."""
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"


SSE_DONE = b"data: [DONE]\n\n"


class Envelope:
    """The fields that all parts of one answer share, and the shape of chat or plain completion.

    A stream that `counts` tokens at its end says with each chunk that they are not known yet.
    """

    def __init__(
        self, *, chat: bool, request_id: str, model: str, created: int, counts: bool = False
    ) -> None:
        self._chat = chat
        self._uncounted = {"usage": None} if counts else {}
        self._common = {"id": request_id, "created": created, "model": model}

    def chunk(self, text: str, reason: FinishReason | None = None) -> dict[str, Any]:
        """Return a streamed piece of text, or with a reason the end."""
        content = {"delta": {"content": text} if text else {}} if self._chat else {"text": text}
        return self._streamed(content, reason)

    def opening(self) -> dict[str, Any]:
        """Return the chunk that says who speaks, before any text."""
        return self._streamed({"delta": {"role": "assistant", "content": ""}}, None)

    def usage_chunk(self, usage: Mapping[str, int]) -> dict[str, Any]:
        """Return the chunk that has token counts and no choices."""
        return self._filled(streamed=True, choices=[], usage=usage)

    def whole(self, text: str, reason: FinishReason, usage: Mapping[str, int]) -> dict[str, Any]:
        """Return an answer that is not streamed."""
        message = {"role": "assistant", "content": text, "refusal": None}
        spoken = {"message": message} if self._chat else {"text": text}
        return self._filled(streamed=False, choices=[_choice(spoken, reason)], usage=usage)

    def _streamed(self, content: Mapping[str, Any], reason: FinishReason | None) -> dict[str, Any]:
        choices = [_choice(content, reason)]
        return self._filled(streamed=True, choices=choices, **self._uncounted)

    def _filled(self, *, streamed: bool, **parts: Any) -> dict[str, Any]:
        kind = "chat.completion" if self._chat else "text_completion"
        suffix = ".chunk" if self._chat and streamed else ""
        return {**self._common, "object": kind + suffix, **parts}


def _choice(content: Mapping[str, Any], reason: FinishReason | None) -> dict[str, Any]:
    return {"index": 0, **content, "logprobs": None, "finish_reason": reason}


def usage(prompt_tokens: int, reply_tokens: int) -> dict[str, int]:
    """Return token counts in OpenAI's form."""
    return {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": reply_tokens,
        "total_tokens": prompt_tokens + reply_tokens,
    }
