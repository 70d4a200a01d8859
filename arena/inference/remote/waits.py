"""How long to wait for a server, and how often a request is sent again."""

from dataclasses import dataclass, field

from arena.domain.backoff import Backoff
from arena.inference.errors import InferenceError


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Longest waits in seconds: to connect, for the first text, and between two events after it.

    The wait for the first text is counted from the beginning, attempts that failed included.
    """

    connect_s: float = 5.0
    first_token_s: float = 120.0
    between_tokens_s: float = 30.0


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a request is sent again before its first delta, and after which waits.

    A server that asks to wait longer than `longest_wait_s` is not asked again.
    """

    count: int = 2
    backoff: Backoff = field(default=Backoff(0.5))
    longest_wait_s: float = 8.0

    def wait_s(self, attempt: int, error: InferenceError) -> float | None:
        """Return the seconds to wait after failed attempt 0, 1, ...; None to give up."""
        if attempt >= self.count or not error.retryable:
            return None
        wait = max(self.backoff.delay_s(attempt + 1), error.retry_after_s or 0.0)
        return wait if wait <= self.longest_wait_s else None
