"""How far a rate moves by chance: against its definition, and simulated."""

from dataclasses import replace
from math import sqrt

import numpy as np
import pytest
from scipy import stats

from arena.statistics.clustered_rates import ClusteredRate
from arena.statistics.rate_changes import CountedRate, change_bounds
from tests.endurance import FACTOR
from tests.endurance.moving_rates import CAMPAIGNS, MovingCampaign, moving

BOARDS = 60 if FACTOR == 1 else 100 * FACTOR
EARLIER = CountedRate(wins=60, losses=40, deff=1.0, annotators=1000, prompts=1000)
LATER = CountedRate(wins=150, losses=150, deff=1.0, annotators=3000, prompts=3000)


def test_of_independent_votes_it_is_the_error_of_two_parts_that_share_none() -> None:
    found = change_bounds(EARLIER, LATER)

    # The change is (share of new votes) x (rate of the new ones - rate of the old ones).
    added, share = 200, 152 / 304
    parts = share * (1 - share) / added + share * (1 - share) / 100
    error = added / 300 * sqrt(parts)
    half = stats.t.ppf(0.975, 999) * error
    assert found is not None
    assert (found.low, found.high) == pytest.approx((-0.1 - half, -0.1 + half))


def test_the_larger_design_effect_counts() -> None:
    plain, found = (
        change_bounds(EARLIER, LATER),
        [
            change_bounds(replace(EARLIER, deff=4.0), LATER),
            change_bounds(EARLIER, replace(LATER, deff=4.0)),
        ],
    )

    assert plain is not None
    for one in found:
        assert one is not None
        assert one.high - one.low == pytest.approx(2 * (plain.high - plain.low))


@pytest.mark.parametrize(
    ("earlier", "later"),
    [
        (replace(EARLIER, deff=None), LATER),
        (EARLIER, replace(LATER, deff=None)),
        (replace(EARLIER, wins=20, losses=9), LATER),
        (EARLIER, replace(LATER, losses=39)),
        (EARLIER, replace(EARLIER, deff=2.0)),
    ],
    ids=["no interval", "none later", "few votes", "votes are gone", "no vote added"],
)
def test_there_are_no_bounds_without_nested_votes(earlier: CountedRate, later: CountedRate) -> None:
    assert change_bounds(earlier, later) is None


def test_a_model_that_always_wins_may_still_have_moved() -> None:
    found = change_bounds(replace(EARLIER, losses=0), replace(LATER, losses=0))

    assert found is not None
    assert found.low < 0 < found.high


def test_few_annotators_leave_the_prompts_to_count() -> None:
    few, many = (replace(EARLIER, annotators=number, prompts=12) for number in (5, 900))

    assert few.clusters == many.clusters == 12
    assert replace(many, annotators=9).clusters == 9


@pytest.mark.parametrize("name", CAMPAIGNS)
def test_it_holds_the_change_of_what_the_votes_come_from(name: str) -> None:
    held = moving(CAMPAIGNS[name], BOARDS)

    assert held >= 0.93 - 3 * sqrt(0.05 * 0.95 / BOARDS)


def test_the_earlier_votes_of_a_simulation_are_among_the_later_ones() -> None:
    earlier, later = MovingCampaign(20, 60).rates(np.random.default_rng(0))

    assert isinstance(earlier, ClusteredRate)
    assert earlier.record.wins <= later.record.wins
    assert 0 < earlier.decisive < later.decisive
