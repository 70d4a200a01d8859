"""Each watched verdict errs in at most 5 % of campaigns in the world that it speaks of.

`python -m tests.endurance.watched_campaigns` prints the tables of the long run.
"""

from dataclasses import replace

import pytest

from arena.statistics.sequential import ALPHA, Claim
from tests.endurance import FACTOR
from tests.endurance.watched_campaigns import (
    EQUAL,
    FEW_PEOPLE,
    FEW_PROMPTS,
    UNEQUAL,
    Watched,
    World,
    shares,
    unequal,
)

CAMPAIGNS = 40 if FACTOR == 1 else 100 * FACTOR
CHANCE = 0.0 if FACTOR >= 10 else 3 * (ALPHA * (1 - ALPHA) / CAMPAIGNS) ** 0.5
"""Three standard errors of a share of so few campaigns; the long run must be inside the limit."""
CASES = [
    pytest.param(watched, world, id=f"{name}, equal among {world.value.value}")
    for name, (watched, worlds) in EQUAL.items()
    for world in worlds
]


@pytest.mark.parametrize(("watched", "world"), CASES)
def test_models_that_are_equal_for_whom_a_verdict_speaks_are_hardly_ever_settled(
    watched: Watched, world: World
) -> None:
    assert shares(watched, world, CAMPAIGNS)[world.value] <= ALPHA + CHANCE


@pytest.mark.parametrize(
    ("watched", "claim"),
    [
        (FEW_PEOPLE, Claim.THOSE_WHO_VOTED),
        (replace(FEW_PROMPTS, prompt_sd=2.0), Claim.LIKE_THESE_ANNOTATORS),
    ],
)
def test_what_a_verdict_holds_fixed_is_what_it_does_not_speak_of(
    watched: Watched, claim: Claim
) -> None:
    """Only the verdict that bets on both is right of all annotators and prompts."""
    found = shares(watched, World.BOTH, CAMPAIGNS)

    assert found[claim] > ALPHA + CHANCE
    assert found[Claim.LIKE_BOTH] <= ALPHA + CHANCE


def test_a_clear_lead_of_enough_people_with_their_own_prompts_is_settled_for_all() -> None:
    watched = unequal(UNEQUAL["50 annotators x 10, own prompts"], 0.7)

    assert shares(watched, World.BOTH, CAMPAIGNS)[Claim.LIKE_BOTH] > 0.9
