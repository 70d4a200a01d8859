"""Reads what an OpenAI-compatible server says: chunks, lists, errors; trusts none of it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any, Final

import openai

from arena.domain.characters import WholeCharacters, sound_text
from arena.domain.conversation import FinishReason
from arena.inference.backend import Delta, Finished, StreamEvent
from arena.inference.errors import (
    BrokenReply,
    ContextExceeded,
    InferenceError,
    ModelOverloaded,
    ModelTimeout,
    ModelUnavailable,
    RequestRefused,
)
from arena.inference.remote.reasoning import ReasoningSplitter

_STOPS = frozenset({"stop", "eos", "eos_token", "stop_sequence", "end_turn"})
_LIMITS = frozenset({"length", "max_tokens", "max_new_tokens"})

_LONGEST_QUOTE: Final = 300
_SHORTEST_SECRET: Final = 4
"""A shorter key is a stand-in for none, and its letters stand in every word."""

_KEY_LIKE: Final = re.compile(
    r"\b(?:(?:sk|pk|rk|xai)-|(?:hf|gsk)_)[\w*.-]{8,}|(?<=bearer )\S+", re.IGNORECASE
)
_NOT_THERE: Final = frozenset(
    {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.PROXY_AUTHENTICATION_REQUIRED}
    | {HTTPStatus.REQUEST_TIMEOUT}
)


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
        """What was held back: half a character, the beginning of a tag."""
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


@contextmanager
def normalised_errors(model: str, secret: str | None = None) -> Iterator[None]:
    """Turn whatever the client, the connection or the parser raises into an `InferenceError`.

    No text holds `secret` or anything that looks like a key, and no cause is left to a traceback:
    servers repeat keys in their errors, and clients in theirs.
    """
    try:
        yield
    except BrokenReply as error:
        raise BrokenReply(f"{model}: {_quoted(str(error), secret)}") from None
    except InferenceError:
        raise
    except openai.APIStatusError as error:
        raise _refusal(model, error, secret) from None
    except (openai.APITimeoutError, TimeoutError) as error:
        which = error.__cause__ if isinstance(error, openai.APITimeoutError) else None
        kind = type(which or error).__name__
        raise ModelTimeout(f"{model}: nothing came in time ({kind})") from None
    except (openai.APIConnectionError, OSError) as error:
        reason = _quoted(_reason(error), secret)
        raise ModelUnavailable(f"{model}: connection failed or lost ({reason})") from None
    except openai.OpenAIError as error:
        reason = _quoted(str(error), secret)
        raise BrokenReply(f"{model}: the server reported an error ({reason})") from None
    except Exception as error:  # noqa: BLE001  # its own text may hold what ours must not
        reason = _quoted(_reason(error), secret)
        raise BrokenReply(f"{model}: the answer is not what the protocol says ({reason})") from None


def listed_models(answer: object) -> frozenset[str]:
    """Return the names in the answer to `GET /models`; raises `BrokenReply` for a web page."""
    if isinstance(answer, str) and answer.lstrip().startswith("<"):
        raise BrokenReply("a web page came instead of a list of models: is base_url right?")
    entries = answer.get("data") if isinstance(answer, dict) else answer
    listed = entries if isinstance(entries, list) else []
    names = (entry.get("id") for entry in listed if isinstance(entry, dict))
    return frozenset(name for name in names if isinstance(name, str))


def is_alive(error: openai.APIStatusError) -> bool:
    """Whether a server that refuses to list its models may still answer conversations.

    Many have no such list. A key of OpenAI's with few rights may chat and not list.
    """
    status = error.status_code
    if "missing scopes" in error.message.lower() or status == HTTPStatus.NOT_IMPLEMENTED:
        return True
    return (
        HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR
        and status not in _NOT_THERE
    )


def quoted_name(name: object, secret: str | None) -> str:
    """Return a name that a server gave, fit for the administrator's page."""
    return repr(_quoted(str(name), secret)[:80])


def _quoted(text: str, secret: str | None) -> str:
    """Return a stranger's text in one short line of whole characters without keys."""
    text = sound_text(text)
    if secret and len(secret) >= _SHORTEST_SECRET:
        text = text.replace(secret, "[key]")
    text = _KEY_LIKE.sub("[key]", " ".join(text.split()))
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"


def _reason(error: BaseException) -> str:
    """Return what was wrong below the client's own words."""
    root = error.__cause__ or error
    return f"{type(root).__name__}: {root}"


def _refusal(model: str, error: openai.APIStatusError, secret: str | None) -> InferenceError:
    status, said = error.status_code, error.message
    words = said.removeprefix(f"Error code: {status}").lstrip(" -") or "no reason given"
    text = f"{model}: HTTP {status}: {_quoted(words, secret)}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        exhausted = error.code == "insufficient_quota"
        return ModelOverloaded(text, retryable=not exhausted, retry_after_s=_retry_after(error))
    if error.code == "context_length_exceeded" or "maximum context length" in said:
        return ContextExceeded(text)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return ModelOverloaded(text, retry_after_s=_retry_after(error))
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return ModelTimeout(text)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ModelUnavailable(text, retry_after_s=_retry_after(error))
    if status < HTTPStatus.BAD_REQUEST:
        target = _quoted(error.response.headers.get("location", "another address"), secret)
        return RequestRefused(f"{text} (it redirects to {target}: write that in base_url)")
    if status == HTTPStatus.UNAUTHORIZED:
        return RequestRefused(f"{text} (the server refuses the key)")
    return RequestRefused(text)


def _retry_after(error: openai.APIStatusError) -> float | None:
    """Read Retry-After in seconds; the date form is rare and ignored."""
    try:
        return max(0.0, float(error.response.headers["retry-after"]))
    except (KeyError, ValueError):
        return None
