"""Farms of accounts behind one address are named; people who share an address are not."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

import pytest

from arena.domain.conversation import ModelKey
from arena.statistics.clustered_rates import pooled_rates
from arena.statistics.comparisons import Comparison, from_rows
from arena.statistics.one_address import (
    DEFAULT_LIMITS,
    AddressHour,
    at_most_preliminary,
    implausible,
)
from arena.statistics.win_rate import State


@dataclass(frozen=True, slots=True)
class Cast:
    """A vote `minute` minutes after the first hour began."""

    annotator: int
    minute: float


def hours_of(casts: Iterable[Cast]) -> Iterator[AddressHour]:
    """As the database sums them up."""
    by_hour: defaultdict[int, list[Cast]] = defaultdict(list)
    for cast in casts:
        by_hour[int(cast.minute // 60)].append(cast)
    for found in by_hour.values():
        votes = Counter(cast.annotator for cast in found)
        minutes = [cast.minute for cast in found]
        yield AddressHour(
            votes=len(found),
            annotators=len(votes),
            passing=sum(n <= DEFAULT_LIMITS.few_votes for n in votes.values()),
            minutes=max(minutes) - min(minutes),
        )


def named(casts: Iterable[Cast]) -> bool:
    return any(map(implausible, hours_of(casts)))


def person(
    random: Random, annotator: int, *, start: float, end: float, seconds: float
) -> Iterator[Cast]:
    """Votes with log-normal times between them, `seconds` in the median; one in 20 lasts long."""
    minute = start
    while True:
        minute += (
            random.lognormvariate(0, 0.7) * seconds / 60 * (5 if random.random() < 0.05 else 1)
        )
        if minute >= end:
            return
        yield Cast(annotator, minute)


def farm(
    random: Random, *, accounts: int, votes: int, minutes: float, start: float = 0.0
) -> Iterator[Cast]:
    """A program that shares its votes out over its accounts."""
    for number in range(votes):
        account = number if number < accounts else random.randrange(accounts)
        yield Cast(account, start + minutes * number / votes)


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
    """From people who skim single lines to people who read long answers; all behind one address,
    all begin within five minutes, and one in five comes with a second browser."""
    for seed in range(25):
        random = Random(seed)
        casts: list[Cast] = []
        for pupil in range(30):
            start, end = random.uniform(20, 25), random.uniform(75, 85)
            browsers = 2 if random.random() < 0.2 else 1
            for browser in range(browsers):
                casts += person(
                    random, 2 * pupil + browser, start=start, end=end, seconds=seconds * browsers
                )
        assert not named(casts), f"seed {seed}"


def test_30_people_who_look_in_and_cast_a_vote_or_two_are_never_named() -> None:
    for seed in range(25):
        random = Random(seed)
        casts = [
            Cast(visitor, random.uniform(0, 30))
            for visitor in range(30)
            for _ in range(random.choice((1, 1, 2, 3)))
        ]
        assert not named(casts)


def test_a_lecture_hall_of_100_that_reads_is_never_named() -> None:
    for seed in range(10):
        random = Random(seed)
        casts = [
            cast
            for student in range(100)
            for cast in person(random, student, start=random.uniform(0, 5), end=50, seconds=40)
        ]
        assert not named(casts)


@pytest.mark.parametrize("seconds", [10, 20, 60])
def test_one_person_with_five_devices_is_never_named(seconds: float) -> None:
    """One pair of eyes, however many cookies."""
    for seed in range(25):
        random = Random(seed)
        hand = person(random, 0, start=0, end=600, seconds=seconds + 5)
        assert not named(Cast(random.randrange(5), cast.minute) for cast in hand)


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
        Comparison(alpha, beta, "a_better" if (number + prompt) % 5 else "b_better", number, prompt)
        for number in range(30)
        for prompt in range(30)
    ]
    rates = pooled_rates(from_rows(rows))
    few = pooled_rates(from_rows(rows[:9]))
    assert rates[alpha].state is State.ESTABLISHED

    capped = at_most_preliminary(rates)

    assert capped[alpha].state is State.PRELIMINARY
    assert capped[alpha].interval == rates[alpha].interval
    assert at_most_preliminary(few) == few
