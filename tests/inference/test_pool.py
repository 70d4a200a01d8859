"""The pool is all models of a catalog: one bad model never hinders the others."""

import os
from collections.abc import AsyncGenerator
from pathlib import Path

import pytest

from arena.catalog import ModelCatalog, Script, load_catalog
from arena.domain.byte_sizes import GIB
from arena.domain.conversation import Message, ModelKey
from arena.inference.backend import Finished, ModelState
from arena.inference.engines.backend import EngineBackend
from arena.inference.engines.command import EngineCommand
from arena.inference.engines.environment import environment_of
from arena.inference.errors import InferenceError, ModelUnavailable
from arena.inference.placement import Machine
from arena.inference.pool import ModelPool
from arena.inference.pool_building import (
    MissingApiKey,
    PoolOptions,
    build_pool,
    engine_command,
    remote_endpoint,
)
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.scripted_backend import ScriptedBackend
from tests.fakes.chat_requests import ask, user
from tests.fakes.clock import VirtualClock

pytestmark = pytest.mark.anyio

CATALOG = """
models:
  near: {name: Near, backend: local, source: ./weights}
  second: {name: Second, backend: local, source: ./weights, devices: [1, 3]}
  third: {name: Third, backend: local, source: ./weights, devices: cpu}
  far:
    name: Far
    backend: openai
    base_url: https://example.org/v1
    model: far-1
    api_key_env: FAR_KEY
    system_prompt: Be brief.
    max_context: 1000
  told: {name: Told, backend: scripted, script: {replies: [Hello there.]}, max_context: 50}
  off: {name: 'Off', backend: scripted, script: {replies: [x]}, enabled: false}
"""


class BrokenBackend(ScriptedBackend):
    """Ready, and unable to measure anything."""

    async def fits(self, messages: tuple[Message, ...]) -> bool:
        """Fail as an engine that has just died."""
        raise ModelUnavailable("gone")

    async def close(self) -> None:
        """Fail to close."""
        await super().close()
        raise RuntimeError("cannot close")


def scripted(
    kind: type[ScriptedBackend] = ScriptedBackend, *, context: int = 50
) -> ScriptedBackend:
    return kind(Script(replies=("Hello there.",)), clock=VirtualClock(), max_context=context)


@pytest.fixture
async def pool() -> AsyncGenerator[ModelPool, None]:
    """Two good models, one of them with little room."""
    pool = ModelPool({ModelKey("a"): scripted(), ModelKey("b"): scripted(context=5000)})
    await pool.start()
    yield pool
    await pool.close()


@pytest.fixture
def catalog(tmp_path: Path) -> ModelCatalog:
    """A catalog with a row of each kind."""
    path = tmp_path / "models.yaml"
    path.write_text(CATALOG, encoding="utf-8")
    return load_catalog(path)


async def test_started_models_are_ready(pool: ModelPool) -> None:
    assert pool.ready_keys() == {"a", "b"}
    assert set(pool.states().values()) == {ModelState.READY}
    assert [status.last_error for status in pool.statuses().values()] == [None, None]


async def test_only_models_with_room_fit(pool: ModelPool) -> None:
    both = pool.ready_keys()
    assert await pool.fits(user("short"), both) == {"a": True, "b": True}
    assert await pool.fits(user("long " * 100), both) == {"a": False, "b": True}
    assert await pool.fits(user("long " * 10_000), both) == {"a": False, "b": False}
    assert await pool.fits(user("short"), [ModelKey("b")]) == {"b": True}


async def test_a_model_streams_by_its_key(pool: ModelPool) -> None:
    events = [event async for event in pool.stream(ModelKey("a"), ask("hi"))]
    assert isinstance(events[-1], Finished)


async def test_an_unknown_key_is_an_inference_error(pool: ModelPool) -> None:
    with pytest.raises(InferenceError):
        await anext(pool.stream(ModelKey("nobody"), ask("hi")))


async def test_a_broken_model_says_nothing_and_hinders_nobody() -> None:
    broken, good = scripted(BrokenBackend), scripted()
    pool = ModelPool({ModelKey("broken"): broken, ModelKey("good"): good})
    await pool.start()
    assert await pool.fits(user("hi"), pool.backends) == {"good": True}
    with pytest.raises(RuntimeError, match="cannot close"):
        await pool.close()
    assert good.state is ModelState.STOPPED


async def test_each_enabled_row_becomes_the_backend_of_its_kind(catalog: ModelCatalog) -> None:
    pool = build_pool(catalog, clock=VirtualClock(), environment={"FAR_KEY": "k"})
    kinds = {key: type(backend) for key, backend in pool.backends.items()}
    assert kinds == {
        "near": EngineBackend,
        "second": EngineBackend,
        "third": EngineBackend,
        "far": OpenAIBackend,
        "told": ScriptedBackend,
    }
    await pool.close()


