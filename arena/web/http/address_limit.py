"""Rate limits by network address."""

import math
import time

from limits import parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter


class AddressLimit:
    """Rate limit of an address, counted in memory: a restart forgets.

    With several windows (`20/minute;90/hour`) the wait grows with persistence.
    """

    def __init__(self, allowed: str) -> None:
        """Read `allowed`, in the notation of the library `limits`; raises `ValueError`."""
        self._windows = parse_many(allowed)
        self._counted = MovingWindowRateLimiter(MemoryStorage())

    def take(self, address: str) -> int:
        """Count one more and return 0; or count nothing and return the seconds to wait."""
        wait_s = self.wait_s(address)
        if not wait_s:
            for window in self._windows:
                self._counted.hit(window, address)
        return wait_s

    def wait_s(self, address: str) -> int:
        """Return the seconds until one more would be counted; 0 if it would be now."""
        resets = [
            self._counted.get_window_stats(window, address).reset_time - time.time()
            for window in self._windows
            if not self._counted.test(window, address)
        ]
        return max((math.ceil(max(reset, 1)) for reset in resets), default=0)

    def forget(self, address: str) -> None:
        """Forget what an address has done."""
        for window in self._windows:
            self._counted.clear(window, address)
