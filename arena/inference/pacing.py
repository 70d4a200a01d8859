"""What may be shown of each answer at a moment: speed is a name tag, so columns grow as one."""

from collections.abc import Sequence

FASTEST_INTERVAL_S = 1 / 8
SLOWEST_INTERVAL_S = 1 / 2
_INTERVAL_PER_BATTLE_S = 0.005
_LAG_FACTOR = 4.0

_SHORT_MEASURE_S = 2.0
_SHORT_MEASURE_PACE = 60.0


def frame_interval(live_battles: int, loop_lag_s: float) -> float:
    """Seconds between two frames of a battle: 8 a second when idle, never fewer than 2.

    One frame costs the server about a millisecond of CPU, so the interval grows with the number
    of battles that stream and with the event loop's lag.
    """
    wanted = max(live_battles * _INTERVAL_PER_BATTLE_S, loop_lag_s * _LAG_FACTOR)
    return min(SLOWEST_INTERVAL_S, max(FASTEST_INTERVAL_S, wanted))


class Pacer:
    """Decides how many characters of each slot are visible, from lengths alone.

    Nothing shows until every slot has a first character. Until the first column ends, all
    columns show as many characters as the shortest text has; from then on the others grow at the
    common pace reached so far, in characters per second, and never faster. The schedule
    therefore is the same whichever slot was fast. With `hold`, everything shows at once when
    every slot is done.

    A pace measured over less than 2 s says little (a one-word answer ends at once): it is taken
    as at least 60 characters a second.
    """

    def __init__(self, slots: int, *, hold: bool = False) -> None:
        self._hold = hold
        self._visible = [0] * slots
        self._common = 0.0
        self._started_at: float | None = None
        self._advanced_at = 0.0
        self._pace: float | None = None
        self.finished = False

    def advance(
        self, now: float, *, lengths: Sequence[int], done: Sequence[bool]
    ) -> tuple[int, ...]:
        """Visible characters per slot at `now` (seconds, monotonic).

        `lengths` are the characters generated so far, `done` whether the slot generates no more.
        """
        if self._may_start(lengths, done):
            if self._started_at is None:
                self._started_at = self._advanced_at = now
            self._grow(now, lengths, done)
            self._advanced_at = now
        self._visible = [min(int(self._common), length) for length in lengths]
        self.finished = all(done) and self._visible == list(lengths)
        return tuple(self._visible)

    def _may_start(self, lengths: Sequence[int], done: Sequence[bool]) -> bool:
        if self._hold:
            return all(done)
        return all(length > 0 or ended for length, ended in zip(lengths, done, strict=True))

    def _grow(self, now: float, lengths: Sequence[int], done: Sequence[bool]) -> None:
        if self._hold:
            self._common = max(lengths)
            return
        if self._pace is None:
            self._common = min(lengths)
            ended = any(
                over and length <= self._common for length, over in zip(lengths, done, strict=True)
            )
            if ended:
                self._pace = self._measured_pace(now)
            return
        growing = [
            length
            for length, over in zip(lengths, done, strict=True)
            if not over or length > self._common
        ]
        if growing:
            paced = self._common + self._pace * (now - self._advanced_at)
            self._common = max(self._common, min(paced, min(growing)))

    def _measured_pace(self, now: float) -> float:
        elapsed = now - (self._started_at or now)
        if elapsed >= _SHORT_MEASURE_S:
            return self._common / elapsed
        return max(self._common / max(elapsed, FASTEST_INTERVAL_S), _SHORT_MEASURE_PACE)
