"""Intervals of a share."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from arena.statistics.intervals import WILSON_NAIVE, wilson

counts = st.integers(1, 10_000).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


@pytest.mark.parametrize(
    ("wins", "losses", "low", "high"),
    [(90, 52, 55.2, 70.9), (90, 63, 50.9, 66.3), (61, 89, 33.1, 48.7)],
)
def test_wizardlm_v1_intervals_come_out_as_computed_from_its_paper(
    wins: int, losses: int, low: float, high: float
) -> None:
    interval = wilson(wins, wins + losses)

    assert (round(100 * interval.low, 1), round(100 * interval.high, 1)) == (low, high)
    assert interval.method == WILSON_NAIVE


@given(counts)
def test_an_interval_holds_its_share_and_stays_between_0_and_1(count: tuple[int, int]) -> None:
    successes, trials = count
    interval = wilson(successes, trials)

    assert 0 <= interval.low <= successes / trials <= interval.high <= 1
    assert interval.low < interval.high


@given(counts)
def test_exchanging_successes_and_failures_mirrors_the_interval(count: tuple[int, int]) -> None:
    successes, trials = count
    interval, other = wilson(successes, trials), wilson(trials - successes, trials)

    assert interval.low == pytest.approx(1 - other.high)
    assert interval.high == pytest.approx(1 - other.low)


@given(counts, st.integers(2, 50))
def test_more_of_the_same_narrows_the_interval(count: tuple[int, int], factor: int) -> None:
    successes, trials = count
    interval, more = wilson(successes, trials), wilson(factor * successes, factor * trials)

    assert more.high - more.low < interval.high - interval.low


@pytest.mark.parametrize(("successes", "trials"), [(0, 0), (3, 2), (-1, 2)])
def test_an_impossible_share_is_refused(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="no share"):
        wilson(successes, trials)
