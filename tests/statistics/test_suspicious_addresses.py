"""Farms of accounts behind one address are named; people who share an address are not."""

from random import Random

import pytest

from arena.domain.conversation import ModelKey
from arena.statistics.clustered_rates import pooled_rates
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.suspicious_addresses import AddressHour, cap_states, implausible
from arena.statistics.win_rate import State
from tests.endurance import FACTOR
from tests.endurance.simulated_addresses import devices, farm, named, person, room, visitors

ROUNDS = 15 * FACTOR


def test_the_farm_of_the_review_is_named() -> None:
    """533 guest sessions and 696 votes in a minute."""
    for seed in range(10):
        assert named(farm(Random(seed), accounts=533, votes=696, minutes=1))


@pytest.mark.parametrize(
    ("accounts", "votes", "minutes"),
    [
        (1, 60, 1),
        (1, 400, 60),
        (5, 120, 1),
        (60, 900, 1),
        (100, 100, 10),
        (100, 150, 55),
        (200, 200, 60),
        (130, 1300, 60),
        (600, 3000, 60),
    ],
)
def test_programs_are_named_by_their_rate_or_by_their_accounts(
    accounts: int, votes: int, minutes: float
) -> None:
    assert named(farm(Random(0), accounts=accounts, votes=votes, minutes=minutes))


def test_a_farm_that_begins_before_the_hour_is_over_is_named() -> None:
    assert named(farm(Random(0), accounts=533, votes=696, minutes=1, start=59.5))


@pytest.mark.parametrize("seconds", [15, 25, 45, 90])
def test_a_class_of_30_that_votes_for_an_hour_is_never_named(seconds: float) -> None:
    """From people who skim single lines to people who read long answers; one in five comes with a
    second browser."""
    for seed in range(ROUNDS):
        casts = room(Random(seed), 30, seconds=seconds, second_browsers=0.2)
        assert not named(casts), f"seed {seed}"


def test_30_people_who_look_in_and_cast_a_vote_or_two_are_never_named() -> None:
    assert not any(named(visitors(Random(seed), 30, minutes=30)) for seed in range(ROUNDS))


def test_a_lecture_hall_of_100_that_reads_is_never_named() -> None:
    assert not any(named(room(Random(seed), 100, seconds=40)) for seed in range(ROUNDS // 5))


@pytest.mark.parametrize("seconds", [15, 30, 60])
def test_one_person_with_five_devices_is_never_named(seconds: float) -> None:
    """One pair of eyes, however many cookies."""
    assert not any(named(devices(Random(seed), 5, seconds=seconds)) for seed in range(ROUNDS))


def test_a_laboratory_that_votes_for_months_is_never_named() -> None:
    random = Random(0)
    for _ in range(20):
        casts = [
            cast
            for member in range(12)
            for cast in person(random, member, start=0, end=480, seconds=60)
        ]
        assert not named(casts)


def test_few_votes_are_never_named_however_fast() -> None:
    assert not implausible(AddressHour(votes=29, annotators=1, passing=0, minutes=0))
    assert implausible(AddressHour(votes=30, annotators=1, passing=0, minutes=0))


def test_a_rate_that_would_be_established_is_preliminary_and_others_stay_as_they_are() -> None:
    alpha, beta = ModelKey("alpha"), ModelKey("beta")
    rows = [
        Comparison(*pair, "a_better" if won == (pair[0] == alpha) else "b_better", number, prompt)
        for number in range(30)
        for prompt in range(30)
        for won in [(number + prompt) % 5 > 0]
        for pair in [(alpha, beta) if (number + prompt) % 2 else (beta, alpha)]
    ]
    rates = pooled_rates(from_rows(rows))
    few = pooled_rates(from_rows(rows[:9]))
    assert rates[alpha].state is State.ESTABLISHED

    capped = cap_states(rates)

    assert capped[alpha].state is State.PRELIMINARY
    assert capped[alpha].interval == rates[alpha].interval
    assert cap_states(few) == few
