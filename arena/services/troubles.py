"""Failures behind the pages, for administrators: counted, the newest kept with their causes."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import Lock

from arena.domain.clock import Clock

_KEPT = 20


class TroubleKind(StrEnum):
    """Kinds of trouble. Each has a name in every locale."""

    TURN_NOT_STORED = "turn_not_stored"
    CANNOT_STORE = "cannot_store"
    CHORE_FAILED = "chore_failed"


@dataclass(frozen=True, slots=True)
class Trouble:
    """One failure. `detail` may name models and files: it is for administrators."""

    at: datetime
    kind: TroubleKind
    detail: str


class Troubles:
    """Failures since the start. Thread-safe; the caller also logs each one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._newest: deque[Trouble] = deque(maxlen=_KEPT)
        self._counted: Counter[TroubleKind] = Counter()
        self._one = Lock()

    def note(self, kind: TroubleKind, detail: str) -> None:
        """Count a failure and keep it."""
        with self._one:
            self._counted[kind] += 1
            self._newest.appendleft(Trouble(self._clock.now(), kind, " ".join(detail.split())))

    @property
    def newest(self) -> Sequence[Trouble]:
        """The last twenty, newest first."""
        with self._one:
            return tuple(self._newest)

    @property
    def counted(self) -> Mapping[TroubleKind, int]:
        """How many there were, by kind."""
        with self._one:
            return {kind: self._counted[kind] for kind in TroubleKind}
