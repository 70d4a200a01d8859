"""What may be shown of each answer at a moment: speed is a name tag, so columns grow as one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

FASTEST_INTERVAL_S = 1 / 8
SLOWEST_INTERVAL_S = 1 / 2
_INTERVAL_PER_BATTLE_S = 0.005
_LAG_FACTOR = 4.0

_SHORT_MEASURE_S = 2.0
_READING_PACE = 30.0

_GRID = 16
"""Characters. While a text grows it is cut at multiples of this, not where a token ended: that
border told the slower side in every battle."""

_SLACK = 1.25
"""What the slow model itself may take longer than before without its being seen."""

_TICKS_BITS = 2
"""Ticks of a held text lie a power of two of seconds apart, and never wider than a quarter (two
bits) of the time that has passed."""

_ROUNDING_S = 1e-3
"""So much later the last character is certainly due, however its time was rounded."""


def frame_interval(live_battles: int, loop_lag_s: float) -> float:
    """Return the seconds between two frames of a battle: 8 a second when idle, at least 2.

    One frame costs the server about a millisecond of CPU, so the interval grows with the number
    of battles that stream and with the event loop's lag.
    """
    wanted = max(live_battles * _INTERVAL_PER_BATTLE_S, loop_lag_s * _LAG_FACTOR)
    return min(SLOWEST_INTERVAL_S, max(FASTEST_INTERVAL_S, wanted))


def next_tick(seconds: float) -> float:
    """Return when a text shows that is ready after `seconds` of its turn: 1, 2, ... 8, 10, ... 16.

    The moment at which a text was ready tells how fast its model is; the tick tells less.
    """
    step = 2.0 ** max(0, math.frexp(seconds)[1] - 1 - _TICKS_BITS)
    return step * max(1, math.ceil(seconds / step))


@dataclass(frozen=True, slots=True)
class LeastWait:
    """How long a text that is held waits at least: as long as a slow model takes, and a quarter.

    `first_s` are seconds to a first word, `pace` characters a second after it.
    """

    first_s: float = 0.0
    pace: float = _READING_PACE

    def seconds(self, length: int) -> float:
        """Return the seconds from the start until a text of `length` characters may show."""
        return (self.first_s + length / self.pace) * _SLACK


class Pacer:
    """Decides how many characters of each slot are visible, from lengths alone.

    Nothing shows until every slot has a first character. Until the first column ends, all
    columns show as many characters as the shortest text has, brought down to a fixed grid; from
    then on the others grow at the common pace reached so far, in characters per second, and never
    faster. The schedule therefore is the same whichever slot was fast. With `hold`, everything
    shows at once: at the next tick (`next_tick`) after `began` (seconds, monotonic) when every
    slot is done and `least_wait` is over.

    For that, the pace must be one that the slower model keeps up with, whichever it is: it is
    measured from the first character of any slot, without the largest step between two frames
    (whose tokens may have come at its very end), and growth goes on from that step behind what
    is visible.

    When columns grew together for less than 2 s, their pace says little (a one-word answer ends
    at once): it is taken as at least 30 characters a second, about as fast as people read.
    """

    def __init__(
        self,
        *,
        hold: bool = False,
        least_wait: LeastWait | None = None,
        began: float = 0.0,
    ) -> None:
        self._hold = hold
        self._least_wait = least_wait
        self._began = began
        self._common = 0
        self._shortest = 0
        self._largest_step = 0
        self._writing_s = 0.0
        self._together_s = 0.0
        self._advanced_at: float | None = None
        self._done_at: float | None = None
        self._pace: float | None = None
        self._planned = 0.0
        self.finished = False

    def advance(
        self, now: float, *, lengths: Sequence[int], done: Sequence[bool]
    ) -> tuple[int, ...]:
        """Return the visible characters per slot at `now` (seconds, monotonic).

        `lengths` are the characters generated so far, `done` whether the slot generates no more.
        """
        before = self._advanced_at
        passed = FASTEST_INTERVAL_S if before is None else now - before
        self._advanced_at = now
        if all(done) and self._done_at is None:
            self._done_at = now
        if any(lengths):
            self._writing_s += passed
        if self._may_start(now, lengths, done):
            self._grow(passed, lengths, done)
        visible = tuple(
            self._seen(length, over=over) for length, over in zip(lengths, done, strict=True)
        )
        self.finished = all(done) and visible == tuple(lengths)
        return visible

    def seconds_left(self, *, lengths: Sequence[int], done: Sequence[bool]) -> float | None:
        """Return the seconds from the last advance until one more would show everything.

        None while that is not known: a slot still generates, or no pace has been measured.
        """
        if not all(done):
            return None
        if self._hold:
            return max(0.0, self._due(lengths) - (self._advanced_at or self._began))
        if self._pace is None:
            return 0.0 if min(lengths) == max(lengths) else None
        return (max(lengths) - self._planned) / self._pace + _ROUNDING_S

    def _due(self, lengths: Sequence[int]) -> float:
        """Return when texts show that are held back until all are done."""
        done_s = (self._done_at or self._began) - self._began
        least_s = self._least_wait.seconds(max(lengths)) if self._least_wait else 0.0
        return self._began + next_tick(max(done_s, least_s))

    def _may_start(self, now: float, lengths: Sequence[int], done: Sequence[bool]) -> bool:
        if self._hold:
            return all(done) and now >= self._due(lengths)
        return all(length > 0 or ended for length, ended in zip(lengths, done, strict=True))

    def _grow(self, passed: float, lengths: Sequence[int], done: Sequence[bool]) -> None:
        if self._hold:
            self._common = max(lengths)
        elif self._pace is None:
            self._follow_shortest(passed, lengths, done)
        else:
            self._keep_pace(self._pace * passed, lengths, done)

    def _follow_shortest(self, passed: float, lengths: Sequence[int], done: Sequence[bool]) -> None:
        shortest = min(lengths)
        self._largest_step = max(self._largest_step, shortest - self._shortest)
        self._shortest = shortest
        self._together_s += passed
        ended = any(over and length == shortest for length, over in zip(lengths, done, strict=True))
        self._common = shortest if ended else shortest // _GRID * _GRID
        if ended:
            self._planned = shortest - min(self._largest_step, shortest / 2)
            self._pace = self._planned / self._writing_s if shortest else _READING_PACE
            if self._together_s < _SHORT_MEASURE_S:
                self._pace = max(self._pace, _READING_PACE)

    def _keep_pace(self, further: float, lengths: Sequence[int], done: Sequence[bool]) -> None:
        growing = [
            length
            for length, over in zip(lengths, done, strict=True)
            if not over or length > self._planned
        ]
        if growing:
            self._planned = min(self._planned + further, min(growing))
            self._common = max(self._common, int(self._planned) // _GRID * _GRID)

    def _seen(self, length: int, *, over: bool) -> int:
        """Return the visible characters of one slot; an ended text shows to its very end."""
        reached = over and self._planned >= length
        return length if reached else min(self._common, length)
