"""Whatever a transport, a connection or a server raises, as an `InferenceError` without secrets."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

from arena.domain.characters import to_well_formed
from arena.inference.errors import (
    BrokenReply,
    ContentFiltered,
    ContextExceeded,
    InferenceError,
    ModelOverloaded,
    ModelTimeout,
    ModelUnavailable,
    RequestRefused,
)
from arena.inference.remote.server_words import words_of
from arena.inference.remote.transport import (
    ConnectionLost,
    NothingCame,
    ServerRefusal,
    StatedError,
)

_LONGEST_QUOTE: Final = 300
_SHORTEST_SECRET: Final = 4
"""Shorter keys are placeholders such as `none`: replacing them would garble ordinary words."""

_KEY_LIKE: Final = re.compile(
    r"\b(?:(?:sk|pk|rk|xai)-|(?:hf|gsk)_)[\w*.-]{8,}|(?<=bearer )\S+", re.IGNORECASE
)

_FILTER_CODES: Final = frozenset({"content_filter", "content_policy_violation"})
_TOO_LONG: Final = re.compile(
    r"context_length_exceeded|exceed_context_size|ContextWindowExceeded"
    r"|maximum context length|available context size|prompt is too long"
    r"|longer than the model's context length|`inputs` (?:must have less than|tokens \+)"
    r"|input token count.{0,20} exceeds",
    re.IGNORECASE,
)
"""Line by line: OpenAI, llama.cpp, LiteLLM; OpenAI and vLLM, llama.cpp, Anthropic; SGLang, TGI;
Gemini."""

_SYSTEM_ROLE: Final = re.compile(
    r"system (role|message|prompt)|role.{0,20}\bsystem\b|roles must alternate", re.IGNORECASE
)


@contextmanager
def normalised_errors(model: str, secret: str | None = None) -> Iterator[None]:
    """Turn whatever a transport, the connection or the parser raises into an `InferenceError`.

    No text holds `secret` or anything that looks like a key, and no cause is left to a traceback:
    servers repeat keys in their errors, and clients in theirs.
    """
    try:
        yield
    except (BrokenReply, ContentFiltered) as error:
        error.args = (f"{model}: {_quoted(str(error), secret)}",)
        raise error from None
    except InferenceError:
        raise
    except ServerRefusal as refusal:
        raise _refusal(model, refusal, secret) from None
    except (NothingCame, TimeoutError) as error:
        kind = str(error) if isinstance(error, NothingCame) else type(error).__name__
        raise ModelTimeout(f"{model}: nothing came in time ({kind})") from None
    except (ConnectionLost, OSError) as error:
        said = str(error) if isinstance(error, ConnectionLost) else _reason(error)
        reason = _quoted(said, secret)
        raise ModelUnavailable(f"{model}: connection failed or lost ({reason})") from None
    except StatedError as error:
        reason = _quoted(words_of(error.body) or str(error), secret)
        raise BrokenReply(f"{model}: the server reported an error ({reason})") from None
    except Exception as error:  # noqa: BLE001  # its own text may hold what ours must not
        reason = _quoted(_reason(error), secret)
        raise BrokenReply(f"{model}: the answer is not what the protocol says ({reason})") from None


def quoted_name(name: object, secret: str | None) -> str:
    """Return a name that a server gave, fit for the administrator's page."""
    return repr(_quoted(str(name), secret)[:80])


def _quoted(text: str, secret: str | None) -> str:
    """Return text of a server in one short line of whole characters without keys."""
    text = to_well_formed(text)
    if secret and len(secret) >= _SHORTEST_SECRET:
        text = text.replace(secret, "[key]")
    text = _KEY_LIKE.sub("[key]", " ".join(text.split()))
    return text if len(text) <= _LONGEST_QUOTE else text[:_LONGEST_QUOTE] + "…"


def _reason(error: BaseException) -> str:
    """Return what was wrong below the client's own words."""
    root = error.__cause__ or error
    return f"{type(root).__name__}: {root}"


def _refusal(model: str, refusal: ServerRefusal, secret: str | None) -> InferenceError:
    status, said = refusal.status, refusal.message
    words = words_of(refusal.body) or said
    text = f"{model}: HTTP {status}: {_quoted(words or 'no reason given', secret)}"
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        exhausted = refusal.code == "insufficient_quota"
        return ModelOverloaded(text, retryable=not exhausted, retry_after_s=_retry_after(refusal))
    if _TOO_LONG.search(f"{refusal.code} {refusal.kind} {words} {said}"):
        return ContextExceeded(text)
    if refusal.code in _FILTER_CODES:
        return ContentFiltered(text)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        return ModelOverloaded(text, retry_after_s=_retry_after(refusal))
    if status == HTTPStatus.REQUEST_TIMEOUT:
        return ModelTimeout(text)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ModelUnavailable(text, retry_after_s=_retry_after(refusal))
    if status < HTTPStatus.BAD_REQUEST:
        target = _quoted(refusal.headers.get("location", "another address"), secret)
        return RequestRefused(f"{text} (it redirects to {target}: write that in base_url)")
    return RequestRefused(text + _advice(status, words))


def is_refused_key(words: str) -> bool:
    """Return whether a refusal that is no 401 is one of the key: LiteLLM looks in its database."""
    return "no connected db" in words.lower()


def _advice(status: int, words: str) -> str:
    """Return what the administrator may do about a refusal; nothing where the words say it all."""
    if status == HTTPStatus.UNAUTHORIZED or is_refused_key(words):
        return " (the server refuses the key)"
    if status == HTTPStatus.PAYMENT_REQUIRED:
        return " (the account at the server has no credit left)"
    if _SYSTEM_ROLE.search(words):
        return " (if the model knows no system role, write `system_prompt_role: user` in its row)"
    return ""


def _retry_after(refusal: ServerRefusal) -> float | None:
    """Read Retry-After in seconds; the date form is rare and ignored."""
    try:
        return max(0.0, float(refusal.headers["retry-after"]))
    except (KeyError, ValueError):
        return None
