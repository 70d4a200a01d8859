"""Claims on models that are in use: a model with a claim is never evicted."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from arena.domain.conversation import ModelKey


@dataclass(frozen=True, slots=True)
class _Hold:
    keys: frozenset[ModelKey]
    until: float


class Claims:
    """Streams in flight, counted; and holds of open battles, which end by themselves.

    Times are seconds of one monotonic clock. A hold ends `hold_s` after it was last renewed, so
    that a page that was closed without a vote does not keep a model in memory for a day.
    `release` may be called from any thread (votes are cast off the event loop), all else from one.
    """

    def __init__(self, hold_s: float) -> None:
        self._hold_s = hold_s
        self._streams: Counter[ModelKey] = Counter()
        self._holds: dict[str, _Hold] = {}
        self._lock = Lock()
        self.last_used: dict[ModelKey, float] = {}

    @contextmanager
    def answering(self, key: ModelKey, clock_s: float) -> Iterator[None]:
        """Claim a model for as long as it answers."""
        self._streams[key] += 1
        self.last_used[key] = clock_s
        try:
            yield
        finally:
            self._streams[key] -= 1

    def hold(self, owner: str, keys: Collection[ModelKey], clock_s: float) -> None:
        """Claim models for a battle, or renew its claim."""
        with self._lock:
            self._holds[owner] = _Hold(frozenset(keys), clock_s + self._hold_s)
        self.last_used |= dict.fromkeys(keys, clock_s)

    def release(self, owner: str) -> None:
        """End a battle's claim; nothing happens if it has none."""
        with self._lock:
            self._holds.pop(owner, None)

    def in_use(self, clock_s: float) -> frozenset[ModelKey]:
        """Return the models with a claim on them."""
        with self._lock:
            for owner in [owner for owner, hold in self._holds.items() if hold.until <= clock_s]:
                del self._holds[owner]
            held = frozenset[ModelKey]().union(*(hold.keys for hold in self._holds.values()))
        return held | {key for key, count in self._streams.items() if count}
