"""Three real engines with memory for two: they take turns, and say what they hold."""

from pathlib import Path

import pytest

from arena.catalog import ModelCatalog, load_catalog
from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.backend import ModelState
from arena.inference.clock import SystemClock
from arena.inference.engines.backend import EngineBackend
from arena.inference.engines.supervisor import SupervisorTimings
from arena.inference.lifecycle import LifecycleTimings
from arena.inference.placement import Gpu, Machine
from arena.inference.pool import ModelPool
from arena.inference.pool_building import PoolOptions, build_pool
from tests.fakes.chat_requests import ask, user
from tests.fakes.clock import VirtualClock
from tests.fakes.real_models import RealModel
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

ONE, TWO, THREE = map(ModelKey, ("one", "two", "three"))
QUICK = LifecycleTimings(tick_s=0.02, leave_s=0.05)
FOR_TWO = {
    "demo": Machine((), int(2.2 * GIB), 2),
    "smollm2": Machine((), 4 * GIB, 2),
}
MOST_HELD = {"demo": GIB, "smollm2": 2 * GIB}


def catalog(folder: Path, model: RealModel, count: int = 3) -> ModelCatalog:
    more = "".join(f", {setting}" for setting in model.settings)
    rows = [
        f"  {key}: {{name: {key}, backend: local, source: {model.source}{more}}}"
        for key in (ONE, TWO, THREE)[:count]
    ]
    path = folder / "models.yaml"
    path.write_text("\n".join(["models:", *rows]), encoding="utf-8")
    return load_catalog(path)


def pool_of(made: ModelCatalog, machine: Machine) -> ModelPool:
    timings = SupervisorTimings(loading_poll_s=0.05, ready_poll_s=0.05)
    options = PoolOptions(machine=machine, lifecycle=QUICK, timings=timings)
    return build_pool(made, clock=SystemClock(), options=options)


async def test_a_third_model_takes_the_place_of_an_idle_one(
    tmp_path: Path, real_model: RealModel
) -> None:
    pool = pool_of(catalog(tmp_path, real_model), FOR_TWO[real_model.name])
    await pool.start()
    try:
        await until(lambda: pool.ready_keys() == {ONE, TWO})
        status = pool.statuses()
        assert status[THREE].progress == "waits for its turn"
        assert status[ONE].progress.endswith("CPU")
        await until(lambda: (pool.statuses()[ONE].memory.ram_bytes or 0) > 50 * 2**20)
        assert (pool.statuses()[ONE].memory.ram_bytes or 0) < MOST_HELD[real_model.name]
        assert status[ONE].restarts == 0
        assert not pool.hold("battle", [TWO, THREE])
        await until(lambda: pool.ready_keys() == {TWO, THREE})
        assert pool.hold("battle", [TWO, THREE])
        assert [event async for event in pool.stream(THREE, ask("hi", tokens=4))]
        assert await pool.fits(user("hi"), pool.backends) == {TWO: True, THREE: True}
        pool.release("battle")
    finally:
        await pool.close()
    assert set(pool.states().values()) == {ModelState.STOPPED}


@pytest.mark.parametrize(
    ("count", "machine", "managed"),
    [
        (2, Machine((), 2 * GIB, 2), False),
        (3, Machine((), 2 * GIB, 2), True),
        (2, Machine((Gpu(0, GIB, GIB),), GIB, 2), True),
    ],
)
def test_two_models_without_a_gpu_need_no_plan(
    tmp_path: Path, real_model: RealModel, count: int, machine: Machine, *, managed: bool
) -> None:
    options = PoolOptions(machine=machine)
    pool = build_pool(catalog(tmp_path, real_model, count), clock=VirtualClock(), options=options)
    assert (pool.lifecycle is not None) == managed
    assert all(isinstance(backend, EngineBackend) for backend in pool.backends.values())
    assert pool.lifecycle is not None or pool.hold("anybody", [ONE])
