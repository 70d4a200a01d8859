"""An engine that is killed with a reply in hand: the reply fails, the model comes back."""

import asyncio
import os
import signal
from pathlib import Path

import pytest

from arena.catalog import load_catalog
from arena.domain.backoff import Backoff
from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState
from arena.inference.clock import SystemClock
from arena.inference.engines.backend import EngineBackend
from arena.inference.engines.supervisor import SupervisorTimings
from arena.inference.errors import InferenceError
from arena.inference.pool_building import PoolOptions, build_pool
from tests.fakes.catalogs import EMBEDDED, write_catalog
from tests.fakes.chat_requests import ask, reply_of
from tests.fakes.checkpoints import save_random_checkpoint
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio


async def test_a_killed_engine_fails_its_reply_and_answers_the_next_one(tmp_path: Path) -> None:
    source = EMBEDDED if EMBEDDED.is_dir() else save_random_checkpoint(tmp_path / "checkpoint")
    catalog = load_catalog(write_catalog(tmp_path, source))
    options = PoolOptions(timings=SupervisorTimings(backoff=Backoff(0.05), ready_poll_s=0.05))
    pool = build_pool(catalog, clock=SystemClock(), options=options)
    backend = pool.backends[ModelKey("tiny")]
    assert isinstance(backend, EngineBackend)
    await pool.start()
    try:
        await until(lambda: backend.state is ModelState.READY)
        pid = backend.supervisor.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)  # so that the reply cannot end before the engine does
        reply = asyncio.create_task(reply_of(backend, ask("What is 12 + 7?")))
        await asyncio.sleep(0)
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(InferenceError):
            await reply
        await until(lambda: backend.supervisor.starts == 2 and backend.state is ModelState.READY)
        assert (await reply_of(backend, ask("What is 12 + 7?", tokens=5))).finished
    finally:
        await pool.close()
    assert backend.state is ModelState.STOPPED
