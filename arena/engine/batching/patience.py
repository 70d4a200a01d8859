"""How long the test at load waits for a batch that says nothing.

A batch that hangs must be told from one on a busy machine. The clock on the wall cannot: beside
other work a step may take minutes. A step that takes minutes of this process's own time hangs.
"""

import time
from collections.abc import Callable
from typing import Final

_PER_WALL: Final = 5.0
"""A batch that waits for what never comes takes no CPU time: after so many times the limit by the
clock on the wall it hangs as well."""


class Patience:
    """Ends after `limit_s` seconds of this process's CPU time in which no step was done."""

    def __init__(
        self,
        limit_s: float,
        *,
        cpu: Callable[[], float] = time.process_time,
        wall: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit_s, self._cpu, self._wall = limit_s, cpu, wall
        self._steps = 0
        self._since = (cpu(), wall())

    def is_over(self, steps: int) -> bool:
        """Return whether it has ended; `steps` have been done by now."""
        if steps != self._steps:
            self._steps = steps
            self._since = (self._cpu(), self._wall())
            return False
        cpu, wall = self._since
        slept = self._wall() - wall > _PER_WALL * self._limit_s
        return slept or self._cpu() - cpu > self._limit_s
