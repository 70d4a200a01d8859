"""Which models meet, and on which side: drawn by weight and need, sides by a biased coin."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations, permutations
from math import prod
from random import Random

from arena.domain.conversation import ModelKey
from arena.domain.errors import Refusal, Unavailable

Order = tuple[ModelKey, ...]
"""Models in slot order."""

Met = Mapping[Order, int]
"""How often two models met in this order, by pair of models: the first in the earlier slot."""


class Pairing(StrEnum):
    """How the two models of a battle in open play are drawn."""

    UNIFORM = "uniform"
    INFORMED = "informed"


_UNBIASED = 0.7
"""How often the coin is fair. Of two orders the one that is behind then has a chance of
.7 / 2 + .3 = .65; with permuted blocks, the end of a block was certain."""


@dataclass(frozen=True, slots=True)
class Draw:
    """A drawn battle: models in slot order, and the probability that these models were drawn.

    `even_probability` is the one that they would have had without regard to votes; None where votes
    had no part in the draw.
    """

    order: Order
    probability: float
    even_probability: float | None = None


def pairs_of(order: Order) -> Iterable[Order]:
    """Iterate over the pairs in which an order of any length counts."""
    return combinations(order, 2)


def draw(*, weights: Mapping[ModelKey, float], slots: int, met: Met, random: Random) -> Draw:
    """Draw `slots` distinct models and their sides.

    `weights` holds the eligible models alone (the caller leaves out models that are down or whose
    context is too short). Models are drawn one after the other. With two slots a pair's chance
    is proportional to the product of its weights over one plus the number of times it met, so
    that pairs that are behind catch up; with more slots each further model is drawn by its weight
    over one plus its meetings, multiplied over the models drawn so far.

    Raises:
        Unavailable: Fewer than `slots` models are eligible.
    """
    if len(weights) < slots:
        raise Unavailable(Refusal.TOO_FEW_MODELS, ready=len(weights), needed=slots)
    urn = _Urn(weights, met)
    drawn: list[ModelKey] = []
    while len(drawn) < slots:
        shares = urn.shares(drawn)
        drawn += random.choices(list(shares), list(shares.values()))
    return Draw(fair_order(sorted(drawn), met, random), urn.probability(frozenset(drawn)))


class _Urn:
    """The models that can be drawn, and how much each of them is wanted next."""

    def __init__(self, weights: Mapping[ModelKey, float], met: Met) -> None:
        self._weights = {key: weights[key] for key in sorted(weights)}
        self._met = met
        self._first = {key: self._wanted_first(key) for key in self._weights}
        self._probabilities: dict[frozenset[ModelKey], float] = {frozenset(): 1.0}

    def shares(self, drawn: Collection[ModelKey]) -> Mapping[ModelKey, float]:
        """Return the relative chance of every model to be drawn next."""
        if not drawn:
            return self._first
        return {
            key: weight * prod(self._need(key, other) for other in drawn)
            for key, weight in self._weights.items()
            if key not in drawn
        }

    def probability(self, models: frozenset[ModelKey]) -> float:
        """Return the chance that these models are drawn, in whatever sequence."""
        if models not in self._probabilities:
            self._probabilities[models] = sum(self._last(models, key) for key in models)
        return self._probabilities[models]

    def _last(self, models: frozenset[ModelKey], key: ModelKey) -> float:
        """Return the chance that these models are drawn, one of them last."""
        before = models - {key}
        shares = self.shares(before)
        return self.probability(before) * shares[key] / sum(shares.values())

    def _wanted_first(self, key: ModelKey) -> float:
        """Order by all pairs together: then a pair's chance is as if pairs were drawn at once."""
        others = (other for other in self._weights if other != key)
        return self._weights[key] * sum(
            self._weights[other] * self._need(key, other) for other in others
        )

    def _need(self, one: ModelKey, other: ModelKey) -> float:
        return 1 / (1 + self._met.get((one, other), 0) + self._met.get((other, one), 0))


def fair_order(lineup: Collection[ModelKey], met: Met, random: Random) -> Order:
    """Toss a biased coin: orders whose pairs came least often are likelier, never foreseeable.

    Whoever knows every earlier battle guesses a side right in at most 65 % of the next ones.
    Method: Efron (1971), «Forcing a sequential experiment to be balanced», Biometrika 58.
    """
    orders = list(permutations(lineup))
    counts = [sum(met.get(pair, 0) for pair in pairs_of(order)) for order in orders]
    behind = counts.count(min(counts))
    chances = [
        _UNBIASED / len(orders) + (1 - _UNBIASED) * (count == min(counts)) / behind
        for count in counts
    ]
    return random.choices(orders, chances)[0]
