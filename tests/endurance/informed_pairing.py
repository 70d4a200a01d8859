"""Pairs drawn where votes tell most: `python -m tests.endurance.informed_pairing [BOARDS]`.

How often the re-weighted interval of a pooled rate holds the rate that even drawing would give, how
often the plain one does, and how many votes ratings and rates need under either way of drawing.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from arena.domain.conversation import ModelKey
from arena.domain.informed_pairing import pair_chances
from arena.statistics.bradley_terry import fit
from arena.statistics.clustered_rates import ClusteredRate, pooled_rates
from arena.statistics.comparisons import Comparisons, Numbers, renumbered, sided_counts
from arena.statistics.information import information_gains
from arena.statistics.win_rate import Pair, Record
from tests.endurance.simulated_boards import Campaign, Floats

SEED = 20_261_130
BOARDS = 1000
COUNTED_EVERY = 60
"""Votes between two counts of the board: so many draws have the same chances."""
SIX = (1.5, 0.9, 0.3, -0.3, -0.9, -1.5)
TEN = (3.0, 2.4, 1.5, 0.6, 0.3, 0.0, -0.5, -1.2, -2.2, -3.0)

CAMPAIGNS = {
    "6 equal models, 30 annotators x 40": Campaign(30, 40, strengths=(0.0,) * 6, tie_share=0.2),
    "6 models, 30 annotators x 40": Campaign(30, 40, strengths=SIX, tie_share=0.2),
    "6 models, 30 annotators x 40, sd .7": Campaign(
        30, 40, annotator_sd=0.7, strengths=SIX, tie_share=0.2
    ),
    "6 models, 30 annotators x 40 on 60 prompts, both sd .7": Campaign(
        30, 40, 60, annotator_sd=0.7, prompt_sd=0.7, strengths=SIX, tie_share=0.2
    ),
    "10 models far apart, 40 annotators x 60, sd .7": Campaign(
        40, 60, annotator_sd=0.7, strengths=TEN, tie_share=0.2
    ),
}


class Chances(NamedTuple):
    """The chance of every pair of models, in the order of `numpy.triu_indices`, and its weight."""

    chance: Floats
    weight: Floats


Drawing = Callable[[tuple[ModelKey, ...], Numbers], Chances]
"""How pairs are drawn, by models and the votes so far, K x K x 4."""


def informed(keys: tuple[ModelKey, ...], sided: Numbers) -> Chances:
    """Draw as an arena does that has counted these votes."""
    records = {
        Pair(keys[i], keys[j]): Record(*sided[i, j].tolist())
        for i, j in np.argwhere(sided.sum(axis=2)).tolist()
    }
    found = pair_chances(dict.fromkeys(keys, 1.0), information_gains(keys, records))
    drawn, even = np.array([(one.drawn, one.even) for one in found.values()]).T
    return Chances(drawn / drawn.sum(), even / drawn)


def uniform(keys: tuple[ModelKey, ...], sided: Numbers) -> Chances:
    """Draw the pairs that are behind, as an arena does by default."""
    met = sided.sum(axis=2)[np.triu_indices(len(keys), k=1)]
    need = 1 / (1 + met)
    return Chances(need / need.sum(), np.ones(len(met)))


def drawn_board(campaign: Campaign, random: np.random.Generator, drawing: Drawing) -> Comparisons:
    """Return a campaign's votes in an order of arrival, on pairs drawn by those before."""
    visits = campaign.visits(random)
    arrivals = random.permutation(len(visits.annotator))
    pairs = np.array(np.triu_indices(len(campaign.models), k=1))
    nobody = np.zeros(0, np.int64)
    cast = Comparisons(campaign.models, nobody, nobody, nobody, nobody, nobody, weight=np.ones(0))
    for start in range(0, len(arrivals), COUNTED_EVERY):
        rows = arrivals[start : start + COUNTED_EVERY]
        chances = drawing(cast.models, sided_counts(cast))
        drawn = random.choice(len(chances.chance), len(rows), p=chances.chance)
        a, b = np.where(random.random(len(rows)) < 0.5, pairs[:, drawn], pairs[::-1, drawn])
        outcome = visits.outcomes(rows, a, b, random)
        seen = arrivals[: start + len(rows)]
        assert cast.weight is not None
        cast = Comparisons(
            campaign.models,
            np.concatenate((cast.a, a)),
            np.concatenate((cast.b, b)),
            np.concatenate((cast.outcome, outcome)),
            renumbered(visits.annotator[seen]),
            renumbered(visits.prompt[seen]),
            weight=np.concatenate((cast.weight, chances.weight[drawn])),
        )
    return cast


