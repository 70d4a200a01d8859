"""Plans in people and votes of each, and whether they keep their promise.

`python -m tests.endurance.planned_campaigns` prints the tables of the long run.
"""

from math import inf, sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nct, t

from arena.statistics.people_needed import fewest, standard_errors_needed
from arena.statistics.planning import decisive_votes_for_rate
from arena.statistics.vote_spread import Layout, Spread, even_layout
from tests.endurance import FACTOR
from tests.endurance.planned_campaigns import (
    ENDLESS,
    NEW_PEOPLE,
    PILOTS,
    SAME_PEOPLE,
    World,
    each_by_design_effect,
    each_for,
    people_for,
    piloted,
    share_significant,
)

CAMPAIGNS = 100 if FACTOR == 1 else 200 * FACTOR
LOWEST, HIGHEST = 0.77, 0.83
CHANCE = 0.0 if FACTOR >= 10 else 3 * (0.8 * 0.2 / CAMPAIGNS) ** 0.5
"""Three standard errors of a share of so few campaigns; the long run must be inside the limits."""

people_differ = st.floats(0, 0.1)


@pytest.mark.parametrize("rate", [0.65, 0.60, 0.55, 0.53, 0.49])
def test_independent_votes_and_known_variances_give_the_table_of_votes(rate: float) -> None:
    errors = standard_errors_needed(rate)

    votes = rate * (1 - rate) * (errors / (rate - 0.5)) ** 2
    assert decisive_votes_for_rate(rate) == pytest.approx(votes, abs=1)


@pytest.mark.parametrize(("rate", "people"), [(0.65, 87), (0.60, 196), (0.55, 785)])
def test_one_vote_each_needs_a_few_more_for_the_t_quantile_of_the_board(
    rate: float, people: int
) -> None:
    assert fewest(rate, Spread(0, 0), lambda number: even_layout(number, 1)) == people


@pytest.mark.parametrize("degrees", [7, 15, 40])
def test_the_errors_needed_give_the_power_of_the_t_test(degrees: int) -> None:
    bound = float(t.ppf(0.975, degrees)) / (2 * sqrt(0.6 * 0.4))

    errors = standard_errors_needed(0.6, degrees=degrees)

    assert float(nct.sf(bound, degrees, errors)) == pytest.approx(0.8, abs=0.01)


@given(st.floats(0.51, 0.95), st.floats(7, 500), st.floats(0, 0.5), st.floats(0.5, 0.95))
def test_doubt_and_power_take_more_and_degrees_take_less(
    rate: float, degrees: float, doubt: float, power: float
) -> None:
    needed = standard_errors_needed(rate, degrees=degrees, power=power)

    assert standard_errors_needed(rate, degrees=degrees, power=power, doubt=doubt) >= needed
    assert standard_errors_needed(rate, degrees=degrees, power=0.97) >= needed
    assert standard_errors_needed(rate, degrees=inf, power=power) <= needed


def _is_enough(rate: float, spread: Spread, layout: Layout) -> bool:
    variance = spread.variance(layout, rate)
    doubt = spread.error_of_variance(layout) / variance
    needed = standard_errors_needed(rate, degrees=layout.clusters - 1, doubt=doubt)
    return abs(rate - 0.5) >= needed * sqrt(variance)


@given(st.floats(0.52, 0.9), people_differ, people_differ, st.integers(1, 30))
def test_the_number_is_enough_and_one_less_is_not(
    rate: float, annotator: float, prompt: float, each: int
) -> None:
    spread, start = Spread(annotator, prompt), even_layout(10, 10)

    def layout(people: int) -> Layout:
        return start.with_others(people, each)

    people = fewest(rate, spread, layout)
    assert people is not None
    assert _is_enough(rate, spread, layout(people))
    assert people == 1 or not _is_enough(rate, spread, layout(people - 1))


def test_questions_without_an_answer_are_refused() -> None:
    layout = even_layout(10, 10)
    for rate in (0.0, 0.5, 1.0, float("nan")):
        with pytest.raises(ValueError, match="rate"):
            fewest(rate, Spread(0, 0), lambda _: layout)
    with pytest.raises(ValueError, match="the power"):
        fewest(0.6, Spread(0, 0), lambda _: layout, power=0.3)


@pytest.mark.parametrize("world", NEW_PEOPLE.values(), ids=NEW_PEOPLE)
def test_new_people_find_the_rate_as_often_as_promised(world: World) -> None:
    people = people_for(world)

    assert people is not None
    kept = share_significant(world.rates(people, world.each, CAMPAIGNS, seed=1))
    assert LOWEST - CHANCE <= kept <= HIGHEST + CHANCE


@pytest.mark.parametrize(("world", "people"), SAME_PEOPLE.values(), ids=SAME_PEOPLE)
def test_the_same_people_find_it_as_often_as_promised_or_never(world: World, people: int) -> None:
    each = each_for(world, people)

    kept = share_significant(world.rates(people, each or ENDLESS // 4, CAMPAIGNS, seed=3))
    if each is None:
        assert kept <= LOWEST + CHANCE
    else:
        assert LOWEST - CHANCE <= kept <= HIGHEST + CHANCE


def test_the_design_effect_of_few_votes_each_promises_too_much_for_more_votes_each() -> None:
    """Why plans are not decisive votes x design effect."""
    world, people = SAME_PEOPLE["60 %, annotator sd .7, few people"]

    each = each_by_design_effect(world, people)

    assert share_significant(world.rates(people, each, CAMPAIGNS, seed=3)) < 0.6


@pytest.mark.parametrize("world", PILOTS.values(), ids=PILOTS)
def test_plans_by_pilots_keep_their_promise_in_the_mean(world: World) -> None:
    """They err to more people: a pilot of people who do not differ cannot show that."""
    found = piloted(world, 15, CAMPAIGNS)

    assert LOWEST - CHANCE <= found.kept <= 0.93 + CHANCE
