"""The backends that the contract is tried on, each with a way to count what it still does."""

import os
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from arena.catalog import Script, load_catalog
from arena.catalog.dialects import VLLM
from arena.inference.backend import ChatBackend, ModelState
from arena.inference.clock import SystemClock
from arena.inference.engines.backend import EngineBackend
from arena.inference.engines.process import ask_health
from arena.inference.engines.vllm.command import VllmCommand
from arena.inference.pool_building import build_pool
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.request import Endpoint
from arena.inference.scripted_backend import ScriptedBackend
from tests.fakes.openai_server import fake_openai_server
from tests.fakes.vllm_environments import vllm_environment, vllm_row
from tests.fakes.waiting import until

LONG = "A long text, 一字一句, " * 40


@dataclass(frozen=True, slots=True)
class Subject:
    """A started backend, and the number of replies that its server is working on."""

    backend: ChatBackend
    active: Callable[[], Awaitable[int]]


@asynccontextmanager
async def scripted(folder: Path) -> AsyncGenerator[Subject, None]:
    """A scripted backend in real time, fast enough for tests."""
    script = Script(replies=(LONG,), tokens_per_second=2000)
    backend = ScriptedBackend(script, clock=SystemClock(), max_context=1000)

    async def active() -> int:
        return backend.active

    await backend.start()
    yield Subject(backend, active)
    await backend.close()


@asynccontextmanager
async def remote(folder: Path) -> AsyncGenerator[Subject, None]:
    """The OpenAI client against the local fake server, which continues as vLLM does."""
    async with fake_openai_server() as server:
        endpoint = Endpoint(server.base_url, "some-model", dialect=VLLM, max_context=1000)
        backend = OpenAIBackend(endpoint, clock=SystemClock())

        async def active() -> int:
            return server.active

        await backend.start()
        yield Subject(backend, active)
        await backend.close()


@asynccontextmanager
async def engine(file: Path) -> AsyncGenerator[Subject, None]:
    """A real engine process with a tiny model, supervised."""
    catalog = load_catalog(file)
    pool = build_pool(catalog, clock=SystemClock())
    backend = next(iter(pool.backends.values()))
    assert isinstance(backend, EngineBackend)
    await backend.start()
    try:
        await until(lambda: _is_settled(backend))
        assert backend.state is ModelState.READY, backend.status.last_error
        yield Subject(backend, lambda: _active(backend))
    finally:
        await backend.close()


@asynccontextmanager
async def vllm(file: Path) -> AsyncGenerator[Subject, None]:
    """vLLM as our supervisor has it, played by a program with the fake server's protocol."""
    with TemporaryDirectory() as folder:
        row = vllm_row(vllm_environment(Path(folder) / "env"))
        backend = EngineBackend(VllmCommand(row, dict(os.environ)), clock=SystemClock())
        await backend.start()
        try:
            await until(lambda: _is_settled(backend))
            assert backend.state is ModelState.READY, backend.status.last_error
            yield Subject(backend, lambda: _active_in_vllm(backend))
        finally:
            await backend.close()


async def _active_in_vllm(backend: EngineBackend) -> int:
    address = backend.supervisor.address
    assert address is not None
    async with httpx.AsyncClient(trust_env=False) as client:
        asked = await client.get(f"{address.origin}/active")
        return int(asked.json()["active"])


async def _active(backend: EngineBackend) -> int:
    address = backend.supervisor.address
    assert address is not None
    async with httpx.AsyncClient(trust_env=False) as client:
        return (await ask_health(client, address)).active


def _is_settled(backend: EngineBackend) -> bool:
    return backend.state in {ModelState.READY, ModelState.FAILED}
