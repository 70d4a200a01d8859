"""The interval of alpha holds the truth as often as it says.

`python -m tests.endurance.agreement` prints the table of the long run.
"""

import pytest

from tests.endurance import FACTOR
from tests.endurance.agreement import (
    OTHER_PEOPLE,
    OTHERS,
    OUT_OF_SCOPE,
    REQUIRED,
    alpha_coverage,
)
from tests.endurance.simulated_agreement import Judging

BOARDS = 100 if FACTOR == 1 else 200 * FACTOR
CHANCE = 0.0 if FACTOR >= 10 else 3 * (0.95 * 0.05 / BOARDS) ** 0.5
"""Three standard errors of a share of so few boards; the long run must be inside the limits."""
LOWEST, HIGHEST = 0.93, 0.97
HELD = REQUIRED | OTHERS | OTHER_PEOPLE


@pytest.mark.parametrize("judging", HELD.values(), ids=HELD)
def test_the_interval_holds_the_alpha_of_ever_more_such_items(judging: Judging) -> None:
    covered = alpha_coverage(judging, BOARDS).covered

    assert LOWEST - CHANCE <= covered <= HIGHEST + CHANCE


@pytest.mark.parametrize("judging", OUT_OF_SCOPE.values(), ids=OUT_OF_SCOPE)
def test_what_the_interval_does_not_speak_of_it_does_not_hold(judging: Judging) -> None:
    assert alpha_coverage(judging, BOARDS).covered < LOWEST - CHANCE


def test_a_bootstrap_of_pairs_of_votes_does_not_hold_it() -> None:
    uneven = OTHERS["2 or 20, one in ten has 20 and is a toss-up"]

    assert alpha_coverage(uneven, 50, bootstrapped=20).pairs < 0.5
