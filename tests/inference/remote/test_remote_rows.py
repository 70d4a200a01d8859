"""Rows of the catalog become endpoints of their servers, with the guide's timeouts and keys."""

from dataclasses import asdict
from pathlib import Path

import pytest

from arena.catalog import ModelCatalog, load_catalog
from arena.catalog.dialects import AZURE, REMOTE_DIALECTS, VLLM
from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState
from arena.inference.errors import ModelUnavailable
from arena.inference.pool_building import (
    KeylessBackend,
    MissingApiKey,
    PoolOptions,
    build_pool,
    remote_endpoint,
)
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.openai_transport import OpenAITransport
from arena.inference.remote.request import Endpoint
from arena.inference.remote.waits import Timeouts
from tests.fakes.chat_requests import ask, user
from tests.fakes.clock import VirtualClock
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

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
    transport = backend._transport
    assert isinstance(transport, OpenAITransport)
    assert getattr(transport._client.timeout, "connect", None) == 1
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
