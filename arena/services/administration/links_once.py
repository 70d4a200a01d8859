"""Personal links that a page shows once, after the request that made them has been answered."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Lock

from arena.domain.accounts import AnnotatorId
from arena.domain.clock import Clock

_KEPT_S = 600.0
_MOST_KEPT = 100


@dataclass(frozen=True, slots=True)
class PersonalLink:
    """An annotator with a new personal link, of which `token` is the secret part."""

    name: str
    group: str | None
    token: str


@dataclass(slots=True)
class _Made:
    by: AnnotatorId
    at: float
    links: tuple[PersonalLink, ...]


class LinksOnce:
    """Keeps links in memory until they are shown, ten minutes at most. Safe for many threads."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._made: dict[str, _Made] = {}
        self._lock = Lock()

    def make(self, key: str, by: AnnotatorId, make: Callable[[], Sequence[PersonalLink]]) -> None:
        """Make links for a form, whose key is random; the same form again makes no others."""
        with self._lock:
            self._forget_old()
            if key not in self._made:
                self._made[key] = _Made(by, self._clock.monotonic(), tuple(make()))

    def take(self, key: str, by: AnnotatorId) -> tuple[PersonalLink, ...]:
        """Return the links that an admin made with this form; nothing the second time."""
        with self._lock:
            self._forget_old()
            found = self._made.get(key)
            if found is None or found.by != by:
                return ()
            links, found.links = found.links, ()
            return links

    def _forget_old(self) -> None:
        since = self._clock.monotonic() - _KEPT_S
        recent = [(key, made) for key, made in self._made.items() if made.at >= since]
        self._made = dict(recent[-_MOST_KEPT:])
