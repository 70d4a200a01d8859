"""Failures behind the pages, for administrators: counted, the newest kept with their causes."""

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from threading import Lock

from arena.domain.clock import Clock

_KEPT = 20


class FailureKind(StrEnum):
    """Kinds of failure. Each has a name in every locale."""

    TURN_NOT_STORED = "turn_not_stored"
    CANNOT_STORE = "cannot_store"
    CHORE_FAILED = "chore_failed"


@dataclass(frozen=True, slots=True)
class Failure:
    """One failure. `detail` may name models and files: it is for administrators."""

    at: datetime
    kind: FailureKind
    detail: str


class FailureLog:
    """Failures since the start. Thread-safe; the caller also logs each one."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._newest: deque[Failure] = deque(maxlen=_KEPT)
        self._counted: Counter[FailureKind] = Counter()
        self._one = Lock()

    def record(self, kind: FailureKind, detail: str) -> None:
        """Count a failure and keep it."""
        with self._one:
            self._counted[kind] += 1
            self._newest.appendleft(Failure(self._clock.now(), kind, " ".join(detail.split())))

    @property
    def newest(self) -> Sequence[Failure]:
        """The last twenty, newest first."""
        with self._one:
            return tuple(self._newest)

    @property
    def counted(self) -> Mapping[FailureKind, int]:
        """How many there were, by kind."""
        with self._one:
            return {kind: self._counted[kind] for kind in FailureKind}
