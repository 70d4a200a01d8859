"""An engine that is killed comes back with the row that the arena was started with.

All tests have the same engine, because its start is what they cost.
"""

import asyncio
import os
import signal
from collections.abc import AsyncGenerator, Callable
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
from arena.inference.errors import InferenceError
from arena.inference.pool import ModelPool
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


SECRETS = {
    "ARENA_ADMIN_PASSWORD": "secret-admin",
    "ARENA_METRICS_TOKEN": "secret-metrics",
    "OPENAI_API_KEY": "secret-openai",
    "NVIDIA_API_KEY": "secret-nvidia",
    "HF_TOKEN": "secret-hub",
    "AWS_SECRET_ACCESS_KEY": "secret-cloud",
    "MY_DATABASE": "postgres://me:secret-database@host/",
}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for the module: the supervisor lives on it."""
    return "asyncio"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The catalog and its template, which may change as soon as the arena has started."""
    folder = tmp_path_factory.mktemp("rows")
    (folder / "mine.jinja").write_text(TEMPLATE, encoding="utf-8")
    (folder / "models.yaml").write_text(CATALOG, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
async def pool(folder: Path, anyio_backend: str) -> AsyncGenerator[ModelPool, None]:
    """The one model of the catalog, in an arena that knows secrets."""
    options = PoolOptions(timings=SupervisorTimings(backoff=Backoff(0.05), ready_poll_s=0.05))
    catalog = load_catalog(folder / "models.yaml")
    known = {**os.environ, **SECRETS}
    pool = build_pool(catalog, clock=SystemClock(), environment=known, options=options)
    await pool.start()
    yield pool
    await pool.close()
    assert set(pool.states().values()) == {ModelState.STOPPED}


@pytest.fixture
async def backend(pool: ModelPool) -> EngineBackend:
    """The model, ready."""
    backend = pool.backends[ModelKey("tiny")]
    assert isinstance(backend, EngineBackend)
    await until(lambda: backend.state is ModelState.READY)
    return backend


async def back_after(backend: EngineBackend, starts: int) -> None:
    await until(lambda: backend.supervisor.starts > starts and backend.state is ModelState.READY)


async def killed_and_back(backend: EngineBackend) -> None:
    assert backend.supervisor.pid is not None
    starts = backend.supervisor.starts
    os.kill(backend.supervisor.pid, signal.SIGKILL)
    await back_after(backend, starts)


async def rendered_by(backend: EngineBackend) -> str | None:
    return (await reply_of(backend, ask("Hi", tokens=1))).finished.rendered_prompt


async def test_an_engine_process_holds_none_of_the_arena_s_secrets(backend: EngineBackend) -> None:
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


async def test_a_killed_engine_fails_its_reply_and_answers_the_next_one(
    backend: EngineBackend,
) -> None:
    pid, starts = backend.supervisor.pid, backend.supervisor.starts
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)  # so that the reply cannot end before the engine does
    reply = asyncio.create_task(reply_of(backend, ask("What is 12 + 7?")))
    await asyncio.sleep(0)
    os.kill(pid, signal.SIGKILL)
    with pytest.raises(InferenceError):
        await reply
    await back_after(backend, starts)
    assert backend.supervisor.starts == starts + 1
    assert (await reply_of(backend, ask("What is 12 + 7?", tokens=5))).finished


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edited(folder: Path) -> None:
        text = (folder / name).read_text(encoding="utf-8")
        assert old in text
        (folder / name).write_text(text.replace(old, new), encoding="utf-8")

    return edited


CHANGES = {
    "another system prompt and another template": (
        edit("models.yaml", "Be brief.", "Lie."),
        edit("mine.jinja", "m.role", "m.content"),
    ),
    "a typo": (edit("models.yaml", "backend: local", "backend: [loca"),),
}


async def test_an_engine_comes_back_with_the_configuration_of_its_fingerprint(
    folder: Path, backend: EngineBackend
) -> None:
    before = await rendered_by(backend)
    assert before == "system: Be brief.\nuser: Hi\nassistant:"
    for name, changes in CHANGES.items():
        for change in changes:
            change(folder)
        await killed_and_back(backend)
        assert await rendered_by(backend) == before, name
