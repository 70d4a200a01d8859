"""Takes a model out after broken replies in a row, until it has answered a short chat."""

from dataclasses import dataclass, field
from datetime import datetime

from arena.domain.backoff import Backoff
from arena.inference.backend import LastFailure
from arena.inference.errors import (
    ContentFiltered,
    ContextExceeded,
    InferenceError,
    ModelOverloaded,
)


@dataclass(frozen=True, slots=True)
class BreakerTimings:
    """After how many broken replies in a row a model is left out, and when it is asked again."""

    broken_replies: int = 3
    backoff: Backoff = field(default=Backoff(2.0, 300.0))


class CircuitBreaker:
    """The failures of one model since its last good reply.

    Open, it takes no part. Only a good reply in a battle resets the back-off: a model that answers
    the short chat and fails every battle is drawn ever more seldom.
    """

    def __init__(self, timings: BreakerTimings) -> None:
        self._timings = timings
        self._blamed = 0
        self._openings = 0
        self.is_open = False
        self.failure: LastFailure | None = None

    @property
    def delay_s(self) -> float:
        """Seconds from now until the model is asked again, while it is open."""
        return self._timings.backoff.delay_s(self._openings)

    def note_failure(self, error: Exception, now: datetime) -> bool:
        """Keep a failed reply in mind; return whether it is the one that opens the breaker."""
        before = self.failure.in_a_row if self.failure else 0
        self.failure = LastFailure(_sentence(error), now, before + 1)
        if self.is_open or not blames_model(error):
            return False
        self._blamed += 1
        if self._blamed < self._timings.broken_replies:
            return False
        self.is_open = True
        self._openings += 1
        return True

    def note_reply(self) -> None:
        """Forget all failures after a good reply in a battle; an open breaker stays open."""
        if not self.is_open:
            self._blamed = self._openings = 0
            self.failure = None

    def note_failed_chat(self, error: Exception, now: datetime) -> None:
        """Wait longer after a short chat that failed too."""
        self.note_failure(error, now)
        self._openings += 1

    def close(self) -> None:
        """Let the model take part again, after a good reply to a short chat."""
        self.is_open, self.failure, self._blamed = False, None, 0


def blames_model(error: Exception) -> bool:
    """Return whether the next reply is likely to fail too.

    That is not so for one prompt (too long, filtered) and a queue that is full for the moment.
    """
    if isinstance(error, ModelOverloaded):
        return not error.retryable
    return not isinstance(error, ContextExceeded | ContentFiltered)


def _sentence(error: Exception) -> str:
    foreseen = isinstance(error, InferenceError)
    return str(error) if foreseen else f"{type(error).__name__}: {error}"
