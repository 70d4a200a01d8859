"""Intervals as shown hold the truth as often as they say.

`python -m tests.endurance.coverage` prints the table of the long run.
"""

import pytest

from tests.endurance import FACTOR
from tests.endurance.coverage import (
    FIVE_MODELS,
    HARD,
    OUT_OF_SCOPE,
    WITH_EFFECTS,
    WITHOUT_EFFECTS,
    model_coverage,
    pair_coverage,
    rating_coverage,
)
from tests.endurance.simulated_boards import Campaign

BOARDS = 100 if FACTOR == 1 else 200 * FACTOR
BOARDS_OF_FIVE = 25 if FACTOR == 1 else BOARDS
CHANCE = 0.0 if FACTOR >= 10 else 3 * (0.95 * 0.05 / BOARDS) ** 0.5
CHANCE_OF_FIVE = 0.0 if FACTOR >= 10 else 3 * (0.95 * 0.05 / BOARDS_OF_FIVE) ** 0.5
"""Three standard errors of a share of so few boards; the long run must be inside the limits."""
LOWEST, HIGHEST, HIGHEST_OF_HARD = 0.93, 0.97, 0.99


@pytest.mark.parametrize("campaign", WITH_EFFECTS.values(), ids=WITH_EFFECTS)
def test_with_effects_a_pairs_interval_holds_the_truth(campaign: Campaign) -> None:
    coverage = pair_coverage(campaign, BOARDS)

    assert coverage.shown > 0.99 * BOARDS
    assert LOWEST - CHANCE <= coverage.covered <= HIGHEST + CHANCE
    assert coverage.naive < coverage.covered


@pytest.mark.parametrize(
    "campaign", [*HARD.values(), *WITHOUT_EFFECTS.values()], ids=[*HARD, *WITHOUT_EFFECTS]
)
def test_with_little_to_go_by_or_without_effects_it_is_not_much_too_wide(
    campaign: Campaign,
) -> None:
    coverage = pair_coverage(campaign, BOARDS)

    assert LOWEST - CHANCE <= coverage.covered <= HIGHEST_OF_HARD + CHANCE


@pytest.mark.parametrize("campaign", OUT_OF_SCOPE.values(), ids=OUT_OF_SCOPE)
def test_for_these_annotators_only_is_not_for_all_annotators(campaign: Campaign) -> None:
    assert pair_coverage(campaign, BOARDS).covered < LOWEST


@pytest.mark.parametrize("campaign", FIVE_MODELS.values(), ids=FIVE_MODELS)
def test_intervals_of_models_hold_the_truth(campaign: Campaign) -> None:
    for coverage in model_coverage(campaign, BOARDS_OF_FIVE):
        assert coverage.covered >= LOWEST - CHANCE_OF_FIVE


@pytest.mark.parametrize("campaign", FIVE_MODELS.values(), ids=FIVE_MODELS)
def test_ratings_and_all_differences_at_once_hold_the_truth(campaign: Campaign) -> None:
    coverage = rating_coverage(campaign, BOARDS_OF_FIVE)

    assert min(coverage.rating, coverage.differences) >= LOWEST - CHANCE_OF_FIVE
    assert coverage.ranks >= coverage.differences
