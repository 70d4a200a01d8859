"""What this machine has, without torch: GPUs by nvidia-smi, main memory by /proc/meminfo."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from arena.inference.placement.sizes import Gpu, Machine

NVIDIA_SMI: Final = (
    "nvidia-smi",
    "--query-gpu=index,uuid,memory.total,memory.free",
    "--format=csv,noheader,nounits",
)
MEMINFO: Final = Path("/proc/meminfo")
VISIBLE: Final = "CUDA_VISIBLE_DEVICES"

_MIB, _KIB = 2**20, 2**10
_ANSWER_S = 20


def this_machine(environment: Mapping[str, str]) -> Machine:
    """Return the GPUs that `environment` lets us see, the free memory and the cores."""
    return Machine(
        gpus=gpus_of(_asked(environment), visible=environment.get(VISIBLE)),
        ram_free_bytes=free_memory(_read(MEMINFO)),
        cores=os.cpu_count() or 1,
    )


def gpus_of(answer: str, *, visible: str | None = None) -> tuple[Gpu, ...]:
    """Read nvidia-smi's lines; unreadable ones, such as those of broken GPUs, are left out.

    `visible` is CUDA_VISIBLE_DEVICES: numbers or UUIDs, as CUDA reads it.
    """
    chosen = None if visible is None else [part.strip() for part in visible.split(",")]
    return tuple(gpu for line in answer.splitlines() if (gpu := _gpu(line, chosen)) is not None)


def free_memory(meminfo: str) -> int:
    """Return the bytes that /proc/meminfo calls available; 0 when it does not say."""
    for line in meminfo.splitlines():
        name, _, value = line.partition(":")
        if name == "MemAvailable":
            return int(value.split()[0]) * _KIB
    return 0


def resident_bytes(pid: int) -> int | None:
    """Return the main memory that a process holds; None when it has gone, or is not on Linux."""
    for line in _read(Path(f"/proc/{pid}/status")).splitlines():
        name, _, value = line.partition(":")
        if name == "VmRSS":
            return int(value.split()[0]) * _KIB
    return None


def _gpu(line: str, chosen: list[str] | None) -> Gpu | None:
    try:
        index, uuid, total, free = (part.strip() for part in line.split(","))
        gpu = Gpu(int(index), int(total) * _MIB, int(free) * _MIB)
    except ValueError:
        return None
    if chosen is None or index in chosen:
        return gpu
    return gpu if any(part and uuid.startswith(part) for part in chosen) else None


def _asked(environment: Mapping[str, str]) -> str:
    try:
        answer = subprocess.run(  # noqa: S603  # a constant command
            NVIDIA_SMI,
            capture_output=True,
            text=True,
            timeout=_ANSWER_S,
            check=False,
            env=dict(environment),
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout if answer.returncode == 0 else ""


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""
