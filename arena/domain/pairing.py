"""Which models meet, and on which side: drawn by weight and need, sides by a biased coin."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from itertools import combinations, permutations
from math import prod
from random import Random

from arena.domain.conversation import ModelKey
from arena.domain.errors import Refusal, Unavailable

Order = tuple[ModelKey, ...]
"""Models in slot order."""

Lineup = tuple[ModelKey, ...]
"""The same models in sorted order: who meets, whatever the sides."""

_UNBIASED = 0.7
"""How often the coin is fair. Of two orders the one that is behind then has a chance of
.7 / 2 + .3 = .65; with permuted blocks, the end of a block was certain."""


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
    order = _fair_order(lineups[index], drawn, random)
    return Draw(order, shares[index] / sum(shares))


def _fair_order(lineup: Lineup, drawn: Mapping[Order, int], random: Random) -> Order:
    """Toss a biased coin: orders that came least often are likelier, but never foreseeable.

    Whoever knows every earlier battle guesses a side right in at most 65 % of the next ones.
    Method: Efron (1971), «Forcing a sequential experiment to be balanced», Biometrika 58.
    """
    orders = list(permutations(lineup))
    counts = [drawn.get(order, 0) for order in orders]
    behind = counts.count(min(counts))
    chances = [
        _UNBIASED / len(orders) + (1 - _UNBIASED) * (count == min(counts)) / behind
        for count in counts
    ]
    return random.choices(orders, chances)[0]
