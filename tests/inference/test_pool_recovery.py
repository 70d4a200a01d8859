"""What the pool says of an engine that has died: one that comes back is on its way."""

import os
import re
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from arena.domain.backoff import Backoff
from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState
from arena.inference.clock import SystemClock
from arena.inference.engines.backend import EngineBackend
from arena.inference.engines.command import EngineCommand
from arena.inference.engines.supervisor import SupervisorTimings
from arena.inference.pool import ModelPool
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

PROGRAM = Path(__file__).parent.parent / "fakes" / "engine_program.py"
KEY = ModelKey("engine")


@asynccontextmanager
async def started(scenario: str) -> AsyncGenerator[tuple[ModelPool, EngineBackend], None]:
    """A pool whose one engine waits for long before it is started again."""
    command = EngineCommand((sys.executable, str(PROGRAM), scenario), dict(os.environ), KEY)
    timings = SupervisorTimings(loading_poll_s=0.01, ready_poll_s=0.01, backoff=Backoff(300))
    backend = EngineBackend(command, clock=SystemClock(), timings=timings)
    pool = ModelPool({KEY: backend})
    await pool.start()
    try:
        yield pool, backend
    finally:
        await pool.close()


async def test_to_the_drawing_a_killed_engine_is_loading_and_to_the_admin_it_has_failed() -> None:
    async with started("healthy") as (pool, backend):
        await until(lambda: pool.states()[KEY] is ModelState.READY)
        assert backend.supervisor.pid is not None
        os.kill(backend.supervisor.pid, signal.SIGKILL)
        await until(lambda: backend.state is ModelState.FAILED)
        assert pool.states()[KEY] is ModelState.LOADING
        assert pool.ready_keys() == frozenset()
        status = pool.statuses()[KEY]
        assert (status.state, status.progress) == (ModelState.FAILED, "restarting in 300 s")
        assert re.search("killed by signal 9|does not answer", status.last_error or "")
    assert pool.states()[KEY] is ModelState.STOPPED


async def test_an_engine_that_was_never_ready_has_failed_to_everybody() -> None:
    async with started("broken-start") as (pool, backend):
        await until(lambda: backend.state is ModelState.FAILED)
        assert pool.states()[KEY] is ModelState.FAILED
