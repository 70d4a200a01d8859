"""The machine as other programs have left it: looked at before loads, and while somebody waits."""

from collections.abc import Iterable

from arena.inference.clock import Clock
from arena.inference.lifecycle.ports import Look
from arena.inference.placement.sizes import Machine, Placement, observed


class MachineView:
    """What is believed of the machine; `look` None: for good."""

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
        """Look, and tell whether other programs have taken or left much memory since."""
        self._looked_s = self._clock.monotonic()
        if self._look is None:
            return False
        before, self.machine = self.machine, observed(self.machine, await self._look(), resident)
        return self.machine != before
