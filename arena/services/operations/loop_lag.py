"""How late the event loop runs: the sign that the server is busy."""

from arena.domain.clock import Clock

_PERIOD_S = 0.1
_MEMORY = 0.5


class LoopLag:
    """Measures by how much a short sleep overruns; `seconds` is a running mean."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.seconds = 0.0

    async def measure(self) -> None:
        """Run until cancelled."""
        while True:
            before = self._clock.monotonic()
            await self._clock.sleep(_PERIOD_S)
            late = max(0.0, self._clock.monotonic() - before - _PERIOD_S)
            self.seconds = _MEMORY * self.seconds + (1 - _MEMORY) * late