def test_a_missing_api_key_is_named(catalog: ModelCatalog) -> None:
    with pytest.raises(MissingApiKey, match=r"FAR_KEY \(for far\)"):
        remote_endpoint(catalog.get("far"), {})


def test_a_remote_row_keeps_its_prompt_key_and_limits(catalog: ModelCatalog) -> None:
    endpoint = remote_endpoint(catalog.get("far"), {"FAR_KEY": "very-secret"})
    assert (endpoint.base_url, endpoint.model) == ("https://example.org/v1", "far-1")
    assert (endpoint.system_prompt, endpoint.max_context) == ("Be brief.", 1000)
    assert endpoint.api_key == "very-secret"
    assert "very-secret" not in repr(endpoint)


async def test_engines_share_the_cores_and_know_no_secrets(catalog: ModelCatalog) -> None:
    hub = {"HF_HOME": "/cache", "HF_ENDPOINT": "http://m", "HF_HUB_OFFLINE": "1"}
    secrets = {"FAR_KEY": "k", "ARENA_ADMIN_PASSWORD": "p", "OFF_KEY": "o", "HF_TOKEN": "hf_t"}
    pool = build_pool(
        catalog,
        clock=VirtualClock(),
        environment={**hub, **secrets},
        options=PoolOptions(cores=8),
    )
    engine = pool.backends[ModelKey("near")]
    assert isinstance(engine, EngineBackend)
    command = engine.supervisor.command
    assert isinstance(command, EngineCommand)
    assert command.argv[command.argv.index("--threads") + 1] == "2"
    assert command.environment == hub
    await pool.close()


def test_a_command_shows_no_secret_when_it_is_logged(tmp_path: Path) -> None:
    file = tmp_path / "models.yaml"
    file.write_text("models:\n  n: {name: N, backend: local, source: org/m}\n", encoding="utf-8")
    row = load_catalog(file).get("n")
    command = engine_command(row, 1, environment_of(row, {"HF_TOKEN": "hf_t"}))
    assert command.environment["HF_TOKEN"] == "hf_t"
    assert "hf_t" not in repr(command)


def test_an_engine_gets_the_variables_that_its_row_names(tmp_path: Path) -> None:
    file = tmp_path / "models.yaml"
    row = "{name: N, backend: local, source: ./w, environment: [MY_CACHE, MY_KEY]}"
    file.write_text(f"models:\n  n: {row}\n", encoding="utf-8")
    known = {"MY_CACHE": "/c", "MY_KEY": "k", "MY_OTHER": "o"}
    assert environment_of(load_catalog(file).get("n"), known) == {"MY_CACHE": "/c", "MY_KEY": "k"}


def test_a_token_of_the_hub_that_also_opens_a_remote_model_still_reaches_engines(
    tmp_path: Path,
) -> None:
    file = tmp_path / "models.yaml"
    far = "{name: F, backend: openai, base_url: 'https://h/v1', model: m, api_key_env: HF_TOKEN}"
    near = "{name: N, backend: local, source: org/gated}"
    file.write_text(f"models:\n  far: {far}\n  near: {near}\n", encoding="utf-8")
    pool = build_pool(load_catalog(file), clock=VirtualClock(), environment={"HF_TOKEN": "hf_t"})
    engine = pool.backends[ModelKey("near")]
    assert isinstance(engine, EngineBackend)
    command = engine.supervisor.command
    assert isinstance(command, EngineCommand)
    assert command.environment["HF_TOKEN"] == "hf_t"


def test_a_gpu_that_cannot_be_planned_stands_with_the_models_and_in_the_log(
    catalog: ModelCatalog, caplog: pytest.LogCaptureFixture
) -> None:
    words = "GPU 0 is not used: nvidia-smi tells [N/A] for its memory"
    options = PoolOptions(machine=Machine((), 8 * GIB, 2, (words,)))
    pool = build_pool(catalog, clock=VirtualClock(), environment={"FAR_KEY": "k"}, options=options)
    told = {key: status.progress for key, status in pool.statuses().items()}
    assert words in told[ModelKey("near")]
    assert words in told[ModelKey("second")]
    assert words not in told[ModelKey("third")]  # it is for the CPU
    assert words in caplog.text


@pytest.mark.parametrize(("key", "gpus"), [("near", None), ("second", "1,3"), ("third", "")])
def test_an_engine_sees_only_the_gpus_of_its_row(
    catalog: ModelCatalog, key: str, gpus: str | None
) -> None:
    command = engine_command(catalog.get(key), 1, {"PATH": os.defpath})
    assert command.environment.get("CUDA_VISIBLE_DEVICES") == gpus
