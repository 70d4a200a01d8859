"""Models in vLLM are planned with all others, and start on the GPUs of their placements."""

import os
from pathlib import Path

import pytest

from arena.catalog import load_catalog
from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState
from arena.inference.clock import SystemClock
from arena.inference.engines.supervisor import SupervisorTimings
from arena.inference.lifecycle import LifecycleTimings
from arena.inference.placement import Gpu, Machine
from arena.inference.pool import ModelPool
from arena.inference.pool_building import PoolOptions, build_pool
from tests.fakes.catalogs import EMBEDDED
from tests.fakes.chat_requests import ask
from tests.fakes.processes import none_alive
from tests.fakes.vllm_environments import VllmEnvironment, vllm_environment
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

ONE, TWO = ModelKey("one"), ModelKey("two")
TWO_GPUS = Machine((Gpu(0, 24 * GIB, 23 * GIB), Gpu(1, 24 * GIB, 22 * GIB)), 64 * GIB, 2)


def pool_of(folder: Path, machine: Machine, *envs: VllmEnvironment, more: str = "") -> ModelPool:
    rows = [
        f"  {key}: {{name: M, backend: local, engine: vllm, source: {EMBEDDED}, "
        f"python: {made.python}{more}}}"
        for key, made in zip((ONE, TWO), envs, strict=False)
    ]
    file = folder / "models.yaml"
    file.write_text("\n".join(["models:", *rows]), encoding="utf-8")
    options = PoolOptions(
        machine=machine,
        lifecycle=LifecycleTimings(tick_s=0.02, leave_s=0.05),
        timings=SupervisorTimings(loading_poll_s=0.05, ready_poll_s=0.05),
    )
    known = {**os.environ, "ARENA_ADMIN_PASSWORD": "secret", "OPENAI_API_KEY": "secret"}
    return build_pool(load_catalog(file), clock=SystemClock(), environment=known, options=options)


async def test_each_model_starts_on_the_gpu_of_its_placement_with_its_share(
    tmp_path: Path,
) -> None:
    envs = [vllm_environment(tmp_path / name) for name in ("first", "second")]
    pool = pool_of(tmp_path, TWO_GPUS, *envs)
    await pool.start()
    try:
        await until(lambda: pool.ready_keys() == {ONE, TWO})
        runs = [made.runs()[0] for made in envs]
        assert {run.environment["CUDA_VISIBLE_DEVICES"] for run in runs} == {"0", "1"}
        for run in runs:
            share = float(run.option("--gpu-memory-utilization") or 0)
            assert 4 / 24 < share < 5 / 24  # its overhead, and a model of some megabytes
            assert "secret" not in str(run.environment)
        assert "GPU " in pool.statuses()[ONE].progress
        assert [event async for event in pool.stream(TWO, ask("hi", tokens=4))]
    finally:
        await pool.close()
    await until(lambda: all(none_alive(run.pids) for run in runs))
    assert set(pool.states().values()) == {ModelState.STOPPED}


async def test_a_model_with_two_gpus_is_one_vllm_with_both(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env")
    pool = pool_of(tmp_path, TWO_GPUS, made, more=", devices: [0, 1]")
    await pool.start()
    try:
        await until(lambda: pool.ready_keys() == {ONE})
        (run,) = made.runs()
        assert run.option("--tensor-parallel-size") == "2"
        assert run.environment["CUDA_VISIBLE_DEVICES"] == "0,1"
        assert pool.statuses()[ONE].progress.endswith("GPUs 0, 1")
    finally:
        await pool.close()


async def test_without_a_gpu_vllm_is_not_even_started(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env")
    pool = pool_of(tmp_path, Machine((), 8 * GIB, 2), made)
    await pool.start()
    try:
        await until(lambda: "needs a GPU" in pool.statuses()[ONE].progress)
        assert made.runs() == []
    finally:
        await pool.close()


async def test_a_gpu_that_cannot_be_planned_is_left_to_vllm(tmp_path: Path) -> None:
    made = vllm_environment(tmp_path / "env")
    pool = pool_of(tmp_path, Machine((), 8 * GIB, 2, ("AMD's GPUs are here",)), made)
    await pool.start()
    try:
        await until(lambda: pool.ready_keys() == {ONE})
        (run,) = made.runs()
        assert run.option("--gpu-memory-utilization") is None
    finally:
        await pool.close()
