"""When the arena is killed in any way, vLLM and its children end too."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes.processes import alive, none_alive
from tests.fakes.vllm_environments import vllm_environment, vllm_row
from tests.fakes.waiting import wait_until

pytestmark = pytest.mark.engine

ROOT = Path(__file__).parents[4]
ARENA = """
import asyncio, os, sys
from arena.catalog import ModelRow
from arena.inference.backend import ModelState
from arena.inference.clock import SystemClock
from arena.inference.engines.backend import EngineBackend
from arena.inference.engines.vllm.command import VllmCommand

async def main():
    row = ModelRow.model_validate_json(sys.argv[1])
    backend = EngineBackend(VllmCommand(row, dict(os.environ)), clock=SystemClock())
    await backend.start()
    await asyncio.Event().wait()

asyncio.run(main())
"""


@pytest.mark.parametrize("scenario", ["healthy", "leaving"])
def test_a_killed_arena_leaves_no_vllm_behind(tmp_path: Path, scenario: str) -> None:
    made = vllm_environment(tmp_path / "env", scenario)
    row = vllm_row(made, devices=[0, 1]).model_dump_json()
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    arena = subprocess.Popen([sys.executable, "-c", ARENA, row], env=environment)
    try:
        wait_until(lambda: bool(made.runs()))
        (run,) = made.runs()
        assert all(map(alive, run.pids))
    finally:
        arena.kill()
        arena.wait()
    wait_until(lambda: none_alive(run.pids))
