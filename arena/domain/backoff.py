"""How long to wait before the next attempt after failures in a row."""

from dataclasses import dataclass
from math import inf

_MAX_DOUBLINGS = 30
"""Two to this power is longer than any wait; without a bound the power itself would overflow."""


@dataclass(frozen=True, slots=True)
class Backoff:
    """Exponential back-off: `first_s` seconds, doubled at each further failure to `longest_s`."""

    first_s: float
    longest_s: float = inf

    def delay_s(self, failures: int) -> float:
        """Return the seconds to wait after 1, 2, ... failures in a row."""
        return float(min(self.first_s * 2 ** min(failures - 1, _MAX_DOUBLINGS), self.longest_s))
