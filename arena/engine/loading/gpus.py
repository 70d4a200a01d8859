"""The GPUs of this process, asked of torch: what is there, and how much of it is free now."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import torch

from arena.engine.loading.failures import DeviceMemory
from arena.engine.loading.gpu_support import GpuFacts, VisibleGpu

DRIVER: Final = Path("/proc/driver/nvidia/version")
_DRIVER_WORDS = "Kernel Module"


def gpu_facts() -> GpuFacts:
    """Return what this PyTorch can do and sees. Initialises CUDA: a second, and some memory."""
    trouble = _trouble()
    count = 0 if trouble else torch.cuda.device_count()
    return GpuFacts(
        torch=torch.__version__,
        cuda=torch.version.cuda,
        hip=torch.version.hip,
        driver=driver_version(DRIVER),
        trouble=trouble,
        gpus=tuple(
            VisibleGpu(torch.cuda.get_device_name(gpu), torch.cuda.get_device_capability(gpu))
            for gpu in range(count)
        ),
        architectures=tuple(torch.cuda.get_arch_list()),
    )


def driver_version(file: Path) -> str | None:
    """Return the version that NVIDIA's kernel module tells, such as 535.104.05; None without."""
    try:
        text = file.read_text(encoding="utf-8")
    except OSError:
        return None
    _, _, after = text.partition(_DRIVER_WORDS)
    found = [word for word in after.split() if word[:1].isdigit()]
    return found[0] if found else "of an unknown version"


def device_memory(device: torch.device) -> DeviceMemory:
    """Return a device's memory as it is now; of a CPU, main memory."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        own = torch.cuda.memory_reserved(device)
        return DeviceMemory(f"GPU {device.index or 0}", total, free, own)
    page = os.sysconf("SC_PAGE_SIZE")
    total, free = (os.sysconf(f"SC_{kind}_PAGES") * page for kind in ("PHYS", "AVPHYS"))
    return DeviceMemory("main memory", total, free, _resident_bytes())


def memory_of_gpus(count: int) -> DeviceMemory:
    """Return the memory of the first GPUs of this process together, as it is now."""
    found = [device_memory(torch.device("cuda", number)) for number in range(count)]
    return DeviceMemory(
        ", ".join(memory.name for memory in found),
        sum(memory.total_bytes for memory in found),
        sum(memory.free_bytes for memory in found),
        sum(memory.own_bytes for memory in found),
    )


@dataclass(frozen=True, slots=True)
class GpuProbe:
    """How a load learns of its GPUs, at that moment."""

    facts: Callable[[], GpuFacts] = gpu_facts
    memory: Callable[[int], DeviceMemory] = memory_of_gpus


def tightest_memory(*, on_gpu: bool) -> DeviceMemory:
    """Return the memory of the GPU of this process that has least left; else main memory."""
    count = torch.cuda.device_count() if on_gpu else 0
    devices = [torch.device("cuda", number) for number in range(count)] or [torch.device("cpu")]
    return min(map(device_memory, devices), key=lambda memory: memory.free_bytes)


def _resident_bytes() -> int:
    try:
        pages = Path("/proc/self/statm").read_text(encoding="utf-8").split()[1]
    except OSError:
        return 0
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def _trouble() -> str:
    """Return in one line why torch has no GPU; empty when it has."""
    try:
        torch.cuda.init()  # type: ignore[no-untyped-call]
    except (RuntimeError, AssertionError) as error:
        return str(error).splitlines()[0]
    return ""
