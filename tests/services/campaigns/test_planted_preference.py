"""A campaign finds the preference that was planted, as often as its intervals say."""

import pytest

from tests.endurance import FACTOR
from tests.endurance.planted_preference import WORLDS, Planted, coverage

CAMPAIGNS = 1 if FACTOR == 1 else 20 * FACTOR
LOWEST, HIGHEST = 0.93, 0.97


@pytest.mark.parametrize("planted", WORLDS.values(), ids=WORLDS)
def test_intervals_hold_a_planted_preference(planted: Planted) -> None:
    found = coverage(planted, CAMPAIGNS, processes=min(2, CAMPAIGNS))
    assert found.intervals == 3 * CAMPAIGNS
    if CAMPAIGNS == 1:
        assert found.holding >= 2
        assert found.mean > 0.5
    else:
        assert LOWEST <= found.holding / found.intervals <= HIGHEST
        assert abs(found.mean - planted.rate) < 0.01
