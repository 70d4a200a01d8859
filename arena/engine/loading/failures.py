"""What kept a model from being loaded, and whether trying again is of use: decided here alone.

A fault of the row, the checkpoint or the installation stays until the operator fixes it. What other
programs, the network or the disk cause is temporary. Imports no torch: the service runs before it.
"""

import errno
import re
from dataclasses import dataclass
from typing import Final

import httpx2

from arena.domain.byte_sizes import GIB, size_text
from arena.engine.error_chain import error_chain

_STAYING_ERRNOS: Final = frozenset(
    {
        errno.ENOENT,
        errno.EACCES,
        errno.EPERM,
        errno.EISDIR,
        errno.ENOTDIR,
        errno.ELOOP,
        errno.ENAMETOOLONG,
        errno.EINVAL,
    }
)
"""No file, no right to it: the same the next time. A full disk or a lost share are not."""

_STAYING: Final = (ImportError, OSError, ValueError, TypeError, AttributeError, LookupError)
"""A package that is missing, files that are missing or broken, code or text that does not fit."""

_NEEDED: Final = re.compile(r"footprint (\d+) is more|allocate ([\d.]+) ([KMG]iB)")
"""How transformers (bytes) and torch (rounded) tell what they asked for."""

_MEMORY_WORDS: Final = ("out of memory", "can't allocate memory", "_ALLOC_FAILED")
"""How torch, the drivers and cuBLAS say it where the error has no class of its own."""

_DEVICE_WORDS: Final = (
    "CUDA error",
    "HIP error",
    "NCCL error",
    "CUDA-capable device(s) is/are busy",
)
"""A GPU that is busy, was reset or fell off the bus: another process may have done that."""

_CONTEXT_BYTES: Final = GIB
"""GPU memory of a process outside torch's own blocks: the driver's context and libraries."""


class LoadingFailed(Exception):
    """The model cannot be loaded; the text says why, for the administrator.

    `permanent`: it stays so until the operator fixes the cause and restarts the arena.
    """

    def __init__(self, text: str, *, permanent: bool = True) -> None:
        super().__init__(text)
        self.permanent = permanent


@dataclass(frozen=True, slots=True)
class DeviceMemory:
    """Memory of one device, in bytes: `own_bytes` are those that this process has reserved."""

    name: str
    total_bytes: int
    free_bytes: int
    own_bytes: int = 0

    @property
    def others_bytes(self) -> int:
        """What other programs hold, at least."""
        return max(self.total_bytes - self.free_bytes - self.own_bytes - _CONTEXT_BYTES, 0)


def loading_failure(error: BaseException, checkpoint: str | None = None) -> LoadingFailed:
    """Return what an error means to an operator. `checkpoint` names one that was being read.

    An error of a kind that is not known here is tried again, unless reading a checkpoint raised it.
    """
    if isinstance(error, LoadingFailed):
        return error
    if checkpoint is None:
        return LoadingFailed(f"{type(error).__name__}: {error}", permanent=_stays(error, _STAYING))
    stays = _stays(error, (*_STAYING, RuntimeError)) or type(error).__name__ == "SafetensorError"
    return LoadingFailed(f"{checkpoint}: {error}", permanent=stays)


def is_memory_fault(error: BaseException | None) -> bool:
    """Return whether a device, or main memory, had too little room."""
    return any(
        isinstance(one, MemoryError)
        or type(one).__name__ == "OutOfMemoryError"
        or any(words in str(one) for words in _MEMORY_WORDS)
        for one in error_chain(error)
    )


def memory_failure(
    error: BaseException, memory: DeviceMemory, *, needed_bytes: int | None = None
) -> LoadingFailed:
    """Return a lack of memory with its numbers, and what to change.

    It passes where other programs hold what is missing; else this model is too large for the
    device. `needed_bytes` defaults to what the error tells of it.
    """
    needed_bytes = needed_bytes or _needed_bytes(error)
    needed = f" needs {size_text(needed_bytes)} at once and" if needed_bytes is not None else ""
    missing = 0 if needed_bytes is None else needed_bytes - memory.free_bytes
    passes = memory.others_bytes > max(missing, 0)
    others = f", {size_text(memory.others_bytes)} are held by other programs" if passes else ""
    change = (
        "end those programs or choose another GPU"
        if passes
        else "lower max_context, quantise the model (`quantization: bitsandbytes-4bit`), or give "
        "it a larger GPU or several (`devices`)"
    )
    return LoadingFailed(
        f"out of memory: the model{needed} finds {size_text(memory.free_bytes)} of "
        f"{size_text(memory.total_bytes)} free on {memory.name}{others}; {change}. "
        f"{_first_line(error)}",
        permanent=not passes,
    )


def _stays(error: BaseException, kinds: tuple[type[Exception], ...]) -> bool:
    """Return whether a retry would fail alike: an error of these kinds, with exceptions."""
    for one in error_chain(error):
        if isinstance(one, ConnectionError | TimeoutError | httpx2.TransportError):
            return False
        if isinstance(one, OSError) and one.errno is not None:
            return one.errno in _STAYING_ERRNOS
        if any(words in str(one) for words in (*_DEVICE_WORDS, "couldn't connect")):
            return False
    return isinstance(error, kinds) and not is_memory_fault(error)


def _needed_bytes(error: BaseException) -> int | None:
    found = next((hit for one in error_chain(error) if (hit := _NEEDED.search(str(one)))), None)
    if found is None:
        return None
    exact, rounded, unit = found.groups()
    return int(exact) if exact else int(float(rounded) * 1024 ** (1 + "KMG".index(unit[0])))


def _first_line(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".splitlines()[0]
