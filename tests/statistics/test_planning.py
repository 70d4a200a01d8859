"""How many votes a question needs."""

from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from arena.statistics.intervals import wilson
from arena.statistics.planning import (
    decisive_votes_for_half_width,
    decisive_votes_for_rate,
    two_digits_up,
)

rates = st.floats(0.02, 0.98).filter(lambda rate: abs(rate - 0.5) > 0.005)


@pytest.mark.parametrize(
    ("rate", "votes"),
    [(0.65, 85), (0.60, 194), (0.55, 783), (0.53, 2178), (0.49, 19_620)],
)
def test_the_table_of_votes_for_a_rate(rate: float, votes: int) -> None:
    """The last is 19,621 with quantiles rounded to 1.96 and 0.8416; exactly it is 19,619.84."""
    assert decisive_votes_for_rate(rate) == votes


@pytest.mark.parametrize("rate", [0.4, 0.47, 0.55, 0.6, 0.65])
def test_so_many_votes_do_find_the_rate_as_often_as_promised(rate: float) -> None:
    votes = decisive_votes_for_rate(rate)
    away = 1.959964 * sqrt(votes) / 2
    few, many = binom.cdf(votes / 2 - away, votes, rate), binom.sf(votes / 2 + away, votes, rate)

    assert few + many == pytest.approx(0.8, abs=0.03)


@given(rates, st.floats(0.5, 0.99))
def test_either_side_needs_as_many_and_more_power_needs_more(rate: float, power: float) -> None:
    votes = decisive_votes_for_rate(rate, power=power)

    assert decisive_votes_for_rate(1 - rate, power=power) == pytest.approx(votes, abs=1)
    assert decisive_votes_for_rate(rate, power=(1 + power) / 2) >= votes
    assert decisive_votes_for_rate(rate, power=power, confidence=0.99) >= votes


def test_three_points_around_a_half_need_1064_votes() -> None:
    assert decisive_votes_for_half_width(0.03) == 1064


@given(st.floats(0.005, 0.3), st.floats(0.05, 0.95))
def test_wilsons_interval_is_as_narrow_as_asked_and_not_with_one_vote_less(
    half_width: float, rate: float
) -> None:
    votes = decisive_votes_for_half_width(half_width, rate=rate)

    interval = wilson(rate * votes, votes)
    assert (interval.high - interval.low) / 2 <= half_width * (1 + 1e-6)
    if votes > 1:
        wider = wilson(rate * (votes - 1), votes - 1)
        assert (wider.high - wider.low) / 2 > half_width * (1 - 1e-6)


@pytest.mark.parametrize(
    ("number", "about"), [(7, 7), (99, 99), (100, 100), (101, 110), (683, 690), (19_621, 20_000)]
)
def test_a_sentence_rounds_up_to_two_digits(number: int, about: int) -> None:
    assert two_digits_up(number) == about


def test_questions_without_an_answer_are_refused() -> None:
    for rate in (0.0, 0.5, 1.0, float("nan")):
        with pytest.raises(ValueError, match="rate"):
            decisive_votes_for_rate(rate)
    with pytest.raises(ValueError, match="the power"):
        decisive_votes_for_rate(0.6, power=0.3)
    with pytest.raises(ValueError, match="the confidence"):
        decisive_votes_for_rate(0.6, confidence=1)
    with pytest.raises(ValueError, match="half-width"):
        decisive_votes_for_half_width(0.5)
