"""Requests to a running engine by the OpenAI protocol."""

import json
from collections.abc import Iterator
from typing import Any

import httpx

from tests.fakes.engine_processes import RunningEngine

QUESTION = {"role": "user", "content": "What is 12 + 7?"}
CHAT, PLAIN, TOKENIZE = "/v1/chat/completions", "/v1/completions", "/v1/tokenize"


def ask(engine: RunningEngine, **fields: Any) -> httpx.Response:
    body = {"messages": [QUESTION], "max_tokens": 16, "temperature": 0, **fields}
    return engine.client.post(CHAT, content=json.dumps(body))


def events(response: httpx.Response) -> Iterator[dict[str, Any]]:
    for line in response.iter_lines():
        if line.startswith("data: ") and line != "data: [DONE]":
            yield json.loads(line.removeprefix("data: "))


def text_of(response: httpx.Response) -> str:
    return str(response.json()["choices"][0]["message"]["content"])
