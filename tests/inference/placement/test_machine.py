"""Machines are read from text, and engines are started on just the devices of their placement."""

import os
import sys
from pathlib import Path

import pytest

from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.inference.engines.command import EngineCommand
from arena.inference.placement import Footprint, Gpu, Machine, Placement, Stay, plan
from arena.inference.placement import machine as machine_module
from arena.inference.placement.machine import (
    DriverFiles,
    free_memory,
    gpus_of,
    resident_bytes,
    this_machine,
    unused_gpus,
)
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


NOWHERE = DriverFiles(nvidia=Path("/no/such/driver"), amd=Path("/no/such/kfd"))


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("0, GPU-a, [N/A], [N/A]", "tells [N/A] for its memory"),
        ("0, GPU-a, [Not Supported], [Not Supported]", "tells [Not Supported] for its memory"),
        ("0, GPU-a, [Unknown Error], [Unknown Error]", "It is broken, or shares its memory"),
    ],
)
def test_a_gpu_that_tells_no_memory_is_left_out_with_a_sentence(line: str, words: str) -> None:
    (sentence,) = unused_gpus(line, "", None, NOWHERE)
    assert sentence.startswith("GPU 0 is not used: nvidia-smi ")
    assert words in sentence
    assert "`backend: openai`" in sentence


def test_a_gpu_that_nobody_may_see_is_left_out_without_a_word() -> None:
    assert unused_gpus(ANSWER, "", "0,1", NOWHERE) == ()


def test_a_slice_of_a_gpu_is_named_as_what_cannot_be_planned() -> None:
    slice_id = "MIG-41b4a5c2-7f0e-5c7b-9a3e-0123456789ab"
    (sentence,) = unused_gpus("0, GPU-aa11, 81559, 80994", "", slice_id, NOWHERE)
    assert sentence.startswith(f"CUDA_VISIBLE_DEVICES names {slice_id}, a slice of a GPU (MIG)")


def test_a_gpu_that_is_not_there_is_named() -> None:
    (sentence,) = unused_gpus("0, GPU-aa11, 81559, 80994", "", "0,7", NOWHERE)
    assert sentence == "CUDA_VISIBLE_DEVICES names 7, and nvidia-smi lists no such GPU"


@pytest.mark.parametrize(
    ("kind", "words"), [("nvidia", "its GPUs are not used: nvidia-smi fails"), ("amd", "(ROCm)")]
)
def test_a_driver_without_an_answer_of_nvidia_smi_is_named(
    tmp_path: Path, kind: str, words: str
) -> None:
    (tmp_path / kind).touch()
    signs = DriverFiles(nvidia=tmp_path / "nvidia", amd=tmp_path / "amd")
    (sentence,) = unused_gpus("", "nvidia-smi fails (code 9)", None, signs)
    assert words in sentence


def smi(folder: Path, *lines: str, code: int = 0) -> dict[str, str]:
    """Put an nvidia-smi into a folder; return an environment that finds it, and nothing else."""
    answer = "".join(f"echo '{line}'\n" for line in lines)
    (folder / "nvidia-smi").write_text(f"#!/bin/sh\n{answer}exit {code}\n", encoding="utf-8")
    (folder / "nvidia-smi").chmod(0o755)
    return {"PATH": str(folder)}


def test_a_machine_tells_what_it_has_and_cannot_plan(tmp_path: Path) -> None:
    environment = smi(tmp_path, "0, GPU-a, 1000, 900", "1, GPU-b, [N/A], [N/A]")
    machine = this_machine(environment, NOWHERE)
    assert machine.gpus == (Gpu(0, 1000 * MIB, 900 * MIB),)
    assert [words.partition(" is")[0] for words in machine.unused] == ["GPU 1"]
    for hidden in ("", "-1"):
        assert this_machine({**environment, "CUDA_VISIBLE_DEVICES": hidden}, NOWHERE).unused == ()


def test_the_words_of_a_failing_nvidia_smi_are_passed_on(tmp_path: Path) -> None:
    said = "NVIDIA-SMI has failed because it could not communicate with the NVIDIA driver."
    (tmp_path / "driver").touch()
    signs = DriverFiles(nvidia=tmp_path / "driver", amd=tmp_path / "none")
    machine = this_machine(smi(tmp_path, said, code=9), signs)
    assert machine.gpus == ()
    assert said in machine.unused[0]


def test_a_model_that_asks_for_a_gpu_that_is_left_out_is_refused_with_the_reason() -> None:
    machine = Machine((), 64 * GIB, 8, ("GPU 1 is not used: because.",))
    size = Footprint(weights_bytes=GIB, kv_bytes_per_token=1, context=100)
    made = plan({ModelKey("m"): size}, machine, {ModelKey("m"): (1,)})
    reason = made.placements[ModelKey("m")].reason
    assert reason == "this machine has no GPU 1 (GPU 1 is not used: because.)"


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
    command = EngineCommand(("engine",), {"A": "b"}, "m").placed(placement({3: 1, 1: 1}))
    assert command.argv == ("engine", "--devices", "0,1", "--cache-bytes", "77")
    assert command.environment["CUDA_VISIBLE_DEVICES"] == "1,3"
    assert command.environment["CUDA_DEVICE_ORDER"] == "PCI_BUS_ID"
    assert command.environment["A"] == "b"


def test_an_engine_on_the_cpu_sees_no_gpu() -> None:
    command = EngineCommand(("engine",), {}, "m").placed(placement({RAM: 1}, cache=None))
    assert command.argv == ("engine", "--devices", "cpu")
    assert command.environment["CUDA_VISIBLE_DEVICES"] == ""
