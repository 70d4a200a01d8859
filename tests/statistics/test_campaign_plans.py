"""Plans of whole campaigns: what they need agrees with formulas, and keeps its promise."""

import numpy as np
import pytest
from scipy import stats

from arena.statistics.campaign_plans import (
    Collecting,
    Likeness,
    likeness_of_design_effect,
    pilot_of,
    plan_for_half_width,
    plan_to_tell_apart,
)
from arena.statistics.planning import decisive_votes_for_half_width, decisive_votes_for_rate
from tests.endurance.planned_campaigns import World, share_significant
from tests.endurance.planned_questions import narrow_enough

ALONE = Collecting(each=1)
"""Everybody casts one vote, on a prompt of its own."""


@pytest.mark.parametrize(("rate", "extra"), [(0.6, 3), (0.55, 3), (0.35, 3)])
def test_single_votes_need_about_what_the_textbook_says(rate: float, extra: int) -> None:
    """Student's t with that many people asks for two or three more."""
    plan = plan_to_tell_apart(rate, Likeness(), ALONE)

    assert plan is not None
    assert 0 <= plan.people - decisive_votes_for_rate(rate) <= extra
    assert (plan.votes, plan.decisive, plan.prompts) == (plan.people,) * 3


def test_a_half_width_of_single_votes_is_that_of_wilson() -> None:
    plan = plan_for_half_width(0.05, Likeness(), ALONE)

    assert plan is not None
    assert 0 <= plan.people - decisive_votes_for_half_width(0.05) <= 4


def test_the_interval_planned_for_is_as_narrow_and_no_narrower() -> None:
    """Computed anew from the layout, by scipy's quantiles."""
    likeness, collecting = Likeness(annotator=0.1, prompt=0.05), Collecting(10, 2.0, 0.25)

    def half_width(people: int) -> float:
        votes, each, per_prompt = people * 7.5, 7.5, 1.5
        variance = 0.25 * (
            0.1 * (1 / people - 1 / votes) + 0.05 * (per_prompt / votes - 1 / votes) + 1 / votes
        )
        clusters = votes / max(each, per_prompt)
        t, z = stats.t.ppf(0.975, clusters - 1), stats.norm.ppf(0.975)
        n = min(votes, 0.25 / variance * (z / t) ** 2)
        return float(z * np.sqrt(0.25 / n + z**2 / (4 * n * n)) / (1 + z**2 / n))

    plan = plan_for_half_width(0.05, likeness, collecting)

    assert plan is not None
    assert half_width(plan.people) <= 0.05 < half_width(plan.people - 1)
    assert plan.votes == 10 * plan.people
    assert plan.decisive == round(7.5 * plan.people)
    assert plan.prompts == 5 * plan.people


def test_ties_cost_votes_and_several_pairs_cost_more() -> None:
    plain = plan_to_tell_apart(0.6, Likeness(0.1), Collecting(10))
    tied = plan_to_tell_apart(0.6, Likeness(0.1), Collecting(10, tie_rate=0.4))
    many = plan_to_tell_apart(0.6, Likeness(0.1), Collecting(10), pairs=15)

    assert plain is not None
    assert tied is not None
    assert many is not None
    assert tied.people > plain.people
    assert many.people > 1.5 * plain.people


def test_what_nobody_can_find_has_no_plan() -> None:
    """Prompts that are judged by all have an end of what they tell."""
    everybody_on_ten = Collecting(10, per_prompt=2**40)

    assert plan_to_tell_apart(0.55, Likeness(prompt=0.9), everybody_on_ten) is None
    assert plan_for_half_width(0.01, Likeness(prompt=0.9), everybody_on_ten) is None


@pytest.mark.parametrize(("effect", "each", "share"), [(1, 10, 0.0), (1.9, 10, 0.1), (1, 1, 0.0)])
def test_a_design_effect_is_a_correlation(effect: float, each: int, share: float) -> None:
    assert likeness_of_design_effect(effect, each).annotator == pytest.approx(share)


@pytest.mark.parametrize(("effect", "each"), [(0.5, 10), (11, 10), (2, 1)])
def test_a_design_effect_that_cannot_be_is_refused(effect: float, each: int) -> None:
    with pytest.raises(ValueError, match="the design effect is from 1 to"):
        likeness_of_design_effect(effect, each)


def test_a_pilot_tells_how_votes_are_cast_and_how_much_people_differ() -> None:
    world = World(0.6, annotator_sd=1.2, prompt_sd=0.7, each=40, per_prompt=8)
    whole = 0.6 * 0.4

    pilots = [pilot_of([rate]) for rate in world.rates(60, 40, 20, seed=5)]

    told = [one for one in pilots if one is not None]
    assert len(told) == 20
    assert {(one.collecting.each, one.collecting.per_prompt) for one in told} == {(40, 8.0)}
    people = float(np.mean([one.likeness.annotator for one in told]))
    prompts = float(np.mean([one.likeness.prompt for one in told]))
    assert people == pytest.approx(world.spread.annotator / whole, rel=0.2)
    assert prompts == pytest.approx(world.spread.prompt / whole, rel=0.2)
    assert all(0 < one.likeness.annotator_error < 0.2 for one in told)


def test_pairs_of_a_pilot_count_by_their_votes() -> None:
    world = World(0.6, annotator_sd=0.7)
    (small,), (large,) = (list(world.rates(people, 10, 1, seed=6)) for people in (10, 90))

    alone, other, both = pilot_of([small]), pilot_of([large]), pilot_of([small, large])

    assert alone is not None
    assert other is not None
    assert both is not None
    mean = 0.1 * alone.likeness.annotator + 0.9 * other.likeness.annotator
    assert both.pairs == 2
    assert both.likeness.annotator == pytest.approx(mean)
    assert both.likeness.annotator_error < max(
        alone.likeness.annotator_error, other.likeness.annotator_error
    )


def test_few_annotators_are_no_pilot() -> None:
    assert pilot_of(World(0.6, each=30).rates(5, 30, 1, seed=7)) is None
    assert pilot_of([]) is None


def test_a_plan_finds_its_difference_in_four_of_five_campaigns() -> None:
    """The long run is in `tests.endurance.planned_questions`."""
    world = World(0.6, annotator_sd=0.7, each=10)
    spread = world.spread
    plan = plan_to_tell_apart(
        0.6, Likeness(spread.annotator / 0.24, spread.prompt / 0.24), Collecting(10)
    )

    assert plan is not None
    found = share_significant(world.rates(plan.people, 10, 200, seed=8))
    assert 0.71 <= found <= 0.89  # three standard errors of 200 around 80 %


def test_half_of_campaigns_come_out_as_narrow_as_planned() -> None:
    world = World(0.5, annotator_sd=0.7, each=10)
    plan = plan_for_half_width(0.06, Likeness(world.spread.annotator / 0.25), Collecting(10))

    assert plan is not None
    share, middle = narrow_enough(world, plan.people, 0.06, campaigns=100)
    assert 0.3 <= share <= 0.75
    assert middle == pytest.approx(0.06, rel=0.04)
