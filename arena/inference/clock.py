"""The only source of time in `inference`: injected, so that tests run in virtual time."""

import asyncio
import time
from datetime import UTC, datetime

from arena.domain.clock import Clock

__all__ = ["Clock", "SystemClock"]


class SystemClock:
    """The machine's own clocks."""

    def now(self) -> datetime:
        """Return the current time, aware and in UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Return seconds since an arbitrary start; never goes back."""
        return time.monotonic()

    async def sleep(self, seconds: float) -> None:
        """Wait; zero or less only lets other tasks run."""
        await asyncio.sleep(max(seconds, 0.0))
