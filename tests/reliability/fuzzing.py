"""Requests made to break an engine: half sensible, so that many get past the first check."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.fakes.engine_processes import HEADERS

CHAT, PLAIN, TOKENIZE = "/v1/chat/completions", "/v1/completions", "/v1/tokenize"

_NASTY: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 2, 10**9, 10**30, -(10**30)),
    *(float("nan"), float("inf"), float("-inf"), -0.0, 1e-9, 1e-320, 1e308, 0.5, 2.5),
    *("", "text", "1", "NaN", "\x00", "\ud83d", "\udc00x", "👩‍👩‍👧", "你好", "\ufffd", "\u202e"),
    *("<|end|><|assistant|>", "<s></s>", "{{ 7 * 7 }}", "[INST]", "a" * 3000, " " * 300),
    *([], {}, [None], [[]], {"a": {"b": []}}, ["x"] * 100, [1, "a"], {"role": "user"}),
)
_LIKELY: dict[str, tuple[Any, ...]] = {
    "temperature": (0, 0.7, 1, 1e-9, 1e-3, 5, 5.1),
    "top_p": (1, 0.9, 1e-6, 1e-7, 0, 1.01),
    "top_k": (0, -1, 1, 50, 2047, 2048, 2049, 10**9),
    "repetition_penalty": (1, 1.2, 0.1, 0.09, 5, 5.5),
    "max_tokens": (1, 2, 8, 0, 2.5),
    "max_completion_tokens": (1, 8, 0),
    "stop": (".", ["a", "b"], "", [""], ["\n"] * 5, ["x"] * 1000, "的" * 500),
    "n": (1, 2, 0),
    "seed": (7, -1, "x"),
    "ignore_eos": (True, False),
    "stream": (True, False),
    "stream_options": ({"include_usage": True}, {}, {"include_usage": None}),
    "return_rendered_prompt": (True, False),
    "stream_interval": (0.5, -1, 1e9),
    "continue_final_message": (True, False),
    "logprobs": (True, 5),
    "tools": ([{"type": "function"}],),
    "response_format": ({"type": "json_object"},),
    "model": ("tiny", "other", "../../etc/passwd"),
}
_ROLES: tuple[Any, ...] = (
    *(
        "user",
        "assistant",
        "system",
        "developer",
        "tool",
        "function",
        "User",
        "",
        None,
        7,
        ["user"],
    ),
)


@dataclass(frozen=True, slots=True)
class FuzzedRequest:
    """One request; `leaves_after` is the number of bytes of the answer that its client reads."""

    method: str
    path: str
    headers: dict[str, str]
    content: bytes
    leaves_after: int | None = None


def fuzzed_requests(seed: int, count: int) -> Iterator[FuzzedRequest]:
    """Yield so many requests, the same for the same seed."""
    chance = Random(seed)
    for _ in range(count):
        path = chance.choice((CHAT, CHAT, CHAT, PLAIN, PLAIN, TOKENIZE))
        content = _octets(chance, _body(chance, path))
        method, path, headers = _head(chance, path)
        leaves_after = chance.randrange(2000) if chance.random() < 0.1 else None
        yield FuzzedRequest(method, path, headers, content, leaves_after)


def _body(chance: Random, path: str) -> dict[str, Any]:
    body: dict[str, Any] = {"max_tokens": chance.randint(1, 8), "stream": chance.random() < 0.4}
    if path == CHAT or chance.random() < 0.3:
        body["messages"] = _messages(chance)
    if path != CHAT or chance.random() < 0.1:
        body["prompt"] = _text(chance)
    for field in chance.sample(sorted(_LIKELY), k=chance.choice((0, 1, 1, 2, 4))):
        body[field] = chance.choice(_LIKELY[field])
    if chance.random() < 0.3:
        body[chance.choice([*body, "unknown", ""])] = chance.choice(_NASTY)
    if chance.random() < 0.02:
        body |= {"max_tokens": 10**6, "ignore_eos": True}
    if chance.random() < 0.1:
        del body[chance.choice(list(body))]
    return body


def _messages(chance: Random) -> Any:
    if chance.random() < 0.05:
        return chance.choice(_NASTY)
    if chance.random() < 0.01:
        return [{"role": "user", "content": ""}] * 20_000
    messages = [_message(chance, "user")]
    for _ in range(chance.choice((0, 0, 0, 2, 4))):
        messages.append(_message(chance, "assistant" if len(messages) % 2 else "user"))
    return messages


def _message(chance: Random, role: Any) -> Any:
    if chance.random() < 0.03:
        return chance.choice(_NASTY)
    content: Any = _text(chance)
    if chance.random() < 0.1:
        content = [{"type": "text", "text": content}, *chance.sample(_NASTY, k=2)]
    message = {"role": chance.choice(_ROLES) if chance.random() < 0.1 else role, "content": content}
    return {**message, "name": chance.choice(_NASTY)} if chance.random() < 0.1 else message


def _text(chance: Random) -> Any:
    kind = chance.random()
    if kind < 0.6:
        return chance.choice(("What is 12 + 7?", "Write a poem.", "Schreib etwas.", "你好吗？"))
    if kind < 0.9:
        return chance.choice(_NASTY)
    if kind < 0.99:
        return "".join(chr(chance.randrange(0xD7FF)) for _ in range(chance.randrange(200)))
    return chance.choice(("word ", "a", "ß", "\n")) * 300_000


def _octets(chance: Random, body: dict[str, Any]) -> bytes:
    """Write a body as JSON, sometimes not quite."""
    octets = json.dumps(body).encode()
    kind = chance.random()
    if kind < 0.85:
        return octets
    if kind < 0.88:
        return octets[: chance.randrange(len(octets))]
    if kind < 0.91:
        spoilt = bytearray(octets)
        for _ in range(3):
            spoilt[chance.randrange(len(spoilt))] = chance.randrange(256)
        return bytes(spoilt)
    if kind < 0.93:
        return octets[:-1] + b', "max_tokens": 3, "max_tokens": {}}'
    others = (b"", b"\xff\xfe{}", b"\xef\xbb\xbf" + octets, b"[" * 50_000, b'{"a":' * 50_000)
    more = (octets * 2, b"[" + octets + b"]", b"NaN", b'"\\ud800"', b"9" * 5000, b" " * 5_000_000)
    return chance.choice(others + more)


def _head(chance: Random, path: str) -> tuple[str, str, dict[str, str]]:
    method, headers = "POST", {**HEADERS, "Content-Type": "application/json"}
    kind = chance.random()
    if kind < 0.02:
        headers["Authorization"] = chance.choice(("", "Bearer", "Bearer wrong", "Basic eDp5"))
    elif kind < 0.04:
        method = chance.choice(("GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "TRACE"))
    elif kind < 0.06:
        path = chance.choice(
            ("/", "/v1", path + "/", "/docs", "/v1/models", "/v1/embeddings", "//")
        )
    elif kind < 0.08:
        headers["Content-Type"] = chance.choice(
            ("text/plain", "multipart/form-data", "x", "a/b; c")
        )
    elif kind < 0.1:
        headers["Content-Encoding"] = chance.choice(("gzip", "br", "nonsense"))
    return method, path, headers
