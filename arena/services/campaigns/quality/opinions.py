"""What a ballot says of each two models, whichever sides they stood on."""

from collections.abc import Iterator, Mapping
from itertools import combinations

from arena.domain.verdict import Verdict
from arena.storage.campaigns.ballots import GivenBallot

_BETTER, _WORSE = 0, 1

Opinions = Mapping[tuple[int, int], Verdict]
"""By two models, as positions of the campaign from low to high; A is the lower one."""


def opinions_of(ballot: GivenBallot) -> Opinions:
    """Return what a ballot says of each two of its models."""
    return {
        (min(one, other), max(one, other)): verdict if one < other else verdict.mirrored
        for one, other, verdict in as_shown(ballot)
    }


def as_shown(ballot: GivenBallot) -> Iterator[tuple[int, int, Verdict]]:
    """Yield each two models, the one in the earlier slot first, and what is said of them."""
    for earlier, later in combinations(range(len(ballot.ordering)), 2):
        one, other = ballot.ordering[earlier], ballot.ordering[later]
        yield one, other, verdict_between(ballot, earlier, later)


def verdict_between(ballot: GivenBallot, earlier: int, later: int) -> Verdict:
    """Return what a ballot says of two slots, A being the earlier one."""
    if ballot.verdict is not None:
        return ballot.verdict
    one, other = ballot.ranks[earlier], ballot.ranks[later]
    if one == other:
        return Verdict.TIE
    return Verdict.A_BETTER if one < other else Verdict.B_BETTER


def sides_preferred(ballot: GivenBallot) -> Iterator[bool]:
    """Yield, for each two slots of which one is better, whether it is the earlier one."""
    for _, _, verdict in as_shown(ballot):
        if verdict.decisive:
            yield verdict is Verdict.A_BETTER


def agreement_of(one: Opinions, other: Opinions) -> float:
    """Return the share, from 0 to 1, of the pairs of models on which two ballots say the same."""
    return sum(one[pair] is other[pair] for pair in one) / len(one)


def is_right(check: GivenBallot) -> bool:
    """Return whether a ballot on a check item prefers the better reply."""
    return opinions_of(check)[_BETTER, _WORSE] is Verdict.A_BETTER
