"""What this machine has, without torch: GPUs by nvidia-smi, main memory by /proc/meminfo."""

import os
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
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

_PROCESSES, _GROUP = Path("/proc"), 2
_VISIBLE_AMD = ("HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES")
_MIB, _KIB = 2**20, 2**10
_ANSWER_S = 20
_FIELDS = 4
_INSTEAD = (
    "a model runs there only if PyTorch sees it, in an arena of one or two local models with "
    "`devices: auto`; or behind a server of your own with `backend: openai`"
)


@dataclass(frozen=True, slots=True)
class DriverFiles:
    """Files that are there where a kind of GPU has its driver."""

    nvidia: Path = Path("/proc/driver/nvidia/version")
    amd: Path = Path("/dev/kfd")


def this_machine(environment: Mapping[str, str], signs: DriverFiles | None = None) -> Machine:
    """Return the GPUs that `environment` lets us see, the free memory and the cores.

    What is there and cannot be planned stands in `unused`.
    """
    signs = signs or DriverFiles()
    answer, trouble = _asked(environment)
    visible = environment.get(VISIBLE)
    return Machine(
        gpus=gpus_of(answer, visible=visible),
        ram_free_bytes=free_memory(_read(MEMINFO)),
        cores=os.cpu_count() or 1,
        unused=() if _hidden(environment) else unused_gpus(answer, trouble, visible, signs),
    )


def gpus_of(answer: str, *, visible: str | None = None) -> tuple[Gpu, ...]:
    """Read nvidia-smi's lines; unreadable ones are left out, and `unused_gpus` names them.

    `visible` is CUDA_VISIBLE_DEVICES: numbers or UUIDs, as CUDA reads it.
    """
    chosen = _chosen(visible)
    lines = (_fields(line) for line in answer.splitlines())
    found = (_gpu(line) for line in lines if line and _is_chosen(line, chosen))
    return tuple(gpu for gpu in found if gpu is not None)


def unused_gpus(
    answer: str, trouble: str, visible: str | None, signs: DriverFiles
) -> tuple[str, ...]:
    """Return in sentences what this machine has of GPUs that no plan can use, and why.

    `answer` is nvidia-smi's, `trouble` its own words when it failed.
    """
    return (*_unreadable(answer, visible), *_unknown(answer, visible), *_silent(trouble, signs))


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


def group_resident_bytes(leader: int) -> int | None:
    """Return the main memory of all processes of a group; None when there are none."""
    held = [resident_bytes(pid) for pid in _group_of(leader)]
    known = [one for one in held if one is not None]
    return sum(known) if known else None


def _group_of(leader: int) -> Iterator[int]:
    for file in _PROCESSES.glob("[0-9]*/stat"):
        # Behind the name in brackets, which may hold anything: state, parent, group.
        fields = _read(file).rpartition(")")[2].split()
        if len(fields) > _GROUP and fields[_GROUP] == str(leader):
            yield int(file.parent.name)


def _unreadable(answer: str, visible: str | None) -> Iterator[str]:
    chosen = _chosen(visible)
    for line in answer.splitlines():
        fields = _fields(line)
        if fields and _is_chosen(fields, chosen) and _gpu(fields) is None:
            total, free = fields[2:]
            yield (
                f"GPU {fields[0]} is not used: nvidia-smi tells {total} for its memory and {free} "
                f"for what is free. It is broken, or shares its memory with the CPU; {_INSTEAD}"
            )


def _unknown(answer: str, visible: str | None) -> Iterator[str]:
    """Yield what CUDA_VISIBLE_DEVICES names and nvidia-smi does not list, such as MIG slices."""
    listed = [fields for line in answer.splitlines() if (fields := _fields(line))]
    for name in _chosen(visible) or []:
        if name.startswith("MIG-"):
            yield (
                f"{VISIBLE} names {name}, a slice of a GPU (MIG), and only whole GPUs can be "
                f"planned; {_INSTEAD}"
            )
        elif name and listed and not any(_is_chosen(fields, [name]) for fields in listed):
            yield f"{VISIBLE} names {name}, and nvidia-smi lists no such GPU"


def _silent(trouble: str, signs: DriverFiles) -> Iterator[str]:
    """Yield whole kinds of GPUs that nvidia-smi does not list."""
    if trouble and signs.nvidia.exists():
        yield (
            f"NVIDIA's driver is here, and its GPUs are not used: {trouble}. In a container, start "
            "it with its GPUs (docs/deploying.md)"
        )
    if signs.amd.exists():
        yield f"AMD's GPUs (ROCm) are here, and only NVIDIA's can be planned; {_INSTEAD}"


def _hidden(environment: Mapping[str, str]) -> bool:
    """Return whether the environment hides all GPUs."""
    chosen = (environment.get(name) for name in (VISIBLE, *_VISIBLE_AMD))
    return any(value is not None and value.strip() in {"", "-1"} for value in chosen)


def _chosen(visible: str | None) -> list[str] | None:
    return None if visible is None else [part.strip() for part in visible.split(",")]


def _fields(line: str) -> tuple[str, ...]:
    """Split a line into index, UUID, total and free memory; empty for what is no such line."""
    parts = tuple(part.strip() for part in line.split(","))
    return parts if len(parts) == _FIELDS else ()


def _is_chosen(fields: Sequence[str], chosen: list[str] | None) -> bool:
    if chosen is None or fields[0] in chosen:
        return True
    return any(part and fields[1].startswith(part) for part in chosen)


def _gpu(fields: Sequence[str]) -> Gpu | None:
    index, _, total, free = fields
    try:
        return Gpu(int(index), int(total) * _MIB, int(free) * _MIB)
    except ValueError:
        return None


def _asked(environment: Mapping[str, str]) -> tuple[str, str]:
    """Return what nvidia-smi answers, and in its words why it does not."""
    try:
        answer = subprocess.run(  # noqa: S603  # a constant command
            NVIDIA_SMI,
            capture_output=True,
            text=True,
            timeout=_ANSWER_S,
            check=False,
            env=dict(environment),
        )
    except FileNotFoundError:
        return "", "there is no nvidia-smi"
    except (OSError, subprocess.TimeoutExpired) as error:
        return "", f"nvidia-smi does not answer ({error})"
    if answer.returncode == 0:
        return answer.stdout, ""
    said = (answer.stdout + answer.stderr).split("\n")[0].strip()
    return "", f"nvidia-smi fails ({said or f'code {answer.returncode}'})"


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return ""
