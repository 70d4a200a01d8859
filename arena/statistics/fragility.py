"""Fragility: the fewest votes, annotators or prompts whose removal undoes a lead."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arena.domain.conversation import ModelKey
from arena.statistics.comparisons import Numbers
from arena.statistics.pair_votes import PairVotes


@dataclass(frozen=True, slots=True)
class Removals:
    """The fewest units whose removal undoes a lead; several such sets may exist, this is one.

    `to_level` are those after which the leader is ahead no more (also when no decisive vote is
    left); `to_reverse` those after which the other model is ahead, None if no removal does that.
    """

    to_level: tuple[int, ...]
    to_reverse: tuple[int, ...] | None


@dataclass(frozen=True, slots=True)
class Fragility:
    """What holds up the lead of `leader`: its `lead` is W - L, above 0.

    `votes` are positions in the comparisons; `annotators` and `prompts` the numbers used there.
    """

    leader: ModelKey
    opponent: ModelKey
    lead: int
    votes: Removals
    annotators: Removals
    prompts: Removals


def fragility(votes: PairVotes) -> Fragility | None:
    """Return the fewest votes, annotators and prompts whose removal changes the sign of W - L.

    None if W = L: there is no lead to undo. Ties and both-bad verdicts have no part in W - L; they
    go with an annotator or a prompt that is removed but are never votes to remove.
    """
    lead = votes.wins - votes.losses
    if lead == 0:
        return None
    score = votes.score if lead > 0 else -votes.score
    pair = votes.pair
    leader, opponent = pair if lead > 0 else (pair.opponent, pair.model)
    return Fragility(
        leader,
        opponent,
        abs(lead),
        votes=_removals(votes.position, score),
        annotators=_removals(votes.annotator, score),
        prompts=_removals(votes.prompt, score),
    )


def _removals(unit: Numbers, score: Numbers) -> Removals:
    """Find the fewest units whose scores add up to at least the lead, and to more than it.

    The lead is the sum of the net scores of all units, and removing a set takes away the sum of
    its scores. No set of k units takes away more than the k largest scores, so the shortest
    prefix of the scores in descending order that takes away enough is a smallest set: greedy is
    exact because the lead is a sum. Where each unit is one vote this is |W - L| of the
    leader's votes to level and one more to reverse.
    """
    units, row = np.unique(unit, return_inverse=True)
    net = np.bincount(row, weights=score).astype(np.int64)
    order = np.argsort(-net, kind="stable")
    taken = np.cumsum(net[order])
    lead = int(net.sum())
    enough, more = taken >= lead, taken > lead
    return Removals(
        to_level=_prefix(units[order], enough),
        to_reverse=_prefix(units[order], more) if more.any() else None,
    )


def _prefix(units: Numbers, reached: NDArray[np.bool_]) -> tuple[int, ...]:
    """Return units up to the first that reaches the goal."""
    return tuple(units[: int(reached.argmax()) + 1].tolist())
