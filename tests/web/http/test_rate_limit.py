"""Rates of one address, name or account."""

import threading

import pytest

from arena.web.http.rate_limit import RateLimit


def test_an_address_may_do_a_thing_so_often_and_another_one_still_may() -> None:
    limit = RateLimit("3/hour")
    waits = [limit.take("192.0.2.1") for _ in range(5)]
    assert waits[:3] == [0, 0, 0]
    assert all(3590 <= wait <= 3600 for wait in waits[3:])
    assert limit.take("192.0.2.2") == 0


def test_what_was_refused_does_not_count_so_that_knocking_prolongs_nothing() -> None:
    limit = RateLimit("2/minute;3/day")
    assert [limit.take("a") for _ in range(2)] == [0, 0]
    assert all(1 <= limit.take("a") <= 60 for _ in range(20))


def test_of_several_windows_the_longest_wait_counts() -> None:
    limit = RateLimit("2/minute;2/day")
    assert [limit.take("a") for _ in range(2)] == [0, 0]
    assert limit.take("a") > 86_000


def test_looking_counts_nothing_and_forgetting_forgets() -> None:
    limit = RateLimit("1/hour")
    assert [limit.wait_s("a") for _ in range(3)] == [0, 0, 0]
    assert limit.take("a") == 0
    assert limit.wait_s("a") > 0
    limit.forget("a")
    assert limit.take("a") == 0


def test_a_rate_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="often"):
        RateLimit("as often as you like")


class Watch:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def test_a_window_moves_so_that_each_time_counts_for_as_long_as_it_lasts() -> None:
    watch = Watch()
    limit = RateLimit("2/minute", now=watch)
    found = []
    for watch.seconds in (0, 30, 40, 60, 61, 90, 200):
        found.append(limit.take("a"))
    assert found == [0, 0, 20, 0, 29, 0, 0]


def test_addresses_that_have_done_nothing_for_the_longest_window_are_forgotten() -> None:
    watch = Watch()
    limit = RateLimit("2/minute;5/hour", now=watch)
    for number in range(100):
        limit.take(f"192.0.2.{number}")
    watch.seconds = 1800
    limit.take("192.0.2.7")
    assert len(limit) == 100
    watch.seconds = 3600
    limit.take("198.51.100.1")
    assert len(limit) == 2


def test_counting_starts_no_thread() -> None:
    before = threading.active_count()
    limit = RateLimit("1000/minute")
    for _ in range(100):
        limit.take("a")
    assert threading.active_count() == before
