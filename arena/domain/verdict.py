"""Verdicts and rankings, and the pairwise comparisons that follow from them."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations


class Verdict(StrEnum):
    """What an annotator says of two answers. In a comparison, a is the earlier slot."""

    A_BETTER = "a_better"
    B_BETTER = "b_better"
    TIE = "tie"
    BOTH_BAD = "both_bad"

    @property
    def decisive(self) -> bool:
        """Whether the verdict names a winner."""
        return self in {Verdict.A_BETTER, Verdict.B_BETTER}


class Reason(StrEnum):
    """Optional chips that say why, per slot."""

    USEFUL = "useful"
    CORRECT = "correct"
    COMPLETE = "complete"
    WELL_FORMATTED = "well_formatted"
    CREATIVE = "creative"
    INCORRECT = "incorrect"
    SUPERFICIAL = "superficial"
    IGNORES_INSTRUCTION = "ignores_instruction"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Comparison:
    """One pairwise outcome: `verdict` speaks of slot positions `a` < `b` (0 is slot A)."""

    a: int
    b: int
    verdict: Verdict


def comparisons_of_ranking(ranks: Sequence[int]) -> tuple[Comparison, ...]:
    """All N(N-1)/2 comparisons of a ranking; `ranks[i]` is the rank of slot i, 1 is best.

    Equal ranks are ties. Raises ValueError on a rank below 1 or on fewer than two slots.
    """
    if len(ranks) < 2 or min(ranks) < 1:
        raise ValueError(f"a ranking needs two or more ranks from 1 up, got {list(ranks)}")
    return tuple(
        Comparison(a, b, _outcome(ranks[a], ranks[b]))
        for a, b in combinations(range(len(ranks)), 2)
    )


def _outcome(rank_a: int, rank_b: int) -> Verdict:
    if rank_a == rank_b:
        return Verdict.TIE
    return Verdict.A_BETTER if rank_a < rank_b else Verdict.B_BETTER
