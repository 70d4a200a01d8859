"""What may be shown of each answer at a moment: speed is a name tag, so columns grow as one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

FASTEST_INTERVAL_S = 1 / 8
SLOWEST_INTERVAL_S = 1 / 2
BUSIEST_INTERVAL_S = 1.0
_INTERVAL_PER_BATTLE_S = 0.005
_LAG_FACTOR = 10.0

READING_PACE = 150.0
"""Characters a second: the default of `ARENA_READING_PACE`."""

LONGEST_REST_S = 10.0
"""So long the rest of the longer text takes at most, once all texts are ready."""

_GRID = 16
"""Characters. While a text grows it is cut at multiples of this, not where a token ended: that
border told the slower side in every battle."""

_MEASURE_S = 0.25
_MEASURE_LENGTH = 24
"""Seconds and characters from which the first pace is measured; nothing shows before."""

_FIRST_SHARE = 0.5
"""What shows at first of the text there is; the rest evens out the rhythm of single words."""

_PACES_PER_DOUBLING = 4
"""The pace is rounded down to steps of 19 %, so that it does not tell what it was measured from:
two texts written at one speed in tokens have slightly different paces in characters."""

_MEASURE_AGAIN = 2.0
"""The pace is measured again whenever so many times the time has passed."""

_FAR_BEHIND = 0.4
"""The share of the text from which columns are so far behind that they hurry."""

_FALL_BACK = 0.6
"""Columns that have caught up go on at this share of the pace: those that follow a text closely
show its rhythm, which named a model that slows down in 9 of 10 battles."""

_SLACK = 1.25
"""What the slow model itself may take longer than before without its being seen."""

_UNKNOWN_PACE = 30.0

_ROUNDING_S = 1e-3
"""So much later the last character is certainly due, however its time was rounded."""


def frame_interval(live_battles: int, loop_lag_s: float) -> float:
    """Return the seconds between two frames of a battle: 8 a second when idle, at least 1.

    One frame costs the server a few milliseconds of CPU, so the interval grows with the number of
    battles that stream, up to half a second, and with the event loop's lag: a server that falls
    behind draws less often, so that battles begin on time.
    """
    for_all = min(SLOWEST_INTERVAL_S, live_battles * _INTERVAL_PER_BATTLE_S)
    for_lag = min(BUSIEST_INTERVAL_S, loop_lag_s * _LAG_FACTOR)
    return max(FASTEST_INTERVAL_S, for_all, for_lag)


def next_tick(seconds: float) -> float:
    """Return the whole second at which a text shows that is ready after `seconds` of its turn.

    The exact moment would tell how fast its model is; the tick tells less.
    """
    return float(max(1, math.ceil(seconds)))


@dataclass(frozen=True, slots=True)
class LeastWait:
    """How long a text that is held waits at least: as long as a slow model takes, and a quarter.

    `first_s` are seconds to a first word, `pace` characters a second after it.
    """

    first_s: float = 0.0
    pace: float = _UNKNOWN_PACE

    def seconds(self, length: int) -> float:
        """Return the seconds from the start until a text of `length` characters may show."""
        return (self.first_s + length / self.pace) * _SLACK


def _rounded_down(pace: float) -> float:
    steps = math.floor(_PACES_PER_DOUBLING * math.log2(pace))
    return float(2.0 ** (steps / _PACES_PER_DOUBLING))


class Pacer:
    """Decides how many characters of each slot are visible, from lengths and times alone.

    Nothing shows until every slot has a first character. Until the first column ends, all columns
    show equally many characters, on a fixed grid. They do not follow the slower text: the rhythm
    of its growth fits its own words and no others, which names it. They grow at a steady pace
    instead, measured at the start in `even` characters (see `pieces.even_length`) and rounded
    down to a coarse step. It is measured again when columns have caught up with the slower text,
    and whenever the time has doubled.

    From the end of the first column on, the others go on at that pace, and never slower than
    `reading_pace` (characters a second). Once all texts are ready, what remains takes at most
    `LONGEST_REST_S`: the pace then follows from their lengths.

    With `hold`, everything shows at once: at the next tick (`next_tick`) after `began` (seconds,
    monotonic) when every slot is done and `least_wait` is over.
    """

    def __init__(
        self,
        *,
        hold: bool = False,
        least_wait: LeastWait | None = None,
        began: float = 0.0,
        reading_pace: float = READING_PACE,
    ) -> None:
        self._hold = hold
        self._least_wait = least_wait
        self._began = began
        self._reading_pace = reading_pace
        self._planned = 0.0
        self._pace: float | None = None
        self._common_pace = 0.0
        self._measure_again_s = 0.0
        self._started_at: float | None = None
        self._first_length = 0
        self._advanced_at: float | None = None
        self._done_at: float | None = None
        self._one_ended = False
        self.finished = False

    def advance(
        self, now: float, *, lengths: Sequence[int], done: Sequence[bool], even: int | None = None
    ) -> tuple[int, ...]:
        """Return the visible characters per slot at `now` (seconds, monotonic).

        `lengths` are the characters generated so far, `done` whether the slot generates no more.
        `even` is how far the columns are when each is as slow as the slowest: the shortest length
        by default.
        """
        passed = 0.0 if self._advanced_at is None else now - self._advanced_at
        self._advanced_at = now
        if all(done) and self._done_at is None:
            self._done_at = now
        if self._hold:
            self._release(now, lengths, done)
        elif all(length > 0 or over for length, over in zip(lengths, done, strict=True)):
            self._grow(now, passed, lengths, done, min(lengths) if even is None else even)
        visible = tuple(
            self._seen(length, over=over) for length, over in zip(lengths, done, strict=True)
        )
        self.finished = all(done) and visible == tuple(lengths)
        return visible

    @property
    def measures_at(self) -> float | None:
        """When the first pace can be measured (seconds, monotonic); None before and after.

        It does not fall on a regular frame: those of a busy server come too seldom.
        """
        if self._started_at is None or self._pace is not None or self._one_ended:
            return None
        return self._started_at + _MEASURE_S

    def seconds_left(self, *, lengths: Sequence[int], done: Sequence[bool]) -> float | None:
        """Return the seconds from the last advance until one more would show everything.

        None while that is not known: a slot still generates.
        """
        if not all(done):
            return None
        if self._hold:
            return max(0.0, self._due(lengths) - (self._advanced_at or self._began))
        if self._pace is None and not self._one_ended:
            return 0.0
        common_s = 0.0
        if self._pace is not None and not self._one_ended:
            common_s = (min(lengths) - self._planned) / self._pace
        rest = max(lengths) - max(self._planned, min(lengths))
        return common_s + rest / self._rest_pace(lengths, done) + _ROUNDING_S

    def _due(self, lengths: Sequence[int]) -> float:
        """Return when texts show that are held back until all are done."""
        done_s = (self._done_at or self._began) - self._began
        least_s = self._least_wait.seconds(max(lengths)) if self._least_wait else 0.0
        return self._began + next_tick(max(done_s, least_s))

    def _release(self, now: float, lengths: Sequence[int], done: Sequence[bool]) -> None:
        if all(done) and now >= self._due(lengths):
            self._planned = max(lengths)

    def _grow(
        self, now: float, passed: float, lengths: Sequence[int], done: Sequence[bool], even: int
    ) -> None:
        if self._started_at is None:
            self._started_at, self._first_length = now, even
        writing_s = now - self._started_at
        shortest = min(lengths)
        written = even >= shortest and any(
            over and length == shortest for length, over in zip(lengths, done, strict=True)
        )
        if self._one_ended:
            self._go_on(passed, lengths, done)
        elif self._pace is None:
            self._begin(writing_s, even, written=written)
        else:
            self._keep_pace(writing_s, passed, even, written=written)
        if not self._one_ended and written and self._planned >= shortest:
            self._one_ended = True
            over_s = (self._planned - shortest) / self._pace if self._pace else 0.0
            self._planned = shortest
            self._go_on(over_s, lengths, done)

    def _begin(self, writing_s: float, even: int, *, written: bool) -> None:
        """Measure the first pace; a text that has ended before shows at once."""
        if written:
            self._planned = even
        elif writing_s >= _MEASURE_S and even >= _MEASURE_LENGTH:
            self._planned = even * _FIRST_SHARE
            self._measure(writing_s, even)

    def _keep_pace(self, writing_s: float, passed: float, even: int, *, written: bool) -> None:
        self._planned += (self._pace or 0.0) * passed
        if writing_s >= self._measure_again_s:
            behind = even - self._planned
            self._measure(writing_s, even, behind=behind if behind > even * _FAR_BEHIND else 0.0)
        if not written and self._planned > even:
            self._planned = even
            self._measure(writing_s, even)
            self._pace = self._common_pace * _FALL_BACK

    def _measure(self, writing_s: float, even: int, *, behind: float = 0.0) -> None:
        """Set the pace so far, and as much more as makes up for half of what is far `behind`."""
        written = max(even - self._first_length, 1)
        self._common_pace = _rounded_down(written / writing_s)
        self._pace = _rounded_down((written + behind) / writing_s)
        self._measure_again_s = _MEASURE_AGAIN * writing_s

    def _go_on(self, passed: float, lengths: Sequence[int], done: Sequence[bool]) -> None:
        """Show more of the texts that are longer than the one that has ended."""
        growing = [
            length
            for length, over in zip(lengths, done, strict=True)
            if not over or length > self._planned
        ]
        if growing:
            further = self._rest_pace(lengths, done) * passed
            self._planned = min(self._planned + further, min(growing))

    def _rest_pace(self, lengths: Sequence[int], done: Sequence[bool]) -> float:
        pace = max(self._common_pace, self._reading_pace)
        if all(done):
            pace = max(pace, (max(lengths) - min(lengths)) / LONGEST_REST_S)
        return pace

    def _seen(self, length: int, *, over: bool) -> int:
        """Return the visible characters of one slot; an ended text shows to its very end."""
        if over and self._planned >= length:
            return length
        return min(int(self._planned) // _GRID * _GRID, length)
