"""People and programs that vote from one network address, minute by minute."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random

from arena.statistics.suspicious_addresses import DEFAULT_LIMITS, AddressHour, implausible


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


def room(
    random: Random, people: int, *, seconds: float, minutes: float = 60, second_browsers: float = 0
) -> list[Cast]:
    """People who begin within five minutes of the twentieth; some share their time between two
    browsers, which are two accounts."""
    casts: list[Cast] = []
    for member in range(people):
        start, end = random.uniform(20, 25), 20 + minutes + random.uniform(-5, 5)
        browsers = 2 if random.random() < second_browsers else 1
        for browser in range(browsers):
            pace = seconds * browsers
            casts += person(random, 2 * member + browser, start=start, end=end, seconds=pace)
    return casts


def devices(random: Random, number: int, *, seconds: float, minutes: float = 600) -> list[Cast]:
    """One person who takes one of several devices for each vote."""
    votes = person(random, 0, start=0, end=minutes, seconds=seconds)
    return [Cast(random.randrange(number), cast.minute) for cast in votes]


def visitors(random: Random, people: int, *, minutes: float) -> list[Cast]:
    """People who look in, cast a vote or three, and go."""
    return [
        Cast(visitor, random.uniform(0, minutes))
        for visitor in range(people)
        for _ in range(random.choice((1, 1, 2, 3)))
    ]
