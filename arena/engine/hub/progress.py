"""How far a download is, in words: bytes, percent, speed and the time that is left."""

from collections import deque
from collections.abc import Callable

from arena.domain.byte_sizes import GIB, MIB

_WINDOW_S = 15.0
_MINUTE_S, _HOUR_S = 60, 3600


class DownloadProgress:
    """Makes a sentence of each count of bytes; the speed is that of the last quarter minute."""

    def __init__(self, total: int, *, clock: Callable[[], float]) -> None:
        self._total = total
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def text(self, done: int) -> str:
        """Return the sentence for `done` bytes being here now."""
        now = self._clock()
        self._seen.append((now, done))
        while now - self._seen[0][0] > _WINDOW_S:
            self._seen.popleft()
        percent = 100 * done // max(self._total, 1)
        return f"downloading {amount(done, self._total)} ({percent} %), {self._pace(done)}"

    def _pace(self, done: int) -> str:
        (first_s, first), (last_s, last) = self._seen[0], self._seen[-1]
        speed = (last - first) / (last_s - first_s) if last_s > first_s else 0.0
        if done >= self._total:
            return "checking"
        if speed <= 0:
            return "waiting for the hub"
        left = duration((self._total - done) / speed)
        return f"{speed / 1e6:.{0 if speed >= 1e7 else 1}f} MB/s, about {left} left"


def amount(done: int, total: int) -> str:
    """Return «3.2 of 13.5 GiB»."""
    unit, name = (GIB, "GiB") if total >= GIB else (MIB, "MiB")
    return f"{done / unit:.1f} of {total / unit:.1f} {name}"


def duration(seconds: float) -> str:
    """Return a rough duration in the unit that suits it."""
    if seconds < _MINUTE_S:
        return f"{max(seconds, 1):.0f} s"
    if seconds < 2 * _HOUR_S:
        return f"{seconds / _MINUTE_S:.0f} min"
    return f"{seconds / _HOUR_S:.0f} h"
