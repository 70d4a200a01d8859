"""A clock that tests move by hand, or that moves by itself when everyone waits for it."""

import asyncio
import heapq
import itertools
from datetime import UTC, datetime, timedelta

_START = datetime(2026, 1, 1, tzinfo=UTC)
_SETTLING_ROUNDS = 20


class VirtualClock:
    """Virtual time: `sleep` ends when `advance` has moved the clock far enough.

    With `automatic=True` the clock jumps to the next waiter by itself, after the other tasks have
    had some rounds of the event loop; so a whole schedule plays in no time, in its right order.
    """

    def __init__(self, *, automatic: bool = False) -> None:
        self._automatic = automatic
        self._elapsed = 0.0
        self._numbers = itertools.count()
        self._waiters: list[tuple[float, int, asyncio.Future[None]]] = []
        self._jump: asyncio.Task[None] | None = None

    def now(self) -> datetime:
        """Return the virtual time of day, in UTC."""
        return _START + timedelta(seconds=self._elapsed)

    def monotonic(self) -> float:
        """Return the virtual seconds since the start."""
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        """Wait in virtual time."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiters, (self._elapsed + seconds, next(self._numbers), woken))
        if self._automatic and self._jump is None:
            self._jump = asyncio.create_task(self._jump_while_awaited())
        await woken

    async def advance(self, seconds: float) -> None:
        """Move on, waking every sleeper at its time and letting it act before the next wakes."""
        end = self._elapsed + seconds
        while self._waiters and self._waiters[0][0] <= end:
            await self._wake_next()
        self._elapsed = end

    async def settle(self) -> None:
        """Let all tasks run that have something to do now."""
        for _ in range(_SETTLING_ROUNDS):
            await asyncio.sleep(0)

    async def _wake_next(self) -> None:
        due, _, woken = heapq.heappop(self._waiters)
        if not woken.done():
            self._elapsed = max(self._elapsed, due)
            woken.set_result(None)
            await self.settle()

    async def _jump_while_awaited(self) -> None:
        await self.settle()
        while self._waiters:
            await self._wake_next()
        self._jump = None
