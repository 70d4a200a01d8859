"""Whether torch can use the GPUs that a model is planned for: judged by facts, no GPU needed."""

from dataclasses import asdict, replace

import pytest

from arena.engine.loading.gpu_support import (
    Capability,
    GpuFacts,
    VisibleGpu,
    runs_on,
    unquantisable,
    unusable,
)

CUDA_13 = ("sm_75", "sm_80", "sm_86", "sm_90", "sm_100", "sm_120")
RTX_3090 = VisibleGpu("NVIDIA GeForce RTX 3090", (8, 6))
H100 = VisibleGpu("NVIDIA H100", (9, 0))
GOOD = GpuFacts(
    torch="2.13.0",
    cuda="13.0",
    driver="580.65.06",
    gpus=(RTX_3090, H100),
    architectures=CUDA_13,
)
CPU_BUILD = GpuFacts(
    torch="2.13.0+cpu", driver="580.65.06", trouble="Torch not compiled with CUDA enabled"
)
OLD_DRIVER = GpuFacts(
    torch="2.13.0",
    cuda="13.0",
    driver="470.82.01",
    trouble="The NVIDIA driver on your system is too old (found version 11040).",
    architectures=CUDA_13,
)
ROCM = replace(GOOD, cuda=None, hip="7.0", gpus=(VisibleGpu("AMD MI300X", (9, 4)),))


def test_a_cpu_build_is_named_with_its_cuda_and_the_driver_that_is_there() -> None:
    sentence = unusable(CPU_BUILD, 1) or ""
    assert "a GPU is planned for this model, and PyTorch 2.13.0+cpu, built without CUDA" in sentence
    assert "(torch.version.cuda is None), sees none; the driver is 580.65.06" in sentence
    assert "install a PyTorch with CUDA" in sentence
    assert "`devices: cpu`" in sentence


def test_an_old_driver_is_named_with_the_cuda_that_it_is_too_old_for() -> None:
    sentence = unusable(OLD_DRIVER, 2) or ""
    assert "2 GPUs are planned" in sentence
    assert "torch.version.cuda is 13.0" in sentence
    assert "the driver is 470.82.01 (The NVIDIA driver on your system is too old" in sentence
    assert "update the driver, or install a PyTorch for an older CUDA" in sentence


def test_a_driver_that_is_not_there_is_said_too() -> None:
    assert "there is no NVIDIA driver" in (unusable(replace(OLD_DRIVER, driver=None), 1) or "")


def test_fewer_gpus_than_planned_are_a_refusal() -> None:
    assert "3 GPUs are planned" in (unusable(GOOD, 3) or "")
    assert "sees 2" in (unusable(GOOD, 3) or "")


def test_a_gpu_without_code_for_it_is_a_refusal_with_both_lists() -> None:
    old = replace(GOOD, gpus=(VisibleGpu("Tesla V100", (7, 0)),))
    sentence = unusable(old, 1) or ""
    assert "Tesla V100 has compute capability 7.0" in sentence
    assert "sm_75 sm_80 sm_86 sm_90 sm_100 sm_120 only" in sentence


@pytest.mark.parametrize(
    ("facts", "planned"), [(GOOD, 1), (GOOD, 2), (CPU_BUILD, 0), (OLD_DRIVER, 0), (ROCM, 1)]
)
def test_what_can_be_used_or_is_not_planned_is_no_fault(facts: GpuFacts, planned: int) -> None:
    assert unusable(facts, planned) is None


@pytest.mark.parametrize(
    ("capability", "architectures", "runs"),
    [
        ((8, 6), ("sm_80",), True),
        ((8, 0), ("sm_86",), False),
        ((8, 9), ("sm_80", "sm_90"), True),
        ((9, 0), ("sm_80",), False),
        ((9, 0), ("sm_80", "compute_80"), True),
        ((7, 5), ("compute_80",), False),
        ((12, 0), ("sm_90", "compute_90"), True),
        ((12, 0), ("sm_90a", "sm_100"), False),
        ((9, 0), ("sm_90a",), True),
        ((10, 3), ("sm_100a",), False),
        ((10, 3), ("sm_100f",), True),
        ((8, 7), ("sm_80",), False),
        ((8, 7), ("sm_87",), True),
        ((8, 9), ("sm_87",), False),
        ((3, 7), CUDA_13, False),
        ((3, 7), (), True),
        ((9, 0), ("gfx90a",), True),
    ],
)
def test_code_runs_where_cuda_says_that_it_does(
    capability: Capability, architectures: tuple[str, ...], runs: bool
) -> None:
    assert runs_on(capability, architectures) == runs


def test_fp8_needs_a_gpu_that_has_it() -> None:
    assert "NVIDIA GeForce RTX 3090 has 8.6" in (unquantisable(GOOD, 1, "fp8") or "")
    assert "runs on the CPU" in (unquantisable(CPU_BUILD, 0, "fp8") or "")
    assert unquantisable(replace(GOOD, gpus=(H100,)), 1, "fp8") is None
    assert unquantisable(replace(GOOD, gpus=(VisibleGpu("L4", (8, 9)),)), 1, "fp8") is None
    assert unquantisable(GOOD, 1, "bitsandbytes-4bit") is None
    assert unquantisable(ROCM, 1, "fp8") is None


def test_facts_survive_being_printed() -> None:
    assert GpuFacts.of_document(asdict(GOOD)) == GOOD
