"""«Told apart» allows for all pairs of a board: `python -m tests.endurance.many_pairs` prints the
table of the long run."""

import pytest

from tests.endurance import FACTOR
from tests.endurance.many_pairs import BETTER_MODEL, EQUAL_MODELS, many_pairs
from tests.endurance.simulated_boards import Campaign

BOARDS = 40 if FACTOR == 1 else 100 * FACTOR
MOST = 0.05
CHANCE = 3 * (MOST * (1 - MOST) / BOARDS) ** 0.5
"""Three standard errors of a share of so few boards."""
SHOWN = ("Holm (shown)", "differences of ratings")
QUICK = ("30 annotators x 90", "30 annotators x 90, sd .7", "10 annotators x 270, sd .7")


@pytest.mark.parametrize(
    "campaign", [EQUAL_MODELS[name] for name in (QUICK if FACTOR == 1 else EQUAL_MODELS)]
)
def test_of_ten_equal_models_hardly_any_board_tells_two_apart(campaign: Campaign) -> None:
    false = many_pairs(campaign, BOARDS, ("no allowance", *SHOWN)).false

    for method in SHOWN:
        assert sum(false[method]) / BOARDS <= MOST + CHANCE
    assert sum(false["no allowance"]) / BOARDS > 0.5


def test_a_better_model_is_still_found_among_ten() -> None:
    found = many_pairs(BETTER_MODEL["100 annotators x 90, sd .7"], BOARDS // 4, SHOWN)

    assert all(sum(power) / len(power) > 0.4 for power in found.power.values())
