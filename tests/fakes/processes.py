"""Whether processes have ended; a killed one takes a moment, so wait for it."""

from collections.abc import Iterable
from pathlib import Path


def alive(pid: int) -> bool:
    """Return whether a process runs; one that nobody has waited for yet does not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except OSError:
        return False
    return stat.rpartition(")")[2].split()[0] not in "ZX"


def none_alive(pids: Iterable[int]) -> bool:
    """Return whether all of these processes have ended."""
    return not any(map(alive, pids))
