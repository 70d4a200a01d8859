"""Virtual time: an event loop that jumps to its next timer, and the product's clock over it."""

import asyncio
import selectors
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)
_DEADLOCK_S = 5.0


class _JumpingSelector(selectors.DefaultSelector):
    """Instead of waiting for a timer, moves time on; waits for sockets only without timers."""

    def __init__(self, jump: Callable[[float], None]) -> None:
        super().__init__()
        self._jump = jump

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if timeout is not None:
            self._jump(max(0.0, timeout))
            return super().select(0)
        events = super().select(_DEADLOCK_S)
        if not events:
            raise RuntimeError("every task waits and no timer is set")
        return events


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An asyncio loop whose hours pass in no time. Starts at 0 seconds."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__(_JumpingSelector(self._pass))

    def time(self) -> float:
        return self._now

    def _pass(self, seconds: float) -> None:
        self._now += seconds


VIRTUAL_TIME: tuple[str, dict[str, Any]] = ("asyncio", {"loop_factory": VirtualTimeLoop})
"""What a module's `anyio_backend` fixture returns to run its tests in virtual time."""


class FakeClock:
    """`arena.domain.clock.Clock` over the running loop's time; by hand where no loop runs."""

    def __init__(self) -> None:
        self._passed = 0.0

    def now(self) -> datetime:
        return START + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return self._passed + _loop_time()

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)

    def let_pass(self, time: timedelta) -> None:
        """Move on at once; sleepers do not notice."""
        self._passed += time.total_seconds()


def _loop_time() -> float:
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return 0.0
