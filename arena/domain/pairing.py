"""Which models meet, and on which side: drawn by weight and need, sides balanced in blocks."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations
from math import factorial, prod
from random import Random

from arena.domain.conversation import ModelKey
from arena.domain.errors import Refusal, Unavailable

Order = tuple[ModelKey, ...]
"""Models in slot order."""

Lineup = tuple[ModelKey, ...]
"""The same models in sorted order: who meets, whatever the sides."""

_SHORTEST_BLOCK = 4


@dataclass(frozen=True, slots=True)
class Draw:
    """A drawn battle: models in slot order and the probability with which the line-up came up."""

    order: Order
    probability: float


def lineup_of(order: Collection[ModelKey]) -> Lineup:
    """The line-up of an order."""
    return tuple(sorted(order))


def draw(
    *,
    weights: Mapping[ModelKey, float],
    slots: int,
    drawn: Mapping[Order, int],
    random: Random,
) -> Draw:
    """Draw `slots` distinct models and their sides.

    `weights` holds the eligible models alone (outages and short contexts are left out by the
    caller); `drawn` counts earlier battles by order. A line-up's chance is proportional to the
    product of its models' weights over one plus the number of times it was drawn, so that pairs
    that are behind catch up. Raises `Unavailable` when fewer than `slots` models are eligible.
    """
    if len(weights) < slots:
        raise Unavailable(Refusal.TOO_FEW_MODELS, ready=len(weights), needed=slots)
    lineups = list(combinations(sorted(weights), slots))
    met = Counter[Lineup]()
    for order, count in drawn.items():
        met[lineup_of(order)] += count
    shares = [prod(weights[key] for key in lineup) / (1 + met[lineup]) for lineup in lineups]
    index = random.choices(range(len(lineups)), shares)[0]
    order = _balanced_order(lineups[index], drawn, random)
    return Draw(order, shares[index] / sum(shares))


def _balanced_order(lineup: Lineup, drawn: Mapping[Order, int], random: Random) -> Order:
    """Random permuted blocks: within a block every order comes up equally often.

    A block is at least 4 battles long, so that the second of a pair's orders cannot be known
    from the first. Method: Matts & Lachin (1988), «Properties of permuted-block randomization
    in clinical trials».
    """
    orders = list(permutations(lineup))
    copies = max(1, _SHORTEST_BLOCK // factorial(len(lineup)))
    counts = [drawn.get(order, 0) for order in orders]
    finished_blocks = sum(counts) // (copies * len(orders))
    left = [max(0, copies * (finished_blocks + 1) - count) for count in counts]
    return random.choices(orders, left if any(left) else None)[0]
