"""Which differences between ratings are significant when all are looked at together."""

from dataclasses import dataclass
from math import isfinite
from typing import NamedTuple

import numpy as np
from scipy import special

from arena.domain.conversation import ModelKey
from arena.statistics.clusters import Floats
from arena.statistics.connectivity import Chosen
from arena.statistics.rating_errors import RatingErrors
from arena.statistics.win_rate import Pair

DRAWS = 10_000
LEVEL = 0.95
_CLUSTERS_OF_A_MODEL = 2
_LEAST_DEGREES = 3.0


@dataclass(frozen=True, slots=True)
class RankRange:
    """Ranks from 1 that a model may have: `best` is 1 + the number of those significantly above."""

    best: int
    worst: int


class Difference(NamedTuple):
    """One difference in Elo points and its bounds, which hold at once with all others'.

    The bounds are None where too few clusters judged one of the two to give any.
    `is_significant` says whether the first model is significantly above or below the second.
    """

    difference: float
    low: float | None
    high: float | None
    is_significant: bool


@dataclass(frozen=True, slots=True, eq=False)
class Differences:
    """All differences of M ratings in Elo points, with 95 % intervals that hold at once.

    `difference[i, j]` is rating i minus rating j; it lies within `half_width[i, j]` of the truth
    for all pairs together in 95 % of boards; it is infinite where there are no bounds. `balanced`
    marks the models that had both sides about equally often: of the others a difference may be
    position bias, however large it is.
    """

    models: tuple[ModelKey, ...]
    difference: Floats
    half_width: Floats
    balanced: Chosen

    @property
    def above(self) -> Chosen:
        """M x M: whether model i is significantly above model j, adjusted for all pairs."""
        both = self.balanced[:, None] & self.balanced[None, :]
        return np.asarray(both & (self.difference > self.half_width))

    def by_pair(self) -> dict[Pair, Difference]:
        """Return both orders of every two models, each from the side of the first."""
        low, high = self.difference - self.half_width, self.difference + self.half_width
        apart = self.above | self.above.T
        rows = zip(
            *(column.tolist() for column in (self.difference, low, high, apart)), strict=True
        )
        return {
            Pair(model, opponent): _difference(*found)
            for model, row in zip(self.models, rows, strict=True)
            for opponent, *found in zip(self.models, *row, strict=True)
            if model != opponent
        }

    @property
    def ranks(self) -> tuple[RankRange, ...]:
        """One range for each model: overlapping ranges are no order."""
        above = self.above
        best = 1 + above.sum(axis=0)
        worst = len(self.models) - above.sum(axis=1)
        return tuple(RankRange(int(b), int(w)) for b, w in zip(best, worst, strict=True))


def _difference(difference: float, low: float, high: float, is_significant: bool) -> Difference:  # noqa: FBT001
    known = isfinite(low)
    return Difference(difference, low if known else None, high if known else None, is_significant)


def simultaneous_differences(
    models: tuple[ModelKey, ...],
    elo: Floats,
    errors: RatingErrors,
    random: np.random.Generator,
    balanced: Chosen | None = None,
) -> Differences:
    """Compute simultaneous intervals; `elo`, `errors`, `balanced` (all) are in order of `models`.

    Half-widths have the quantile of Student's t at the tail of `normal_quantile`: its degrees of
    freedom are the fewer clusters of the two models, minus 1. Of fewer than 3 that tail is
    hundreds of errors away: there is no interval.
    """
    tail = special.ndtr(normal_quantile(errors, random))
    degrees = np.maximum(np.minimum.outer(errors.clusters, errors.clusters) - 1, 1.0)
    half_width = special.stdtrit(degrees, tail) * errors.difference_error
    return Differences(
        models=models,
        difference=elo[:, None] - elo[None, :],
        half_width=np.where(degrees < _LEAST_DEGREES, np.inf, half_width),
        balanced=np.ones(len(models), np.bool_) if balanced is None else balanced,
    )


def normal_quantile(errors: RatingErrors, random: np.random.Generator) -> float:
    """Return the quantile for all differences: max-t, or Bonferroni's where clusters are few.

    A covariance of M models from fewer than 2M clusters is too rough to tell how estimates move
    together: max-t then called one of ten equal models better in 11 % of boards of 8 annotators.
    Source: Hothorn, Bretz & Westfall (2008), Biometrical Journal 50, 346-363.
    """
    models = len(errors.error)
    if models > 1 and float(errors.clusters.min()) < _CLUSTERS_OF_A_MODEL * models:
        return float(-special.ndtri((1 - LEVEL) / (models * (models - 1))))
    return max_t_quantile(errors.covariance, random=random)


def max_t_quantile(
    covariance: Floats, *, random: np.random.Generator, level: float = LEVEL, draws: int = DRAWS
) -> float:
    """Return the quantile at `level` of the largest |difference|/error of normal estimates.

    At least the quantile of one difference, which holds where none of them varies.
    """
    i, j = np.triu_indices(len(covariance), k=1)
    variance = covariance[i, i] + covariance[j, j] - 2 * covariance[i, j]
    apart = variance > 1e-12 * max(float(np.trace(covariance)), np.finfo(float).tiny)
    values, vectors = np.linalg.eigh(covariance)
    root = vectors * np.sqrt(np.maximum(values, 0))
    points = root @ random.standard_normal((len(covariance), draws))
    largest = np.zeros(draws)
    for first, second, spread in zip(i[apart], j[apart], np.sqrt(variance[apart]), strict=True):
        np.maximum(largest, np.abs(points[first] - points[second]) / spread, out=largest)
    return max(float(np.quantile(largest, level)), float(special.ndtri((1 + level) / 2)))
