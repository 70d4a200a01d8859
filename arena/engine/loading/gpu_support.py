"""Whether PyTorch can use the GPUs that a model is planned for, and in words why not.

Imports no torch: `arena check` judges by facts that `arena engine --gpus` has gathered.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

Capability = tuple[int, int]
"""CUDA's compute capability of a GPU: 8, 6 for 8.6."""

MIN_FP8_CAPABILITY: Final[Capability] = (8, 9)

_EMBEDDED: Final[frozenset[Capability]] = frozenset({(5, 3), (6, 2), (7, 2), (8, 7), (10, 1)})
"""Tegra and its kind: they run only code built for them, and no other GPU runs that code."""


@dataclass(frozen=True, slots=True)
class VisibleGpu:
    """One GPU as PyTorch sees it. `capability` means nothing on ROCm."""

    name: str
    capability: Capability


@dataclass(frozen=True, slots=True)
class GpuFacts:
    """What this PyTorch was built for, what it sees, and why it sees nothing.

    `cuda` is torch.version.cuda, `hip` torch.version.hip, `driver` the version of NVIDIA's driver
    on this machine; None where there is none. `architectures` is torch.cuda.get_arch_list().
    """

    torch: str
    cuda: str | None = None
    hip: str | None = None
    driver: str | None = None
    trouble: str = ""
    gpus: tuple[VisibleGpu, ...] = ()
    architectures: tuple[str, ...] = ()

    @classmethod
    def of_document(cls, document: Mapping[str, Any]) -> "GpuFacts":
        """Return the facts that `arena engine --gpus --json` printed."""
        gpus = tuple(VisibleGpu(g["name"], tuple(g["capability"])) for g in document["gpus"])
        architectures = tuple(document["architectures"])
        return cls(**{**document, "gpus": gpus, "architectures": architectures})

    @property
    def build(self) -> str:
        """Version and build of this PyTorch in words."""
        if self.hip:
            return f"PyTorch {self.torch}, built for ROCm {self.hip}"
        built = f"built for CUDA {self.cuda}" if self.cuda else "built without CUDA"
        return f"PyTorch {self.torch}, {built} (torch.version.cuda is {self.cuda})"


def unusable(facts: GpuFacts, planned: int) -> str | None:
    """Return why the first `planned` GPUs cannot be used, or None when they can."""
    if not planned or (planned <= len(facts.gpus) and not _without_kernels(facts, planned)):
        return None
    if not facts.gpus:
        return _unseen(facts, planned)
    if planned > len(facts.gpus):
        return (
            f"{planned} GPUs are planned for this model and {facts.build}, sees {len(facts.gpus)}: "
            "check `devices` and CUDA_VISIBLE_DEVICES"
        )
    gpu = _without_kernels(facts, planned)[0]
    return (
        f"{gpu.name} has compute capability {_dotted(gpu.capability)}, and {facts.build}, has code "
        f"for {' '.join(facts.architectures)} only: install a PyTorch that has it (see "
        "https://pytorch.org/get-started/previous-versions/), or write `devices: cpu`"
    )


def unquantisable(facts: GpuFacts, planned: int, quantization: str | None) -> str | None:
    """Return why a model cannot be quantised so on its devices, or None when it can."""
    if quantization != "fp8":
        return None
    instead = "write `quantization: bitsandbytes-8bit` or none"
    if not planned:
        return (
            f"fp8 needs a GPU of compute capability 8.9, and this model runs on the CPU: {instead}"
        )
    if facts.hip:
        return None  # AMD counts its GPUs otherwise
    for gpu in facts.gpus[:planned]:
        if gpu.capability < MIN_FP8_CAPABILITY:
            has = _dotted(gpu.capability)
            return f"fp8 needs compute capability 8.9, and {gpu.name} has {has}: {instead}"
    return None


def runs_on(capability: Capability, architectures: Sequence[str]) -> bool:
    """Return whether code for these architectures runs on a GPU, by CUDA's rules of compatibility.

    `sm_86` is machine code for 8.6 and later of the same major version, `sm_90a` for 9.0 alone,
    `sm_100f` for its family; `compute_90` is PTX, which the driver translates for 9.0 and all
    later ones. An empty list says nothing, so it forbids nothing.
    Source: CUDA C++ Programming Guide, «Binary compatibility» and «PTX compatibility».
    """
    return not architectures or any(_covers(one, capability) for one in architectures)


def _covers(architecture: str, capability: Capability) -> bool:
    kind, _, number = architecture.partition("_")
    digits = number.rstrip("af")
    if not digits.isdecimal() or len(digits) < 2:
        return True  # an architecture of the future: the GPU's own errors will tell
    made_for = int(digits[:-1]), int(digits[-1])
    if kind == "compute":
        return capability >= made_for
    if number.endswith("a") or made_for in _EMBEDDED or capability in _EMBEDDED:
        return capability == made_for
    return capability[0] == made_for[0] and capability[1] >= made_for[1]


def _without_kernels(facts: GpuFacts, planned: int) -> list[VisibleGpu]:
    if facts.hip:
        return []
    return [gpu for gpu in facts.gpus[:planned] if not runs_on(gpu.capability, facts.architectures)]


def _unseen(facts: GpuFacts, planned: int) -> str:
    count = "a GPU is" if planned == 1 else f"{planned} GPUs are"
    driver = f"the driver is {facts.driver}" if facts.driver else "there is no NVIDIA driver"
    mend = (
        "update the driver, or install a PyTorch for an older CUDA"
        if facts.cuda or facts.hip
        else "install a PyTorch with CUDA (make run without TORCH_INDEX=…/cpu)"
    )
    why = f" ({facts.trouble})" if facts.trouble else ""
    return (
        f"{count} planned for this model, and {facts.build}, sees none; {driver}{why}: {mend}, or "
        "write `devices: cpu` to run it on the CPU"
    )


def _dotted(capability: Capability) -> str:
    return ".".join(map(str, capability))
