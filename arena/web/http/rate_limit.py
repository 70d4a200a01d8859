"""Rate limits: how often an address, a name or an account may do something."""

import math
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock

from limits import parse_many


class RateLimit:
    """Rate limit of whoever is told apart by a key, counted in memory: a restart forgets.

    Safe from many threads.

    With several windows (`20/minute;90/hour`) the wait grows with persistence. The memory of the
    library `limits` starts a thread to clean up whenever it counts, and waits for it to begin.
    """

    def __init__(self, allowed: str, *, now: Callable[[], float] = time.monotonic) -> None:
        """Read `allowed`, in the notation of `limits`; raises `ValueError`. `now` is in seconds."""
        windows = parse_many(allowed)
        self._windows = [(window.amount, float(window.get_expiry())) for window in windows]
        self._most = max(amount for amount, _ in self._windows)
        self._longest_s = max(seconds for _, seconds in self._windows)
        self._now = now
        self._done: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = Lock()

    def take(self, key: str) -> int:
        """Count one more and return 0; or count nothing and return the seconds to wait."""
        with self._lock:
            now = self._now()
            wait_s = self._wait_s(key, now)
            if not wait_s:
                self._count(key, now)
        return wait_s

    def wait_s(self, key: str) -> int:
        """Return the seconds until one more would be counted; 0 if it would be now."""
        with self._lock:
            return self._wait_s(key, self._now())

    def forget(self, key: str) -> None:
        """Forget what was done under a key."""
        with self._lock:
            self._done.pop(key, None)

    def __len__(self) -> int:
        """Return the number of keys that are remembered."""
        return len(self._done)

    def _wait_s(self, key: str, now: float) -> int:
        times = self._done.get(key, ())
        waits = (
            times[-amount] + seconds - now
            for amount, seconds in self._windows
            if len(times) >= amount
        )
        left_s = max(waits, default=0.0)
        return math.ceil(max(left_s, 1.0)) if left_s > 0 else 0

    def _count(self, key: str, now: float) -> None:
        """Count one more, and forget whoever did nothing within the longest window."""
        times = self._done.setdefault(key, deque(maxlen=self._most))
        times.append(now)
        self._done.move_to_end(key)
        while times[0] <= now - self._longest_s:
            times.popleft()
        while next(iter(self._done.values()))[-1] <= now - self._longest_s:
            self._done.popitem(last=False)
