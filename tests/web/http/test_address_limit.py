"""Rates of one address."""

import pytest

from arena.web.http.address_limit import AddressLimit


def test_an_address_may_do_a_thing_so_often_and_another_one_still_may() -> None:
    limit = AddressLimit("3/hour")
    waits = [limit.take("192.0.2.1") for _ in range(5)]
    assert waits[:3] == [0, 0, 0]
    assert all(3590 <= wait <= 3600 for wait in waits[3:])
    assert limit.take("192.0.2.2") == 0


def test_what_was_refused_does_not_count_so_that_knocking_prolongs_nothing() -> None:
    limit = AddressLimit("2/minute;3/day")
    assert [limit.take("a") for _ in range(2)] == [0, 0]
    assert all(1 <= limit.take("a") <= 60 for _ in range(20))


def test_of_several_windows_the_longest_wait_counts() -> None:
    limit = AddressLimit("2/minute;2/day")
    assert [limit.take("a") for _ in range(2)] == [0, 0]
    assert limit.take("a") > 86_000


def test_looking_counts_nothing_and_forgetting_forgets() -> None:
    limit = AddressLimit("1/hour")
    assert [limit.wait_s("a") for _ in range(3)] == [0, 0, 0]
    assert limit.take("a") == 0
    assert limit.wait_s("a") > 0
    limit.forget("a")
    assert limit.take("a") == 0


def test_a_rate_that_cannot_be_read_is_an_error() -> None:
    with pytest.raises(ValueError, match="often"):
        AddressLimit("as often as you like")
