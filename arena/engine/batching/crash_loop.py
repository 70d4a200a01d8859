"""Detects a crash loop: a batch that dies so often that its process is better restarted."""

import time
from collections import deque
from collections.abc import Callable


class CrashLoopDetector:
    """Counts crashes; `most` of them within `within_s` seconds are a crash loop."""

    def __init__(
        self,
        *,
        most: int = 3,
        within_s: float = 60.0,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._within_s = within_s
        self._now = now
        self._latest: deque[float] = deque(maxlen=most)
        self.last_reason: str | None = None

    def record(self, reason: str) -> None:
        """Record that the batch has crashed just now."""
        self._latest.append(self._now())
        self.last_reason = reason

    @property
    def is_looping(self) -> bool:
        """Whether the last crashes came so fast that another batch would crash as well."""
        full = len(self._latest) == self._latest.maxlen
        return full and self._latest[-1] - self._latest[0] <= self._within_s
