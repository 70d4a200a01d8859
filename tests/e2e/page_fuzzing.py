"""Requests made to break the pages: half sensible, so that many get past the first check."""

import json
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any
from urllib.parse import quote, urlencode

from tests.e2e.authorisation import CALLERS, RULES, Place, Rule

_TEXTS = (
    *("", "0", "-1", "1", "99999999999999999999", "1e999", "NaN", "null", "true", "None"),
    *("\x00", "\ud83d", "你好", "\u202e", "a" * 5000, " " * 300, "\r\nX-Injected: 1"),
    *("../../../etc/passwd", "..%2f..%2fdb", "file:///etc/passwd", "//evil.example", "%00"),
    *("' OR 1=1 --", "'; DROP TABLE votes; --", "{{7*7}}", "${7*7}", "<script>1</script>"),
    *("quetzal", "axolotl", "spring", "2026-02-30", "2026-01-01", "a_better", "both_bad"),
)
_VALUES: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1, 10**30, 1e308, float("nan"), float("inf")),
    *([], {}, [None], [[]], {"a": {"b": []}}, ["x"] * 100, [1, "a"], {"path": "/etc/passwd"}),
    *({"path": "x", "meta": {"_type": "gradio.FileData"}}, {"__type__": "update"}),
)
_FIELDS = (
    *("tab", "model", "campaign", "category", "language", "since", "until", "among", "group"),
    *("page", "key", "name", "people", "token", "format", "width", "days", "least", "baseline"),
    *("session_hash", "next", "item", "shown", "verdict", "reason", "votes_per_address"),
)
_KINDS = (
    *("application/json", "application/x-www-form-urlencoded", "text/plain", "image/png"),
    *("multipart/form-data", "multipart/form-data; boundary=x", "application/json; charset=x"),
)
_HEADERS: Mapping[str, tuple[str, ...]] = {
    "accept-language": ("zh;q=nan", "x" * 2000, "*;q=-1", ",,,", "en-US;q=1e400"),
    "range": ("bytes=0-0", "bytes=9-1", "bytes=-99999999999", "lines=1"),
    "x-forwarded-for": ("127.0.0.1", "8.8.8.8, x", "::1", "a" * 500),
    "origin": ("null", "https://evil.example", "http://127.0.0.1"),
    "if-none-match": ("*", '"x"', "W/"),
    "cookie": ("arena_session=", "arena_session=x; arena_session=y", "=; =;;", "a=" + "b" * 3000),
    "accept-encoding": ("gzip;q=0", "br, *", "x"),
    "x-gradio-user": ("x",),
}
_JOINS = "/gradio_api/queue/join"
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE")
_EVENTS = range(-1, 60)


@dataclass(frozen=True, slots=True)
class FuzzedRequest:
    """One request of a caller: address from the root on, and body as bytes."""

    caller: str
    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


def fuzzed_requests(number: int, *, seed: int = 0) -> Iterator[FuzzedRequest]:
    """Yield so many, the same for the same seed."""
    random = Random(seed)
    for _ in range(number):
        yield _one(random)


def _one(random: Random) -> FuzzedRequest:
    (method, pattern), rule = random.choice([*RULES.items(), *_MORE_JOINS])
    if random.random() < 0.1:
        method = random.choice((*METHODS, "BREW"))
    kind, body = _body(random, pattern, rule)
    headers = {"content-type": kind} if body else {}
    if random.random() < 0.3:
        name = random.choice([*_HEADERS])
        headers[name] = random.choice(_HEADERS[name])
    target = _path(random, rule.path or pattern) + _query(random)
    return FuzzedRequest(random.choice(CALLERS), method, target, headers, body)


_MORE_JOINS: list[tuple[Place, Rule]] = [
    (place, rule) for place, rule in RULES.items() if place[1].endswith(_JOINS)
] * 20
"""Behind these are all events of the pages."""


def _path(random: Random, path: str) -> str:
    def nasty(_: re.Match[str]) -> str:
        return _quoted(random.choice(_TEXTS)[:300])

    path = re.sub(r"\{[^}]*\}", nasty, path)
    if random.random() < 0.1:
        path += "/" + _quoted(random.choice(_TEXTS)[:300])
    return path


def _quoted(text: str) -> str:
    return quote(text.encode("utf-8", "surrogatepass"))


def _query(random: Random) -> str:
    if random.random() < 0.5:
        return ""
    pairs = [(random.choice(_FIELDS), _text(random)) for _ in range(random.randint(1, 4))]
    return "&" + urlencode(pairs) if random.random() < 0.05 else "?" + urlencode(pairs)


def _text(random: Random) -> bytes:
    return random.choice(_TEXTS).encode("utf-8", "surrogatepass")


def _body(random: Random, pattern: str, rule: Rule) -> tuple[str, bytes]:
    kind = random.choice(_KINDS)
    if pattern.endswith(_JOINS) and random.random() < 0.9:
        return "application/json", _event(random)
    chance = random.random()
    if chance < 0.4:
        return "", b""
    if chance < 0.8:
        form = {name: text.encode() for name, text in rule.data.items()}
        form |= {random.choice(_FIELDS): _text(random) for _ in range(random.randint(0, 3))}
        return "application/x-www-form-urlencoded", urlencode(form).encode()
    return kind, random.choice((b"{", b"[]", b"\xff\xfe\x00", b"a=b", _event(random)))


def _event(random: Random) -> bytes:
    data = [random.choice((*_TEXTS, *_VALUES)) for _ in range(random.choice((0, 1, 2, 4, 9)))]
    event = {
        "data": data,
        "fn_index": random.choice((*_EVENTS, *_VALUES)),
        "session_hash": random.choice((secrets.token_hex(6), *_TEXTS, None, 7)),
        "trigger_id": random.choice((*_EVENTS, None)),
        "event_data": random.choice(_VALUES),
    }
    for name in [*event]:
        if random.random() < 0.05:
            del event[name]
    return json.dumps(event).encode()
