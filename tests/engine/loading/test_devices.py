"""A model for a GPU is refused where torch cannot use one; nothing has been loaded by then.

No machine with a GPU runs these: facts and free memory are put in by hand, the refusal of a real
PyTorch without CUDA is the last test.
"""

from pathlib import Path
from typing import Any

import pytest
import torch

from arena.catalog import ModelRow
from arena.domain.byte_sizes import GIB
from arena.engine.assembly import assemble
from arena.engine.loading.devices import refuse_devices
from arena.engine.loading.failures import DeviceMemory, LoadingFailed
from arena.engine.loading.gpu_support import GpuFacts, VisibleGpu
from arena.engine.loading.gpus import GpuProbe, driver_version, gpu_facts
from tests.engine.loading.test_gpu_support import CPU_BUILD, GOOD, OLD_DRIVER
from tests.fakes.engine_processes import (
    address_of,
    client_of,
    health_after_loading,
    launch,
)
from tests.fakes.loaded_models import row_of

NVRM = """\
NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.104.05  Sat Aug 19 01:15:15 UTC 2023
GCC version:  gcc version 12.2.0 (Debian 12.2.0-14)
"""
OPEN = "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\n"


class Probed:
    """Facts and free memory of an invented machine; counts how often its memory is asked for."""

    def __init__(self, facts: GpuFacts, *free_gib: float) -> None:
        self._facts = facts
        self._free = list(free_gib)
        self.asked: list[int] = []

    @property
    def probe(self) -> GpuProbe:
        return GpuProbe(facts=lambda: self._facts, memory=self._memory)

    def _memory(self, count: int) -> DeviceMemory:
        self.asked.append(count)
        free = int(self._free[len(self.asked) - 1] * GIB)
        return DeviceMemory("GPU 0", 24 * GIB, free)


@pytest.fixture
def row(tmp_path: Path, random_checkpoint: Path) -> ModelRow:
    return row_of(tmp_path, random_checkpoint)


def on(row: ModelRow, devices: Any, **fields: Any) -> ModelRow:
    return row.model_copy(update={"devices": devices, **fields})


@pytest.mark.parametrize("facts", [CPU_BUILD, OLD_DRIVER])
def test_a_model_planned_for_a_gpu_never_loads_on_the_cpu(row: ModelRow, facts: GpuFacts) -> None:
    def begun(step: str) -> None:
        raise AssertionError(f"{step}, on the CPU")

    with pytest.raises(LoadingFailed, match=r"torch\.version\.cuda") as refused:
        assemble(on(row, (0,)), threads=1, on_progress=begun, probe=Probed(facts, 24).probe)
    assert refused.value.permanent


def test_a_model_for_any_device_runs_on_the_cpu_where_there_is_no_gpu(row: ModelRow) -> None:
    refuse_devices(on(row, "auto"), Probed(CPU_BUILD).probe)


def test_a_gpu_without_code_for_it_is_refused_for_any_device_too(row: ModelRow) -> None:
    old = GpuFacts(
        torch="2.13.0",
        cuda="13.0",
        gpus=(VisibleGpu("Tesla P100", (6, 0)),),
        architectures=("sm_75",),
    )
    with pytest.raises(LoadingFailed, match=r"Tesla P100 has compute capability 6\.0"):
        refuse_devices(on(row, "auto"), Probed(old, 16).probe)


@pytest.mark.parametrize("devices", ["cpu", (0,)])
def test_fp8_is_refused_before_anything_is_loaded(row: ModelRow, devices: Any) -> None:
    with pytest.raises(LoadingFailed, match="fp8 needs") as refused:
        refuse_devices(on(row, devices, quantization="fp8"), Probed(GOOD, 24).probe)
    assert refused.value.permanent


def test_a_model_of_the_cpu_asks_for_no_gpu(row: ModelRow) -> None:
    def nobody() -> GpuFacts:
        raise AssertionError("CUDA would be initialised")

    refuse_devices(on(row, "cpu"), GpuProbe(facts=nobody))


def test_free_memory_is_read_anew_before_each_load(row: ModelRow) -> None:
    """Another program has the GPU at the first try, and has left it at the second."""
    shared = Probed(GOOD, 0.00001, 20)
    with pytest.raises(LoadingFailed, match="held by other programs") as refused:
        refuse_devices(on(row, (0,)), shared.probe)
    assert not refused.value.permanent
    refuse_devices(on(row, (0,)), shared.probe)
    assert shared.asked == [1, 1]


def test_the_driver_s_version_is_read_from_its_module(tmp_path: Path) -> None:
    file = tmp_path / "version"
    assert driver_version(file) is None
    for text, version in (
        (NVRM, "535.104.05"),
        (OPEN, "580.65.06"),
        ("?", "of an unknown version"),
    ):
        file.write_text(text, encoding="utf-8")
        assert driver_version(file) == version


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
def test_an_engine_planned_for_a_gpu_is_red_for_good_where_torch_sees_none(catalog: Path) -> None:
    facts = gpu_facts()
    assert (facts.cuda, facts.gpus, bool(facts.trouble)) == (torch.version.cuda, (), True)
    process = launch(catalog, "--devices", "0")
    try:
        with client_of(address_of(process)) as client:
            health = health_after_loading(client)
    finally:
        process.terminate()
        process.communicate()
    assert (health["status"], health["final"]) == ("failed", True)
    assert f"torch.version.cuda is {torch.version.cuda}" in health["detail"]
