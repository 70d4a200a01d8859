"""Machines are read from text, and engines are started on just the devices of their placement."""

import os
import sys
from pathlib import Path

import pytest

from arena.domain.conversation import ModelKey
from arena.inference.engine_backend import placed
from arena.inference.engine_process import EngineCommand
from arena.inference.placement import Gpu, Placement, Stay
from arena.inference.placement import machine as machine_module
from arena.inference.placement.machine import free_memory, gpus_of, resident_bytes, this_machine
from arena.inference.placement.sizes import RAM

MIB = 2**20
ANSWER = """\
0, GPU-aa11, 81559, 80994
1, GPU-bb22, 81559, 12
2, GPU-cc33, [Unknown Error], [Unknown Error]
"""


def test_the_gpus_of_a_machine_are_read_and_a_broken_one_is_left_out() -> None:
    assert gpus_of(ANSWER) == (
        Gpu(0, 81559 * MIB, 80994 * MIB),
        Gpu(1, 81559 * MIB, 12 * MIB),
    )


@pytest.mark.parametrize(
    ("visible", "expected"), [("1", [1]), ("1, 0", [0, 1]), ("", []), ("GPU-aa", [0]), ("-1", [])]
)
def test_only_gpus_that_we_may_see_count(visible: str, expected: list[int]) -> None:
    assert [gpu.index for gpu in gpus_of(ANSWER, visible=visible)] == expected


def test_free_memory_is_what_linux_calls_available() -> None:
    assert free_memory("MemTotal: 100 kB\nMemFree: 1 kB\nMemAvailable:   50 kB\n") == 50 * 1024
    assert free_memory("") == 0


def test_a_machine_without_nvidia_smi_has_no_gpus(tmp_path: Path) -> None:
    assert this_machine({"PATH": str(tmp_path)}).gpus == ()


@pytest.mark.parametrize(("code", "count"), [(0, 1), (9, 0)])
def test_nvidia_smi_is_asked_and_its_failure_means_none(
    code: int, count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"import sys; print('0, GPU-a, 1000, 900'); sys.exit({code})"
    monkeypatch.setattr(machine_module, "NVIDIA_SMI", (sys.executable, "-c", program))
    assert len(this_machine({}).gpus) == count


def test_the_memory_of_a_process_is_known_while_it_lives() -> None:
    assert (resident_bytes(os.getpid()) or 0) > MIB
    assert resident_bytes(2**22 + 1) is None


def placement(takes: dict[int, int], cache: int | None = 77) -> Placement:
    key = ModelKey("m")
    return Placement(key=key, stay=Stay.LOADED, reason="", takes=takes, cache_bytes=cache)


def test_an_engine_sees_its_gpus_and_counts_them_from_zero() -> None:
    command = placed(EngineCommand(("engine",), {"A": "b"}, "m"), placement({3: 1, 1: 1}))
    assert command.argv == ("engine", "--devices", "0,1", "--cache-bytes", "77")
    assert command.environment["CUDA_VISIBLE_DEVICES"] == "1,3"
    assert command.environment["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    assert command.environment["A"] == "b"


def test_an_engine_on_the_cpu_sees_no_gpu() -> None:
    command = placed(EngineCommand(("engine",), {}, "m"), placement({RAM: 1}, cache=None))
    assert command.argv == ("engine", "--devices", "cpu")
    assert command.environment["CUDA_VISIBLE_DEVICES"] == ""
