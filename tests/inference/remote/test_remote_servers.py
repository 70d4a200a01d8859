"""Servers of every kind are asked in their own way, and what they refuse is found out once."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest

from arena.catalog.dialects import AZURE, OPENAI, VLLM, Dialect
from arena.domain.conversation import Sampling
from arena.inference.backend import ChatRequest, ModelState
from arena.inference.errors import RequestRefused
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.model_list import is_same_model
from arena.inference.remote.request import Endpoint, base_address
from tests.fakes.chat_requests import ask, reply_of, user
from tests.fakes.clock import VirtualClock
from tests.fakes.openai_server import (
    DONE,
    Answer,
    FakeOpenAIServer,
    Respond,
    chunk,
    error,
    fake_openai_server,
    in_turn,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("each_transport")]

GOOD = Answer([chunk("fine"), chunk(finish="stop"), DONE])
NO_TEMPERATURE = error(
    400,
    "Unsupported value: 'temperature' does not support 0.7 with this model. Only the default (1) "
    "value is supported.",
    param="temperature",
    code="unsupported_value",
)
NO_TOP_P = error(400, "Unsupported parameter: 'top_p' is not supported.", param="top_p")
OTHER_BUDGET = error(
    400,
    "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
    "'max_completion_tokens' instead.",
    param="max_tokens",
)
NO_EXTRAS = Answer(
    [
        b'{"object": "error", "message": {"detail": [{"type": "extra_forbidden", "loc": ["body", '
        b'"seed"], "msg": "Extra inputs are not permitted", "input": 1}]}}'
    ],
    422,
    "application/json",
)


@asynccontextmanager
async def talking_to(
    respond: Respond, **fields: Any
) -> AsyncGenerator[tuple[OpenAIBackend, FakeOpenAIServer], None]:
    async with fake_openai_server(respond) as server:
        endpoint = replace(Endpoint(server.base_url, "some-model", "secret"), **fields)
        backend = OpenAIBackend(endpoint, clock=VirtualClock(automatic=True))
        await backend.start()
        yield backend, server
        await backend.close()


@pytest.mark.parametrize(
    ("address", "dialect", "base"),
    [
        ("https://host", OPENAI, "https://host/v1"),
        ("https://host/", VLLM, "https://host/v1"),
        ("https://host/v1", OPENAI, "https://host/v1"),
        ("https://host/v1/", OPENAI, "https://host/v1"),
        ("https://host/api/v1", OPENAI, "https://host/api/v1"),
        ("https://x.azure.com", AZURE, "https://x.azure.com/openai/deployments/m"),
        ("https://x/openai/deployments/d/", AZURE, "https://x/openai/deployments/d"),
    ],
)
def test_an_address_may_be_written_in_all_usual_ways(
    address: str, dialect: Dialect, base: str
) -> None:
    assert base_address(address, dialect, "m") == base


@pytest.mark.parametrize(
    ("asked", "told", "same"),
    [
        ("gpt-4", "gpt-4-0613", True),
        ("gpt-4o", "gpt-4o-2024-08-06", True),
        ("my-org/model", "/data/models/model", True),
        ("llama3", "llama3:latest", True),
        ("Model", "model", True),
        ("org/model", "org/model@main", True),
        ("gpt-4", "gpt-4o", False),
        ("gpt-4", "gpt-4-turbo", False),
        ("a", "b", False),
    ],
)
def test_a_date_or_a_path_makes_no_other_model(*, asked: str, told: str, same: bool) -> None:
    assert is_same_model(asked, told) is same


async def test_another_name_in_the_reply_is_a_warning_and_no_failure(
    caplog: pytest.LogCaptureFixture,
) -> None:
    odd = Answer([chunk("fine", model="other\n secret " + "x" * 500), *GOOD.steps[1:]])
    async with talking_to(in_turn(odd)) as (backend, _):
        for _ in range(3):
            assert (await reply_of(backend, ask("hi"))).text == "fine"
        assert backend.status.progress.startswith("answers as 'other [key] xxx")
        assert len(backend.status.progress) < 100
        assert backend.state is ModelState.READY
    assert caplog.text.count("answers as") == 1
    assert "secret" not in caplog.text


async def test_a_gateway_that_changes_its_model_is_noticed_each_time_but_not_for_ever(
    caplog: pytest.LogCaptureFixture,
) -> None:
    names = ["some-model", "second", "third", "second", "fourth", "fifth", "sixth"]
    answers = [Answer([chunk("fine", model=name), *GOOD.steps[1:]]) for name in names]
    async with talking_to(in_turn(*answers)) as (backend, _):
        for _ in names:
            assert (await reply_of(backend, ask("hi"))).text == "fine"
        assert backend.status.progress == "answers as 'second', 'third', 'fourth'"
        assert backend.status.last_error is None
    assert caplog.text.count("answers as") == 3


async def test_a_dated_name_in_the_reply_is_not_worth_a_word() -> None:
    dated = Answer([chunk("fine", model="some-model-0613"), *GOOD.steps[1:]])
    async with talking_to(in_turn(dated)) as (backend, _):
        await reply_of(backend, ask("hi"))
        assert backend.status.progress == ""


async def test_a_reasoning_model_is_asked_in_its_way_from_the_second_reply_on() -> None:
    answers = in_turn(OTHER_BUDGET, NO_TEMPERATURE, NO_TOP_P, GOOD)
    async with talking_to(answers) as (backend, server):
        await reply_of(backend, ask("hi", tokens=5))
        await reply_of(backend, ask("hi", tokens=6))
        assert "without temperature, top_p" in backend.status.progress
    assert len(server.requests) == 5
    assert server.requests[0].keys() >= {"temperature", "top_p", "max_tokens"}
    for body, tokens in zip(server.requests[3:], (5, 6), strict=True):
        assert body["max_completion_tokens"] == tokens
        assert body.keys().isdisjoint({"temperature", "top_p", "max_tokens"})


async def test_a_strict_server_gets_no_seed() -> None:
    request = ChatRequest(user("hi"), Sampling(seed=1))
    async with talking_to(in_turn(NO_EXTRAS, GOOD)) as (backend, server):
        await reply_of(backend, request)
    assert [body.get("seed") for body in server.requests] == [1, None]


@pytest.mark.parametrize(
    "answer",
    [
        NO_TEMPERATURE,
        OTHER_BUDGET,
        error(400, "Invalid 'temperature': must be at most 1.", param="temperature"),
        error(400, "Unsupported file", param="messages"),
        error(400, "temperature and top_p are too high"),
    ],
)
async def test_a_refusal_that_nothing_helps_is_an_error_after_few_requests(answer: Answer) -> None:
    async with talking_to(in_turn(answer)) as (backend, server):
        with pytest.raises(RequestRefused):
            await reply_of(backend, ask("hi"))
        assert len(server.requests) <= 2


async def test_a_server_without_a_key_gets_none_and_no_organisation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "of-somebody-else")
    async with talking_to(in_turn(GOOD), api_key=None) as (backend, server):
        await reply_of(backend, ask("hi"))
    assert "of-somebody-else" not in str(server.fields)
    assert "authorization" not in server.fields[0]