def boards_of(campaign: Campaign, boards: int, drawing: Drawing) -> Iterator[Comparisons]:
    """Yield seeded boards."""
    for random in np.random.default_rng(SEED).spawn(boards):
        yield drawn_board(campaign, random, drawing)


@dataclass(frozen=True, slots=True)
class Held:
    """Shares of intervals of all models that held the truth, how far rates are off, mean widths.

    `worst` is the share of the model whose intervals held it least often, `off` the largest mean
    error of a model's rate.
    """

    held: float
    worst: float
    off: float
    width: float


def held_of(campaign: Campaign, boards: list[Comparisons]) -> Held:
    """Compare pooled rates with those of even drawing."""
    size = len(campaign.models)
    truth = (campaign.true_rates.sum(axis=1) - 0.5) / (size - 1)
    rows = [[_seen(rates[key]) for key in campaign.models] for rates in map(pooled_rates, boards)]
    rate, low, high = np.moveaxis(np.array(rows), 2, 0)
    held = ((low <= truth) & (truth <= high)).mean(axis=0)
    return Held(
        held=float(held.mean()),
        worst=float(held.min()),
        off=float(np.abs(rate.mean(axis=0) - truth).max()),
        width=float((high - low).mean()),
    )


def _seen(rate: ClusteredRate) -> tuple[float, float, float]:
    assert rate.rate is not None
    assert rate.interval is not None
    return rate.rate, rate.interval.low, rate.interval.high


def unweighted(boards: list[Comparisons]) -> list[Comparisons]:
    """Return the boards as if every vote counted once."""
    return [replace(board, weight=None) for board in boards]


@dataclass(frozen=True, slots=True)
class Needed:
    """Votes that informed drawing needs for errors as small as even drawing gives, as a share.

    `ratings` of the differences of all ratings, `neighbours` of those next to each other, `pairs`
    of the rates of all pairs and `close_pairs` of those of neighbours, `pooled` of pooled rates:
    variances over boards, of which each goes with 1/votes, as a ratio of their means.
    """

    ratings: float
    neighbours: float
    pairs: float
    close_pairs: float
    pooled: float


def needed(even: list[Comparisons], drawn: list[Comparisons]) -> Needed:
    """Compare the spread over boards of the same campaign."""
    found = [_spreads(boards) for boards in (even, drawn)]
    return Needed(*(informed / plain for plain, informed in zip(*found, strict=True)))


def _spreads(boards: list[Comparisons]) -> tuple[float, ...]:
    ratings, rates, pooled = [], [], []
    for board in boards:
        sided = sided_counts(board)
        elo = fit(sided).elo
        ratings.append(elo[:, None] - elo[None, :])
        wins, losses = sided[..., 0], sided[..., 1]
        rates.append((wins + 0.5) / (wins + losses + 1))
        found = pooled_rates(board)
        pooled.append([found[key].rate or 0.0 for key in board.models])
    upper = np.triu_indices(len(boards[0].models), k=1)
    beside = upper[1] - upper[0] == 1
    of_ratings, of_rates = (np.var(one, axis=0)[upper] for one in (ratings, rates))
    columns = (of_ratings, of_ratings[beside], of_rates, of_rates[beside])
    return (*(float(one.mean()) for one in columns), float(np.var(pooled, axis=0).mean()))


def main(boards: int) -> None:
    """Print both tables as Markdown, in percent."""
    print(f"| {boards} boards | re-weighted | worst | off | plain | worst | off | width, even |")
    print("|---|---|---|---|---|---|---|---|")
    shares = []
    for name, campaign in CAMPAIGNS.items():
        drawn = list(boards_of(campaign, boards, informed))
        even = unweighted(list(boards_of(campaign, boards, uniform)))
        found = held_of(campaign, drawn), held_of(campaign, unweighted(drawn))
        cells = " | ".join(
            f"{100 * one.held:.1f} % | {100 * one.worst:.1f} % | {100 * one.off:.1f}"
            for one in found
        )
        widths = f"{100 * found[0].width:.1f}, {100 * held_of(campaign, even).width:.1f}"
        print(f"| {name} | {cells} | {widths} |", flush=True)
        shares.append((name, needed(even, drawn)))
    print("\n| votes needed, % | ratings | neighbours | pairs | close pairs | pooled |")
    print("|---|---|---|---|---|---|")
    for name, one in shares:
        parts = (one.ratings, one.neighbours, one.pairs, one.close_pairs, one.pooled)
        print(f"| {name} | {' | '.join(f'{100 * part:.0f}' for part in parts)} |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else BOARDS)
