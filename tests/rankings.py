"""What a ranking says of every two slots, told without a database: an oracle for its views."""

from collections.abc import Sequence
from itertools import combinations

from arena.domain.verdict import Verdict


def verdicts_of_ranking(ranks: Sequence[int]) -> dict[tuple[int, int], Verdict]:
    """Return the verdict on every two slots a < b; `ranks[i]` is the rank of slot i, 1 is best.

    Equal ranks are ties. Raises ValueError on a rank below 1 or on fewer than two slots.
    """
    if len(ranks) < 2 or min(ranks) < 1:
        raise ValueError(f"a ranking needs two or more ranks from 1 up, got {list(ranks)}")
    return {(a, b): _verdict(ranks[a], ranks[b]) for a, b in combinations(range(len(ranks)), 2)}


def _verdict(rank_a: int, rank_b: int) -> Verdict:
    if rank_a == rank_b:
        return Verdict.TIE
    return Verdict.A_BETTER if rank_a < rank_b else Verdict.B_BETTER
