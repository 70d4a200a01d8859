"""Waits after failures double up to a bound, however many failures there were."""

from arena.domain.backoff import Backoff


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(1.0, 60.0)
    assert [backoff.delay_s(n) for n in (1, 2, 3, 7, 100_000)] == [1, 2, 4, 60, 60]


def test_a_backoff_without_a_longest_wait_stays_finite() -> None:
    assert [Backoff(0.5).delay_s(n) for n in (1, 2, 3)] == [0.5, 1.0, 2.0]
    assert Backoff(0.5).delay_s(100_000) < float("inf")
