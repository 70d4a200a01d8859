"""Whether one strength for each model says what happened between all of them."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.special import chdtrc, expit, ndtr

from arena.domain.conversation import ModelKey
from arena.statistics.bradley_terry import fit, regular
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import (
    Comparisons,
    Numbers,
    intersection,
    partition,
    renumbered,
    sided_counts,
)
from arena.statistics.outcomes import WON
from arena.statistics.thresholds import DEFAULT_THRESHOLDS, Scope, Thresholds, scope_of
from arena.statistics.tie_models import Results, results_of
from arena.statistics.win_rate import Pair


class PairFit(NamedTuple):
    """A pair as it went and as the strengths say: rates from 0 to 1, without ties.

    `surprise` is their difference in standard errors, larger by the design effect of the board.
    """

    pair: Pair
    decisive: int
    rate: float
    expected: float
    surprise: float


class Cycle(NamedTuple):
    """Three models of which the first beat the second, this one the third, and the third the first.

    `rates` are those of the three wins, in this order.
    """

    models: tuple[ModelKey, ModelKey, ModelKey]
    rates: tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class GoodnessOfFit:
    """How well one strength for each of the rated models fits their decisive votes.

    `statistic` is Pearson's X², divided by the design effect `deff`; `degrees` are pairs less
    strengths, and `p` is how often so much comes by chance: None without a degree of freedom, or
    with too few annotators or prompts. `pairs` are all that met, worst first, each once with the
    rate above what is expected. `cycles` are those among the `triads` of models that met with
    enough votes, the clearest first, and `expected_cycles` how many there would be by chance.
    """

    models: int
    statistic: float
    degrees: int
    deff: float | None
    p: float | None
    pairs: tuple[PairFit, ...]
    triads: int
    cycles: tuple[Cycle, ...]
    expected_cycles: float


def goodness_of_fit(
    comparisons: Comparisons, thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> GoodnessOfFit | None:
    """Compare the pairs of the rated models with what their strengths say; None without any.

    X² = sum over pairs of (W - n p)² / (n p (1 - p)) with p by Bradley-Terry. Votes of one
    annotator or prompt are alike: X² is divided by its expectation if the model holds, over the
    degrees of freedom, which the clusters of the votes tell. Sources: Bradley & Terry (1952),
    Biometrika 39, 324-345; Rao & Scott (1984), Annals of Statistics 12, 46-60 (first-order
    correction); Kendall & Babington Smith (1940), Biometrika 31, 324-345 (circular triads).
    """
    decisive = comparisons.decisive
    fitted = fit(sided_counts(decisive))
    if not len(fitted.rated):
        return None
    votes = decisive.among(fitted.rated)
    results = results_of(sided_counts(votes))
    chance = expit(fitted.parameters[:, None] - fitted.parameters[None, :])
    spread = results.met * chance * (1 - chance)
    standard = np.divide(
        results.wins - results.met * chance,
        np.sqrt(spread),
        out=np.zeros_like(spread),
        where=spread > 0,
    )
    degrees = int((results.met > 0).sum()) // 2 - (len(votes.models) - 1)
    squares = float((standard**2).sum()) / 2
    deff = _design_effect(votes, fitted.parameters, spread, degrees, thresholds)
    statistic = squares / (deff or 1.0)
    cycles = _cycles(votes.models, results, chance, deff or 1.0, thresholds)
    return GoodnessOfFit(
        models=len(votes.models),
        statistic=statistic,
        degrees=degrees,
        deff=deff,
        p=None if deff is None else float(chdtrc(degrees, statistic)),
        pairs=_pairs(votes.models, results, chance, standard / np.sqrt(deff or 1.0)),
        triads=cycles.triads,
        cycles=cycles.found,
        expected_cycles=cycles.expected,
    )


def _design_effect(
    votes: Comparisons, strengths: Floats, spread: Floats, degrees: int, thresholds: Thresholds
) -> float | None:
    """Return the expectation of X² over its degrees of freedom, at least 1; None if not known.

    X² = |M u|² with u the standardized residuals of pairs, summed over clusters, and M the
    projection off the strengths; for clusters g that are independent, E|M u|² = sum |M u_g|².
    """
    annotators, prompts = (int(column.max()) + 1 for column in (votes.annotator, votes.prompt))
    scope = scope_of(annotators=annotators, prompts=prompts, thresholds=thresholds)
    if scope is Scope.NONE or not degrees:
        return None
    residuals = _Residuals.of(votes, strengths, spread)
    expected = residuals.expected_square(votes.prompt)
    if scope is Scope.ANNOTATORS_AND_PROMPTS:
        expected += residuals.expected_square(votes.annotator)
        expected -= residuals.expected_square(renumbered(intersection(votes)))
    return max(1.0, expected / degrees)


class _Residuals(NamedTuple):
    """Of every vote: the cell of its pair, its residual, its standardized one, and both models."""

    votes: Comparisons
    cell: Numbers
    plain: Floats
    standard: Floats
    bread: Floats

    @classmethod
    def of(cls, votes: Comparisons, strengths: Floats, spread: Floats) -> "_Residuals":
        first = np.minimum(votes.a, votes.b)
        second = np.maximum(votes.a, votes.b)
        won = WON[votes.outcome] == (votes.a == first)
        plain = won - expit(strengths[first] - strengths[second])
        cell = partition(first * len(votes.models) + second).numbers
        information = np.diag(spread.sum(axis=1)) - spread
        bread = np.asarray(np.linalg.inv(regular(information, len(votes.models))), np.float64)
        return cls(votes, cell, plain, plain / np.sqrt(spread[first, second]), bread)

    def expected_square(self, cluster: Numbers) -> float:
        """Return the sum of |M u_g|² over clusters, each divided by 1 - its share and (G-1)/G."""
        size = np.bincount(cluster)
        if len(size) < 2:
            return 0.0
        models = len(self.votes.models)
        by_pair = self._sums(cluster, self.cell, self.standard, int(self.cell.max()) + 1)
        sign = np.where(self.votes.a < self.votes.b, 1.0, -1.0)
        by_model = self._sums(cluster, self.votes.a, sign * self.plain, models)
        by_model = by_model - self._sums(cluster, self.votes.b, sign * self.plain, models)
        explained = ((by_model @ self.bread) * by_model.toarray()).sum(axis=1)
        squares = np.asarray(by_pair.multiply(by_pair).sum(axis=1)) - explained
        factor = (1 - 1 / len(size)) / (1 - size / len(cluster)) ** 2
        return float((squares * factor).sum())

    def _sums(
        self, cluster: Numbers, column: Numbers, values: Floats, width: int
    ) -> sparse.csr_array:
        shape = (int(cluster.max()) + 1, width)
        return sparse.coo_array((values, (cluster, column)), shape=shape).tocsr()


def _pairs(
    models: tuple[ModelKey, ...], results: Results, chance: Floats, surprise: Floats
) -> tuple[PairFit, ...]:
    found = [
        PairFit(
            Pair(models[i], models[j]),
            int(results.met[i, j]),
            float(results.wins[i, j] / results.met[i, j]),
            float(chance[i, j]),
            float(surprise[i, j]),
        )
        for i, j in np.argwhere(results.met > 0).tolist()
        if surprise[i, j] > 0 or (surprise[i, j] == 0 and i < j)
    ]
    return tuple(sorted(found, key=lambda one: (-one.surprise, one.pair)))


class _Cycles(NamedTuple):
    triads: int
    found: tuple[Cycle, ...]
    expected: float


def _cycles(
    models: tuple[ModelKey, ...],
    results: Results,
    chance: Floats,
    deff: float,
    thresholds: Thresholds,
) -> _Cycles:
    """Find circular triads among pairs with enough votes, and count those expected by chance.

    By chance a pair goes one way with the probability of a normal rate of its mean and error.
    """
    enough = results.met >= thresholds.decisive
    rates = np.divide(results.wins, results.met, out=np.full_like(chance, 0.5), where=enough)
    error = np.sqrt(
        np.divide(chance * (1 - chance) * deff, results.met, where=enough, out=chance + 1)
    )
    above = np.where(enough, ndtr((chance - 0.5) / error), 0.0)
    met, beat = enough.astype(float), (enough & (rates > 0.5)).astype(float)
    return _Cycles(
        triads=round(float(np.trace(met @ met @ met)) / 6),
        found=_circular(models, beat, rates),
        expected=float(np.trace(above @ above @ above)) / 3,
    )


def _circular(models: tuple[ModelKey, ...], beat: Floats, rates: Floats) -> tuple[Cycle, ...]:
    """Return each circle once, from its first model on, the one whose least rate is most first."""
    found = []
    for first in range(len(models)):
        for second in np.flatnonzero(beat[first, first:]) + first:
            for third in np.flatnonzero(beat[second] * beat[:, first]):
                if third > first:
                    circle = (first, int(second), int(third))
                    found.append(_cycle(models, circle, rates))
    return tuple(sorted(found, key=lambda one: (-min(one.rates), one.models)))


def _cycle(models: tuple[ModelKey, ...], circle: tuple[int, int, int], rates: Floats) -> Cycle:
    first, second, third = circle
    return Cycle(
        (models[first], models[second], models[third]),
        (float(rates[first, second]), float(rates[second, third]), float(rates[third, first])),
    )
