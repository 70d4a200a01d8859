"""Requests to each model: how many are open, how long they take, how they end."""

from asyncio import CancelledError
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from functools import partial

from arena.domain.conversation import ModelKey
from arena.inference.backend import Delta, StreamEvent
from arena.inference.clock import Clock

Observe = Callable[[ModelKey, float], None]
"""Takes a duration of one request to a model, in seconds."""

Note = Callable[[StreamEvent], None]
"""Takes every event of one request."""


class Phase(StrEnum):
    """How far an open request has come: WAITING has no text yet, it may stand in a queue."""

    WAITING = "waiting"
    ANSWERING = "answering"


class Outcome(StrEnum):
    """How a request ended. CANCELLED: a reader stopped it, or the other slot failed."""

    COMPLETE = "complete"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class _Request:
    key: ModelKey
    began_s: float
    phase: Phase = Phase.WAITING
    finished: bool = False


class Traffic:
    """Counts requests on the event loop; may be read from any thread.

    `first_text` gets the seconds to a request's first text, `whole` those to the end of a
    complete reply.
    """

    def __init__(self, *, clock: Clock, first_text: Observe, whole: Observe) -> None:
        self._clock = clock
        self._first_text = first_text
        self._whole = whole
        self._open: Counter[tuple[ModelKey, Phase]] = Counter()
        self._ended: Counter[tuple[ModelKey, Outcome]] = Counter()

    @property
    def open(self) -> Mapping[tuple[ModelKey, Phase], int]:
        """Number of open requests."""
        return self._open.copy()

    @property
    def ended(self) -> Mapping[tuple[ModelKey, Outcome], int]:
        """Number of requests that have ended since the start."""
        return self._ended.copy()

    @contextmanager
    def request(self, key: ModelKey) -> Iterator[Note]:
        """Count a request to the end of the block, which passes on every event of it."""
        request = _Request(key, self._clock.monotonic())
        self._open[key, request.phase] += 1
        outcome = Outcome.FAILED
        try:
            yield partial(self._note, request)
        except (GeneratorExit, CancelledError):
            outcome = Outcome.CANCELLED
            raise
        finally:
            self._open[key, request.phase] -= 1
            self._ended[key, Outcome.COMPLETE if request.finished else outcome] += 1

    def _note(self, request: _Request, event: StreamEvent) -> None:
        if isinstance(event, Delta):
            if request.phase is Phase.WAITING:
                self._move_on(request)
        else:
            request.finished = True
            self._whole(request.key, self._clock.monotonic() - request.began_s)

    def _move_on(self, request: _Request) -> None:
        self._open[request.key, Phase.WAITING] -= 1
        self._open[request.key, Phase.ANSWERING] += 1
        request.phase = Phase.ANSWERING
        self._first_text(request.key, self._clock.monotonic() - request.began_s)
