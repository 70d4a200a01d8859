"""The votes of one file next to each other: what comes twice, and what contradicts itself."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from arena.services.importing.rows import ImportedVote, RowFault


@dataclass(frozen=True, slots=True)
class Distinct:
    """Votes on different battles, and how many rows only said again what an earlier one said."""

    votes: tuple[ImportedVote, ...]
    repeated: int
    faults: tuple[RowFault, ...]


def distinct(votes: Iterable[ImportedVote]) -> Distinct:
    """Keep one vote by battle; of a battle whose votes contradict each other keep none."""
    by_battle: dict[str, list[ImportedVote]] = defaultdict(list)
    for vote in votes:
        by_battle[vote.battle_id].append(vote)
    kept: list[ImportedVote] = []
    faults: list[RowFault] = []
    repeated = 0
    for first, *others in by_battle.values():
        contradicting = [vote for vote in others if _outcome(vote) != _outcome(first)]
        faults += (_contradiction(first, vote) for vote in contradicting)
        if not contradicting:
            kept.append(first)
            repeated += len(others)
    return Distinct(tuple(kept), repeated, tuple(faults))


def _outcome(vote: ImportedVote) -> tuple[object, ...]:
    return (vote.verdict, vote.ranks, vote.models, vote.annotator)


def _contradiction(first: ImportedVote, other: ImportedVote) -> RowFault:
    said = f"line {first.line}, which says '{first.outcome_cell[1]}' of the same battle"
    return other.fault(f"contradicts {said}: keep one of the two")
