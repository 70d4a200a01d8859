"""A restarted engine has the row that the arena was started with, whatever its files say by now."""

import os
import signal
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import psutil
import pytest

from arena.catalog import load_catalog
from arena.domain.backoff import Backoff
from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState
from arena.inference.clock import SystemClock
from arena.inference.engines.backend import EngineBackend
from arena.inference.engines.supervisor import SupervisorTimings
from arena.inference.pool_building import PoolOptions, build_pool
from tests.fakes.catalogs import EMBEDDED
from tests.fakes.chat_requests import ask, reply_of
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

TEMPLATE = "{% for m in messages %}{{ m.role }}: {{ m.content }}\n{% endfor %}assistant:"
CATALOG = f"""
models:
  tiny:
    name: Tiny
    backend: local
    source: {EMBEDDED}
    system_prompt: Be brief.
    prompt_format: mine.jinja
"""


@asynccontextmanager
async def serving(folder: Path, **environment: str) -> AsyncGenerator[EngineBackend, None]:
    """Serve the one model of a catalog, which may change as soon as the arena has started."""
    (folder / "mine.jinja").write_text(TEMPLATE, encoding="utf-8")
    (folder / "models.yaml").write_text(CATALOG, encoding="utf-8")
    options = PoolOptions(timings=SupervisorTimings(backoff=Backoff(0.05), ready_poll_s=0.05))
    catalog = load_catalog(folder / "models.yaml")
    known = {**os.environ, **environment}
    pool = build_pool(catalog, clock=SystemClock(), environment=known, options=options)
    backend = pool.backends[ModelKey("tiny")]
    assert isinstance(backend, EngineBackend)
    await pool.start()
    try:
        await until(lambda: backend.state is ModelState.READY)
        yield backend
    finally:
        await pool.close()


async def killed_and_back(backend: EngineBackend) -> None:
    assert backend.supervisor.pid is not None
    starts = backend.supervisor.starts
    os.kill(backend.supervisor.pid, signal.SIGKILL)
    await until(lambda: backend.supervisor.starts > starts and backend.state is ModelState.READY)


async def rendered_by(backend: EngineBackend) -> str | None:
    return (await reply_of(backend, ask("Hi", tokens=1))).finished.rendered_prompt


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edited(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    return edited


CHANGES = {
    "another system prompt": edit("models.yaml", "Be brief.", "Lie."),
    "another template": edit("mine.jinja", "m.role", "m.content"),
    "a typo": edit("models.yaml", "backend: local", "backend: [loca"),
}


async def test_an_engine_comes_back_with_the_configuration_of_its_fingerprint(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path) as backend:
        before = await rendered_by(backend)
        assert before == "system: Be brief.\nuser: Hi\nassistant:"
        for name, change in CHANGES.items():
            change(tmp_path)
            await killed_and_back(backend)
            assert await rendered_by(backend) == before, name


SECRETS = {
    "ARENA_ADMIN_PASSWORD": "secret-admin",
    "ARENA_METRICS_TOKEN": "secret-metrics",
    "OPENAI_API_KEY": "secret-openai",
    "NVIDIA_API_KEY": "secret-nvidia",
    "HF_TOKEN": "secret-hub",
    "AWS_SECRET_ACCESS_KEY": "secret-cloud",
    "MY_DATABASE": "postgres://me:secret-database@host/",
}


async def test_an_engine_process_holds_none_of_the_arena_s_secrets(tmp_path: Path) -> None:
    async with serving(tmp_path, **SECRETS) as backend:
        address = backend.supervisor.address
        assert address is not None
        assert backend.supervisor.pid is not None
        engine = psutil.Process(backend.supervisor.pid)
        line, environment = " ".join(engine.cmdline()), engine.environ()
    assert address.token not in line
    assert "Be brief." not in line
    assert "--key tiny" in line
    assert "secret" not in f"{line} {environment}"
    assert environment["HOME"] == os.environ["HOME"]
