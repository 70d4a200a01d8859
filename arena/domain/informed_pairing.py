"""Pairs drawn where one more battle tells most, with a floor under every pair."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations
from math import sqrt
from random import Random

from arena.domain.conversation import ModelKey
from arena.domain.errors import Refusal, Unavailable
from arena.domain.mode import PAIR
from arena.domain.pairing import Draw, Met, Order, fair_order

FLOOR = 0.5
"""Share of battles that are drawn without regard to votes. No pair ever has less than half of its
even chance, so that no comparison counts more than twice."""

Gains = Mapping[Order, float]
"""What one more battle of two models tells, in any unit from 0 up, by the two keys in order."""


@dataclass(frozen=True, slots=True)
class PairChance:
    """The probability of a pair, and the one that it would have without regard to votes."""

    drawn: float
    even: float


def pair_chances(weights: Mapping[ModelKey, float], gains: Gains) -> dict[Order, PairChance]:
    """Return the chances of all pairs of the eligible models, by keys in order.

    `weights` holds the eligible models alone; `gains` must know every pair of them. The even chance
    is proportional to the square root of the product of both weights: what drawing by weight and
    need (`pairing.draw`) comes to in the long run. The chance drawn by is a mixture: `FLOOR` of the
    even one, and the rest in proportion to the even chance times the gain. Source of the
    proportion: Chiang et al. (2024), «Chatbot Arena», arXiv:2403.04132, section 5. A mixture with
    a fixed part keeps inverse probabilities bounded: Owen & Zhou (2000), «Safe and effective
    importance sampling», JASA 95, 135-143.
    """
    pairs = list(combinations(sorted(weights), PAIR))
    even = _shares([sqrt(weights[one] * weights[other]) for one, other in pairs])
    telling = _shares([share * gains[pair] for pair, share in zip(pairs, even, strict=True)])
    return {
        pair: PairChance(FLOOR * share + (1 - FLOOR) * told, share)
        for pair, share, told in zip(pairs, even, telling, strict=True)
    }


def draw_informed(
    *, weights: Mapping[ModelKey, float], gains: Gains, met: Met, random: Random
) -> Draw:
    """Draw two distinct models by `pair_chances`, and their sides as in every other battle.

    Raises:
        Unavailable: Fewer than two models are eligible.
    """
    if len(weights) < PAIR:
        raise Unavailable(Refusal.TOO_FEW_MODELS, ready=len(weights), needed=PAIR)
    chances = pair_chances(weights, gains)
    (pair,) = random.choices(list(chances), [chance.drawn for chance in chances.values()])
    return Draw(fair_order(pair, met, random), chances[pair].drawn, chances[pair].even)


def _shares(parts: list[float]) -> list[float]:
    total = sum(parts)
    return [part / total for part in parts]
