"""How often equal models are told apart among many pairs: `python -m tests.endurance.many_pairs`.

Holm's allowance, which boards use, beside none, beside max-t over the joint clustered covariance of
all pairs' rates, and beside the simultaneous differences of ratings.
"""

import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import sparse, special

from arena.domain.verdict import Verdict
from arena.statistics.clustered_rates import ClusteredRate, ClusteredRates, clustered_rates
from arena.statistics.comparisons import (
    Comparisons,
    Numbers,
    intersection,
    pair_numbers,
    renumbered,
)
from arena.statistics.holm import LEVEL
from arena.statistics.ratings import rate_models, sides_of_models
from tests.endurance.simulated_boards import Campaign, Floats

Chosen = NDArray[np.bool_]
SEED = 20_261_129
BOARDS = 1000
EQUAL = (0.0,) * 10
ONE_BETTER = (0.6, *(0.0,) * 9)
"""The first wins 64.6 % against each of the others where annotators do not differ."""

EQUAL_MODELS = {
    "30 annotators x 90": Campaign(30, 90, strengths=EQUAL),
    "30 annotators x 90, sd .7": Campaign(30, 90, annotator_sd=0.7, strengths=EQUAL),
    "100 annotators x 27, sd .7": Campaign(100, 27, annotator_sd=0.7, strengths=EQUAL),
    "10 annotators x 270, sd .7": Campaign(10, 270, annotator_sd=0.7, strengths=EQUAL),
    "8 annotators x 900, sd 1": Campaign(8, 900, annotator_sd=1.0, strengths=EQUAL),
    "20 annotators on 135 prompts, both sd .7": Campaign(
        20, 135, 135, annotator_sd=0.7, prompt_sd=0.7, strengths=EQUAL
    ),
    "30 annotators x 900/n, sd .7": Campaign(30, 900, annotator_sd=0.7, strengths=EQUAL, zipf=True),
}
BETTER_MODEL = {
    "30 annotators x 90": Campaign(30, 90, strengths=ONE_BETTER),
    "30 annotators x 90, sd .7": Campaign(30, 90, annotator_sd=0.7, strengths=ONE_BETTER),
    "30 annotators x 300, sd .7": Campaign(30, 300, annotator_sd=0.7, strengths=ONE_BETTER),
    "100 annotators x 90, sd .7": Campaign(100, 90, annotator_sd=0.7, strengths=ONE_BETTER),
}


@dataclass(frozen=True, slots=True)
class Found:
    """By method, one entry a board: whether models of equal strength were told apart, and the
    share of the better model's pairs that were."""

    false: dict[str, list[float]]
    power: dict[str, list[float]]


def many_pairs(campaign: Campaign, boards: int, methods: Collection[str]) -> Found:
    """Of seeded boards. `power` is empty where all models are equal."""
    strength = np.array(campaign.strengths)
    equal = strength[:, None] == strength[None, :]
    better = strength[:, None] > strength[None, :]
    found = Found({name: [] for name in methods}, {name: [] for name in methods if better.any()})
    for random in np.random.default_rng(SEED).spawn(boards):
        board = campaign.board(random)
        rates = clustered_rates(board)
        for name in methods:
            apart = METHODS[name](board, rates, random)
            found.false[name].append(bool((apart & equal).any()))
            if better.any():
                found.power[name].append(float(apart[better].mean()))
    return found


def _by_rates(
    board: Comparisons, rates: ClusteredRates, chosen: Callable[[ClusteredRate], bool]
) -> Chosen:
    """K x K: whether model i was told from model j."""
    place = {key: number for number, key in enumerate(board.models)}
    apart = np.zeros((len(place), len(place)), np.bool_)
    for pair, rate in rates.pairs.items():
        apart[place[pair.model], place[pair.opponent]] = chosen(rate)
    return apart


def _unadjusted(board: Comparisons, rates: ClusteredRates, _: np.random.Generator) -> Chosen:
    return _by_rates(board, rates, lambda rate: rate.p is not None and rate.p < LEVEL)


def _holm(board: Comparisons, rates: ClusteredRates, _: np.random.Generator) -> Chosen:
    return _by_rates(board, rates, lambda rate: rate.is_significant)


def _of_ratings(board: Comparisons, rates: ClusteredRates, random: np.random.Generator) -> Chosen:
    sides = sides_of_models(rates.pooled)
    found = rate_models(board, random=random, sides=sides).differences
    return found.above | found.above.T


def _max_t(board: Comparisons, rates: ClusteredRates, random: np.random.Generator) -> Chosen:
    """What was not taken: the joint covariance of all pairs' rates gives the largest |t| of equal
    models, by draws, carried over to Student's t as for ratings."""
    correlation = _correlation(board)
    values, vectors = np.linalg.eigh(correlation)
    root = vectors * np.sqrt(np.maximum(values, 0))
    draws = np.abs(root @ random.standard_normal((len(values), 2000))).max(axis=0)
    tail = 2 * special.ndtr(-max(float(np.quantile(draws, 1 - LEVEL)), 1.96))
    return _by_rates(board, rates, lambda rate: rate.p is not None and rate.p < tail)


def _correlation(board: Comparisons) -> Floats:
    """Of the rates of all pairs that met: by annotator and by prompt, less by both."""
    first, pair = np.minimum(board.a, board.b), renumbered(pair_numbers(board))
    won = ((board.a == first) == (board.outcome == Verdict.A_BETTER.number)).astype(np.float64)
    votes = np.bincount(pair)
    residual = (won - (np.bincount(pair, won) / votes)[pair]) / votes[pair]

    def covariance(cluster: Numbers) -> Floats:
        place = (renumbered(cluster), pair)
        scores = sparse.coo_array((residual, place)).tocsr()
        return np.asarray((scores.T @ scores).toarray())

    whole = covariance(board.annotator) + covariance(board.prompt)
    whole = whole - covariance(intersection(board))
    values, vectors = np.linalg.eigh(whole)
    whole = (vectors * np.maximum(values, 0)) @ vectors.T
    error = np.sqrt(np.diag(whole))
    return np.asarray(whole / np.outer(error, error))


Method = Callable[[Comparisons, ClusteredRates, np.random.Generator], Chosen]
METHODS: Mapping[str, Method] = {
    "no allowance": _unadjusted,
    "Holm (shown)": _holm,
    "max-t of rates": _max_t,
    "differences of ratings": _of_ratings,
}


def main(boards: int) -> None:
    """Print both tables as Markdown, in percent with two standard errors."""
    head = f"{' | '.join(METHODS)} |\n|---|{'---|' * len(METHODS)}"
    print(f"{boards} boards of 10 equal models\n\n| a false «told apart» | {head}")
    for name, campaign in EQUAL_MODELS.items():
        found = many_pairs(campaign, boards, METHODS)
        print(f"| {name} | {' | '.join(_share(found.false[one]) for one in METHODS)} |", flush=True)
    print(f"\n| pairs of the better model told apart | {head}")
    for name, campaign in BETTER_MODEL.items():
        found = many_pairs(campaign, boards, METHODS)
        print(f"| {name} | {' | '.join(_share(found.power[one]) for one in METHODS)} |", flush=True)


def _share(found: Sequence[float]) -> str:
    error = 2 * float(np.std(found)) / sqrt(len(found))
    return f"{100 * float(np.mean(found)):.1f} ± {100 * error:.1f}"


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else BOARDS)
