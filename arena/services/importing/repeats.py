"""The votes of one file next to each other: what comes twice, and what contradicts itself."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from arena.services.importing.outlines import VoteOutline
from arena.services.importing.rows import RowFault


@dataclass(frozen=True, slots=True)
class Distinct:
    """Votes on different battles, and how many rows only said again what an earlier one said."""

    votes: tuple[VoteOutline, ...]
    repeated: int
    faults: tuple[RowFault, ...]


def distinct(votes: Iterable[VoteOutline], *, unit: str = "line") -> Distinct:
    """Keep one vote by battle; of a battle whose votes contradict each other keep none.

    Faults name an earlier `unit` of the file.
    """
    by_battle: dict[str, list[VoteOutline]] = defaultdict(list)
    for vote in votes:
        by_battle[vote.battle_id].append(vote)
    kept: list[VoteOutline] = []
    faults: list[RowFault] = []
    repeated = 0
    for first, *others in by_battle.values():
        contradicting = [vote for vote in others if _outcome(vote) != _outcome(first)]
        faults += (_contradiction(first, vote, unit) for vote in contradicting)
        if not contradicting:
            kept.append(first)
            repeated += len(others)
    return Distinct(tuple(kept), repeated, tuple(faults))


def _outcome(vote: VoteOutline) -> tuple[object, ...]:
    return (vote.verdict, vote.ranks, vote.models, vote.annotator)


def _contradiction(first: VoteOutline, other: VoteOutline, unit: str) -> RowFault:
    said = f"{unit} {first.line}, which says '{first.outcome_cell[1]}' of the same battle"
    return other.fault(f"contradicts {said}: keep one of the two")
