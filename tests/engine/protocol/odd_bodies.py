"""Bodies of requests of which one to three fields are odd, seeded, and what may come back."""

import json
from collections.abc import Iterator
from random import Random
from typing import Any, Final

import httpx
from openai.types import Completion
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from arena.engine.requests import ChatBody, CompletionBody
from arena.engine.unsupported import IGNORED, UNSUPPORTED
from tests.engine.protocol.asking import CHAT, PLAIN, QUESTION, events

_KNOWN: Final = {*ChatBody.model_fields, *CompletionBody.model_fields, *IGNORED, *UNSUPPORTED}
_FIELDS: Final = [*sorted(_KNOWN), "", "unknown", "\ud83d", "x" * 10_000, "__class__"]
_ERROR_FIELDS: Final = {"message", "type", "code", "param"}
_ROLES: Final = ("user", "assistant", "system", "developer", "tool", "", None, 7, ["user"])


def _nested(depth: int) -> Any:
    nested: Any = "deep"
    for _ in range(depth):
        nested = [nested]
    return nested


_VALUES: Final[tuple[Any, ...]] = (
    *(None, True, False, 0, 1, -1, 2, 7.5, 1e308, -0.0, 10**30, 10**400, float("nan")),
    *(float("inf"), "", "text", "none", "auto", "\ud83d", "\x00", "tiny", "{{ 7 * 7 }}"),
    *([], {}, [None], [[]], ["a", "b"], ["a", 1], {"type": "text"}, {"type": "json_object"}),
    *(
        {"role": "user", "content": "hi"},
        {"include_usage": True},
        {"\ud83d": 1},
        {"a": {"b": []}},
        _nested(600),
    ),
    *([QUESTION], [QUESTION | {"content": [{"type": "text", "text": "hi"}]}], [QUESTION] * 3),
)


def odd_bodies(seed: int, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield so many addresses and bodies, the same for the same seed."""
    chance = Random(seed)
    for _ in range(count):
        path = chance.choice((CHAT, CHAT, PLAIN))
        body: dict[str, Any] = {"max_tokens": 4, "stream": chance.random() < 0.4}
        body |= {"messages": _messages(chance)} if path == CHAT else {"prompt": "Once"}
        for field in chance.sample(_FIELDS, k=chance.choice((1, 1, 1, 2, 3))):
            body[field] = chance.choice(_VALUES)
        yield path, json.dumps(body).encode()


def _messages(chance: Random) -> list[Any]:
    if chance.random() < 0.7:
        return [QUESTION]
    odd: dict[str, Any] = {"role": chance.choice(_ROLES), "content": chance.choice(_VALUES)}
    if chance.random() < 0.3:
        odd[chance.choice(("name", "tool_calls", "prefix", "refusal"))] = chance.choice(_VALUES)
    return [QUESTION, odd, QUESTION][: chance.randint(2, 3)]


def check_answer(path: str, answer: httpx.Response) -> None:
    """Fail unless the answer is what a client of the protocol can read."""
    if answer.status_code != httpx.codes.OK:
        _check_error(answer)
    elif answer.headers["content-type"].startswith("text/event-stream"):
        _check_stream(path, answer)
    else:
        kind = ChatCompletion if path == CHAT else Completion
        kind.model_validate_json(answer.content, strict=True)


def _check_error(answer: httpx.Response) -> None:
    error: dict[str, Any] = answer.json()["error"]
    assert answer.status_code in {400, 404}, error
    assert error.keys() >= _ERROR_FIELDS
    assert error["type"] == "invalid_request_error"
    assert isinstance(error["code"], str)
    assert error["message"]
    assert error["param"] is None or 0 < len(error["param"]) < 100


def _check_stream(path: str, answer: httpx.Response) -> None:
    chunks = list(events(answer))
    for chunk in chunks if path == CHAT else ():
        ChatCompletionChunk.model_validate_json(json.dumps(chunk), strict=True)
    reasons = [choice["finish_reason"] for chunk in chunks for choice in chunk["choices"]]
    assert [reason for reason in reasons if reason] == [reasons[-1]]
