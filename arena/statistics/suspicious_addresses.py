"""Implausible voting rates from one network address."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from arena.statistics.clustered_rates import ClusteredRate, ClusteredRates
from arena.statistics.win_rate import State

Key = TypeVar("Key")


@dataclass(frozen=True, slots=True)
class AddressHour:
    """What one address cast in one clock hour.

    `passing` are the annotators with few votes in it (`AddressLimits.few_votes` at most);
    `minutes` is the time from the first vote to the last.
    """

    votes: int
    annotators: int
    passing: int
    minutes: float


@dataclass(frozen=True, slots=True)
class AddressLimits:
    """What an address may cast in an hour before its votes are named on boards.

    A room of people who read must never be named, so each limit is far above what they do, and a
    program that takes care to vote like such a room is not found. People read 238 words a minute
    (Brysbaert 2019, J. Mem. Lang. 109, 104047: silent reading of English non-fiction): at
    `votes_a_minute`, 60 words are left for the prompt and both replies, and no time to write, to
    wait and to decide. `burst` votes may come at once on top, from battles that were open already.
    """

    least_votes: int = 30
    """Votes below which nothing is said."""
    votes_a_minute: float = 4.0
    """Of one person, kept up for the whole time."""
    burst: int = 6
    """Votes of one person beyond that rate."""
    people: int = 60
    """People at work behind one address: two class rooms. More accounts than that add no rate."""
    few_votes: int = 2
    """Votes in an hour that mark an account as passing: people who stay cast more, programs that
    use a new account for every vote do not."""
    crowd: int = 120
    """Accounts in one hour beyond which it is said however they vote: a lecture hall."""


DEFAULT_LIMITS = AddressLimits()


def implausible(hour: AddressHour, limits: AddressLimits = DEFAULT_LIMITS) -> bool:
    """Return whether people behind one address would not cast so many votes by so many accounts.

    Any of three: more votes than that many people can cast in that time; more than `people`
    accounts, of which at least half cast no more than `few_votes`; more than `crowd` accounts.
    """
    if hour.votes < limits.least_votes:
        return False
    each = limits.burst + limits.votes_a_minute * hour.minutes
    too_fast = hour.votes > min(hour.annotators, limits.people) * each
    thrown_away = hour.annotators > limits.people and 2 * hour.passing >= hour.annotators
    return too_fast or thrown_away or hour.annotators > limits.crowd


def cap_rates(rates: ClusteredRates) -> ClusteredRates:
    """Cap the state of all rates at `preliminary`.

    An interval covers chance, not one person behind many accounts.
    """
    return ClusteredRates(
        cap_states(rates.pairs),
        cap_states(rates.pooled),
        cap_states(rates.mean_over_opponents),
    )


def cap_states(rates: Mapping[Key, ClusteredRate]) -> dict[Key, ClusteredRate]:
    """Replace the state `established` by `preliminary`."""
    return {
        key: replace(rate, state=State.PRELIMINARY) if rate.state is State.ESTABLISHED else rate
        for key, rate in rates.items()
    }
