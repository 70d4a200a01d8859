"""How often a batch may die before its process is better started anew."""

import time
from collections import deque
from collections.abc import Callable


class Deaths:
    """Remembers deaths; `most` of them within `within_s` seconds are too many to go on."""

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
        """Note that the batch has died just now."""
        self._latest.append(self._now())
        self.last_reason = reason

    @property
    def are_too_many(self) -> bool:
        """Whether the last deaths came so fast that another batch would die as well."""
        full = len(self._latest) == self._latest.maxlen
        return full and self._latest[-1] - self._latest[0] <= self._within_s
