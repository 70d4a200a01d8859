"""How often a batch may die before its process is given up."""

import pytest

from arena.engine.batching.crash_loop import Deaths


class Watch:
    """A clock that is moved by hand."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def now(self) -> float:
        return self.seconds


@pytest.mark.parametrize(
    ("pauses", "too_many"),
    [([], False), ([1], False), ([1, 1], True), ([30, 30], True), ([30, 31], False)],
)
def test_three_deaths_within_a_minute_are_too_many(pauses: list[float], too_many: bool) -> None:
    watch = Watch()
    deaths = Deaths(now=watch.now)
    deaths.record("out of memory")
    for pause in pauses:
        watch.seconds += pause
        deaths.record("out of memory")
    assert deaths.are_too_many == too_many


def test_deaths_long_ago_do_not_count() -> None:
    watch = Watch()
    deaths = Deaths(now=watch.now)
    for pause in (0, 40, 40, 40, 40):
        watch.seconds += pause
        deaths.record("out of memory")
    assert not deaths.are_too_many


def test_the_last_reason_is_known() -> None:
    deaths = Deaths()
    assert deaths.last_reason is None
    deaths.record("first")
    deaths.record("second")
    assert deaths.last_reason == "second"
