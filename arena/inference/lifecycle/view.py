"""The machine's free memory: measured before loads, and while a model waits for room."""

from collections.abc import Iterable

from arena.inference.clock import Clock
from arena.inference.lifecycle.ports import Look
from arena.inference.placement.sizes import Machine, Placement, observed


class MachineView:
    """What is known of the machine; with `look` None it is never measured again."""

    def __init__(self, machine: Machine, look: Look | None, clock: Clock, look_s: float) -> None:
        self._look = look
        self._clock = clock
        self._look_s = look_s
        self._looked_s = clock.monotonic()
        self.machine = machine

    @property
    def is_old(self) -> bool:
        """Whether it is time to look again on behalf of a model that has no room."""
        return self._clock.monotonic() - self._looked_s >= self._look_s

    async def has_changed(self, resident: Iterable[Placement]) -> bool:
        """Look, and return whether other programs have taken or freed much memory since."""
        self._looked_s = self._clock.monotonic()
        if self._look is None:
            return False
        before, self.machine = self.machine, observed(self.machine, await self._look(), resident)
        return self.machine != before
