"""A program that reads every frame of a battle must not tell which side is the slow model.

It knows what an attacker can know: when each frame came, every text as it grew, both models'
speeds to the digit, and their tokenizers. `python -m tests.endurance.telling_sides_apart` prints
the table of the long run.
"""

from random import Random
from statistics import fmean

import pytest

from tests.endurance import FACTOR
from tests.endurance.scripted_races import Race, prose, run_races, shown_as_written
from tests.endurance.telling_sides_apart import (
    MOMENTS,
    RACES,
    before_one_has_ended,
    in_the_end,
)

pytestmark = pytest.mark.slow
BATTLES = 240 if FACTOR == 1 else 600
FEW = ("20 tokens/s against 22", "20 tokens/s against 40", "the same, other tokenizers")
HIGHEST = 0.6


@pytest.mark.parametrize("name", FEW if FACTOR == 1 else RACES)
def test_frames_before_one_side_has_ended_do_not_tell_which_is_slow(name: str) -> None:
    race = RACES[name]
    battles = run_races(race, BATTLES, seed=5)
    assert fmean(len(battle.growing) for battle in battles) > 5, "answers must have been streamed"
    for moment, share in MOMENTS.items():
        for found in before_one_has_ended(race, battles, share):
            print(f"{name}, {moment}: {found.share:.3f}")
            assert found.share <= HIGHEST


@pytest.mark.parametrize("faster", [1.1, 2.0])
def test_the_classifiers_name_the_slow_side_where_its_own_rhythm_shows(faster: float) -> None:
    race, random = Race(faster), Random(5)
    battles = [
        shown_as_written(
            race,
            (prose(random, race.words), prose(random, race.words)),
            slow=random.randrange(2),
        )
        for _ in range(BATTLES)
    ]
    assert all(found.share > 0.9 for found in before_one_has_ended(race, battles))


def test_models_faster_than_the_reading_pace_are_not_told_apart_in_the_end_either() -> None:
    race = Race(2.0, 60.0, words=(30, 90))
    found = in_the_end(race, run_races(race, BATTLES, seed=5))
    assert max(one.share for one in found) <= HIGHEST + 0.05


@pytest.mark.parametrize(
    ("race", "left_over"),
    [
        (Race(1.1, hold=True), 0.75),
        (Race(2.0, hold=True), 0.95),
    ],
)
def test_what_the_moment_of_completion_tells_is_known(race: Race, left_over: float) -> None:
    """`ARENA_REVEAL_PACE=complete`: the figures of docs/reliability.md, and no more than those."""
    found = in_the_end(race, run_races(race, BATTLES, seed=5))
    assert max(one.share for one in found) <= left_over
