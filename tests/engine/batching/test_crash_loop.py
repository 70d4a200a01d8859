"""How often a batch may die before its process is given up."""

import pytest

from arena.engine.batching.crash_loop import CrashLoopDetector


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("pauses", "looping"),
    [([], False), ([1], False), ([1, 1], True), ([30, 30], True), ([30, 31], False)],
)
def test_three_crashes_within_a_minute_are_a_loop(pauses: list[float], looping: bool) -> None:
    watch = Watch()
    crashes = CrashLoopDetector(now=watch.now)
    crashes.record("out of memory")
    for pause in pauses:
        watch.seconds += pause
        crashes.record("out of memory")
    assert crashes.is_looping == looping


def test_crashes_long_ago_do_not_count() -> None:
    watch = Watch()
    crashes = CrashLoopDetector(now=watch.now)
    for pause in (0, 40, 40, 40, 40):
        watch.seconds += pause
        crashes.record("out of memory")
    assert not crashes.is_looping


def test_the_last_reason_is_known() -> None:
    crashes = CrashLoopDetector()
    assert crashes.last_reason is None
    crashes.record("first")
    crashes.record("second")
    assert crashes.last_reason == "second"
