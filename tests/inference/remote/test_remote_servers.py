"""Servers of every kind are asked in their own way, and what they refuse is found out once."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from arena.catalog import ModelCatalog, load_catalog
from arena.catalog.dialects import AZURE, OPENAI, REMOTE_DIALECTS, VLLM, Dialect
from arena.domain.conversation import ModelKey, Sampling
from arena.inference.backend import ChatRequest, ModelState
from arena.inference.errors import ModelUnavailable, RequestRefused
from arena.inference.pool_building import (
    KeylessBackend,
    MissingApiKey,
    PoolOptions,
    build_pool,
    remote_endpoint,
)
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.model_list import is_same_model
from arena.inference.remote.request import Endpoint, base_address
from arena.inference.remote.waits import Timeouts
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
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

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
CATALOG = """
defaults: {timeouts: {connect_s: 1}}
models:
  plain:
    name: Plain
    backend: openai
    base_url: https://host/
    model: m
    api_key_env: PLAIN_KEY
    timeouts: {between_tokens_s: 7}
  served: {name: Served, backend: openai, server: vllm, base_url: "http://host:8000", model: o/m}
  azure:
    name: Azure
    backend: openai
    server: azure
    base_url: https://x.openai.azure.com/
    api_version: "2024-10-21"
    model: mine
    api_key_env: AZURE_KEY
  told: {name: Told, backend: scripted, script: {replies: [Hello there.]}}
"""


@pytest.fixture
def catalog(tmp_path: Path) -> ModelCatalog:
    """A remote row of each kind, and a scripted one."""
    path = tmp_path / "models.yaml"
    path.write_text(CATALOG, encoding="utf-8")
    return load_catalog(path)


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


async def test_azure_gets_its_key_and_version_in_its_places() -> None:
    async with fake_openai_server(in_turn(GOOD)) as server:
        base = f"http://127.0.0.1:{server.port}/openai/deployments/mine"
        endpoint = Endpoint(base, "mine", "secret", AZURE, api_version="2024-10-21")
        backend = OpenAIBackend(endpoint, clock=VirtualClock())
        request = ChatRequest(user("hi"), Sampling(top_k=3, repetition_penalty=1.1))
        assert (await reply_of(backend, request)).text == "fine"
        await backend.close()
    version = "api-version=2024-10-21"
    assert server.targets == [f"/openai/deployments/mine/chat/completions?{version}"]
    assert server.fields[0]["api-key"] == "secret"
    assert "authorization" not in server.fields[0]
    assert server.requests[0].keys().isdisjoint({"top_k", "repetition_penalty"})


async def test_a_server_without_a_key_gets_none_and_no_organisation(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("OPENAI_API_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, "of-somebody-else")
    async with talking_to(in_turn(GOOD), api_key=None) as (backend, server):
        await reply_of(backend, ask("hi"))
    assert "of-somebody-else" not in str(server.fields)
    assert "authorization" not in server.fields[0]


def test_each_row_becomes_the_endpoint_of_its_server(catalog: ModelCatalog) -> None:
    environment = {"PLAIN_KEY": " key-of-plain\n", "AZURE_KEY": "key-of-azure"}
    plain, served, azure = (
        remote_endpoint(catalog.get(key), environment) for key in ("plain", "served", "azure")
    )
    assert plain == Endpoint("https://host/v1", "m", "key-of-plain")
    assert served == Endpoint("http://host:8000/v1", "o/m", dialect=VLLM)
    assert azure == Endpoint(
        "https://x.openai.azure.com/openai/deployments/mine",
        "mine",
        "key-of-azure",
        AZURE,
        api_version="2024-10-21",
    )


async def test_the_timeouts_of_a_row_win_over_the_arenas(catalog: ModelCatalog) -> None:
    options = PoolOptions(timeouts=Timeouts(first_token_s=99))
    environment = {"PLAIN_KEY": "k", "AZURE_KEY": "k"}
    pool = build_pool(catalog, clock=VirtualClock(), environment=environment, options=options)
    backend = pool.backends[ModelKey("plain")]
    assert isinstance(backend, OpenAIBackend)
    assert backend._timeouts == Timeouts(connect_s=1, first_token_s=99, between_tokens_s=7)
    timeout = backend._client.timeout
    assert getattr(timeout, "connect", None) == 1
    await pool.close()


def test_the_guide_tells_the_default_timeouts() -> None:
    guide = (Path(__file__).parents[3] / "docs" / "adding-a-model.md").read_text(encoding="utf-8")
    for name, seconds in asdict(Timeouts()).items():
        (line,) = (line for line in guide.splitlines() if line.startswith(f"| `{name}`"))
        assert line.endswith(f"| {seconds:g} |")


@pytest.mark.parametrize("name", REMOTE_DIALECTS)
def test_the_guide_tells_every_kind_of_server(name: str) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "adding-a-model.md").read_text(encoding="utf-8")
    (line,) = (line for line in guide.splitlines() if line.startswith("| `server`"))
    assert f"`{name}`" in line


async def test_a_missing_key_fails_its_model_and_no_other(
    catalog: ModelCatalog, caplog: pytest.LogCaptureFixture
) -> None:
    pool = build_pool(
        catalog.only(["plain", "told"]), clock=VirtualClock(), environment={"PLAIN_KEY": " "}
    )
    await pool.start()
    await until(lambda: pool.ready_keys() == {"told"})
    assert pool.states()[ModelKey("plain")] is ModelState.FAILED
    assert await pool.fits(user("hi"), pool.backends) == {"told": True}
    reason = "PLAIN_KEY (for plain) is not set: set it and restart the arena"
    assert pool.statuses()[ModelKey("plain")].last_error == reason
    assert reason in caplog.text
    assert not await pool.backends[ModelKey("plain")].fits(user("hi"))
    with pytest.raises(ModelUnavailable, match="PLAIN_KEY"):
        await anext(pool.stream(ModelKey("plain"), ask("hi")))
    await pool.close()
    assert isinstance(pool.backends[ModelKey("plain")], KeylessBackend)
    assert pool.states()[ModelKey("plain")] is ModelState.STOPPED


@pytest.mark.parametrize("key", ["se\ncret", "sécret", "se\x00cret"])
def test_a_key_that_no_request_can_carry_is_not_repeated(catalog: ModelCatalog, key: str) -> None:
    with pytest.raises(MissingApiKey, match="PLAIN_KEY") as caught:
        remote_endpoint(catalog.get("plain"), {"PLAIN_KEY": key})
    assert key not in str(caught.value)
