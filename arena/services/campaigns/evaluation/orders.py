"""In which order the models of an item are shown: balanced over a campaign, never foreseeable."""

from collections.abc import Mapping
from random import Random

from arena.domain.mode import PAIR
from arena.storage.campaigns.items import Positions

Times = Mapping[tuple[int, int], int]
"""How often each model stood in each slot, by position and slot."""

_CHANCE = 0.65
"""Of the order of a pair that came less often, as in open play (`arena.domain.pairing`)."""

_TRIED = 4
"""So many random orders of more models, of which the one that balances best is taken."""


def balanced_order(
    models: Positions, times: Times, *, places: int | None, random: Random
) -> Positions:
    """Return models in slot order.

    `places` counts what is left to assign of items of these models, this one included; None where
    that is not known. With it, both orders of a pair come equally often, within one, once every
    place is taken: an order that has had its half is not drawn again. Until then no order has a
    chance above 0.65, so that nobody can tell the sides from earlier ones.
    """
    if len(models) == PAIR:
        return _pair(models, times, places, random)
    tried = [tuple(random.sample(models, len(models))) for _ in range(_TRIED)]
    return min(tried, key=lambda order: _crowded(order, times))


def _pair(models: Positions, times: Times, places: int | None, random: Random) -> Positions:
    straight, exchanged = (times.get((position, 0), 0) for position in models)
    if places is not None:
        half = (straight + exchanged + places + 1) // 2
        if straight >= half or exchanged >= half:
            return models if exchanged >= half else models[::-1]
    behind = (exchanged > straight) - (straight > exchanged)
    chance = {0: 0.5, 1: _CHANCE, -1: 1 - _CHANCE}[behind]
    return models if random.random() < chance else models[::-1]


def _crowded(order: Positions, times: Times) -> int:
    return sum(times.get((position, slot), 0) for slot, position in enumerate(order))
