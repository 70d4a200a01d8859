"""What a computation costs, told so that a busy or slow machine does not count."""

from collections.abc import Callable
from time import thread_time

_LOOPS = 200_000
_IDLE_S = 0.01
"""What the loop takes on the idle core that bounds in tests speak of."""


def idle_core_s(work: Callable[[], object]) -> float:
    """Return the CPU seconds that a computation would take on that core."""
    before = _loop_s()
    began = thread_time()
    work()
    took = thread_time() - began
    return took * 2 * _IDLE_S / (before + _loop_s())


def _loop_s() -> float:
    began = thread_time()
    total = 0
    for number in range(_LOOPS):
        total += number
    return thread_time() - began
