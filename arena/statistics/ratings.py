"""Bradley-Terry ratings with intervals and rank ranges, or the reason why there are none."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from scipy import special

from arena.domain.conversation import ModelKey
from arena.domain.verdict import Result
from arena.statistics.bradley_terry import PRIOR, Fit, fit
from arena.statistics.clustered_rates import ClusteredRate, pooled_rates
from arena.statistics.comparisons import Comparisons, Numbers, sided_counts
from arena.statistics.connectivity import Chosen, Standing
from arena.statistics.ranking import Differences, RankRange, simultaneous_differences
from arena.statistics.rating_errors import (
    ModelClusters,
    RatingErrors,
    clustered_errors,
    model_clusters,
)
from arena.statistics.sides import Sides
from arena.statistics.thresholds import (
    DEFAULT_THRESHOLDS,
    Scope,
    Thresholds,
    scope_label,
    scope_of,
)
from arena.statistics.tie_models import Davidson, Ties

ModelSides: TypeAlias = Mapping[ModelKey, Sides]
METHODS = {
    Scope.ANNOTATORS_AND_PROMPTS: "sandwich, clustered by annotator and prompt",
    Scope.PROMPTS: "sandwich, clustered by prompt",
}
"""Label of an interval by what its variance was clustered by."""


@dataclass(frozen=True, slots=True)
class RatingInterval:
    """95 % bounds of one rating in Elo points against the mean of all, and the method's name.

    `holds` says in words to which annotators and prompts it generalizes.
    """

    low: float
    high: float
    method: str
    holds: str


@dataclass(frozen=True, slots=True)
class Rating:
    """The strength of one model in Elo points; 400 points are odds of 10 to 1, the mean is 1000.

    Interval and rank are None unless the standing is `RATED`. `annotators` and `prompts` are those
    of all votes that entered. `sides` says whether the model had the earlier slot in about half of
    its decisive votes, None without one; if not, it ranks significantly above or below nobody.
    """

    model: ModelKey
    elo: float
    standing: Standing
    interval: RatingInterval | None
    rank: RankRange | None
    decisive: int
    annotators: int
    prompts: int
    sides: Sides | None = None

    @property
    def from_prior(self) -> bool:
        """Whether the data alone give no finite rating: what is shown depends on `PRIOR`."""
        return self.standing not in (Standing.RATED, Standing.TOO_FEW)

    @property
    def is_uneven(self) -> bool:
        """Whether it has a rank, and had one side too often for that to be above or below any."""
        return self.rank is not None and self.sides not in (None, Sides.BOTH)


@dataclass(frozen=True, slots=True)
class Ratings:
    """Ratings of all models by key, and what they rest on.

    `ties` is the reading of ties that was used: Davidson's needs ties and a circle of wins.
    `differences` compares the models that have a rank. `prior` is stated if any rating needs it.
    """

    ratings: tuple[Rating, ...]
    differences: Differences
    ties: Ties
    tie_parameter: float | None
    scope: Scope
    label: str | None
    prior: str | None


def few_annotators(ratings: Ratings) -> bool:
    """Return whether intervals, ranks and differences hold for the annotators who voted only."""
    return ratings.scope is Scope.PROMPTS


@dataclass(frozen=True, slots=True, eq=False)
class _Votes:
    """Decisive votes of each of some models, and the clusters of all of their votes."""

    decisive: Numbers
    annotators: ModelClusters
    prompts: ModelClusters


@dataclass(frozen=True, slots=True, eq=False)
class _Certainty:
    """Errors of the M rated models and which of them have enough votes for an interval."""

    errors: RatingErrors
    enough: Chosen
    scope: Scope
    method: str
    label: str


def rate_models(
    comparisons: Comparisons,
    *,
    random: np.random.Generator,
    ties: Ties = Ties.HALF_WIN,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
    sides: ModelSides | None = None,
) -> Ratings:
    """Rate models, with intervals clustered by annotator and prompt.

    `random` is for the quantile of simultaneous intervals, which is simulated. `sides` are those
    of the pooled rates, computed here unless given.
    """
    sided = sided_counts(comparisons)
    fitted = fit(sided, ties)
    inner = comparisons.among(fitted.rated)
    votes = _votes(inner)
    certainty = _clustered(fitted, inner, votes, thresholds)
    shown = votes if inner is comparisons else _votes(comparisons)
    sides = sides_of_models(pooled_rates(comparisons)) if sides is None else sides
    return _ratings(comparisons.models, fitted, shown, certainty, random, sides)


def sides_of_models(pooled: Mapping[ModelKey, ClusteredRate]) -> ModelSides:
    """Return sides by model, over all of its opponents.

    A rating follows from the wins of a model against anybody: where it had either slot equally
    often in all, position bias cancels out.
    """
    return {key: rate.sides for key, rate in pooled.items() if rate.sides is not None}


def _votes(comparisons: Comparisons) -> _Votes:
    return _Votes(
        _decisive(sided_counts(comparisons)),
        model_clusters(comparisons, comparisons.annotator),
        model_clusters(comparisons, comparisons.prompt),
    )


def _decisive(sided: Numbers) -> Numbers:
    return np.asarray(sided[..., [Result.WIN, Result.LOSS]].sum(axis=(1, 2)))


def _clustered(
    fitted: Fit, inner: Comparisons, votes: _Votes, thresholds: Thresholds
) -> _Certainty | None:
    """Compute errors; None where there are too few annotators or prompts for any interval."""
    annotators, prompts = (
        int(np.count_nonzero(np.bincount(column))) for column in (inner.annotator, inner.prompt)
    )
    scope = scope_of(annotators=annotators, prompts=prompts, thresholds=thresholds)
    if scope is Scope.NONE:
        return None
    clusters, enough = votes.prompts.effective, votes.decisive >= thresholds.decisive
    enough &= votes.prompts.number >= thresholds.clusters
    if scope is Scope.ANNOTATORS_AND_PROMPTS:
        clusters = np.minimum(clusters, votes.annotators.effective)
        enough &= votes.annotators.number >= thresholds.clusters
    errors = clustered_errors(fitted, sided_counts(inner), inner, scope, clusters)
    label = scope_label(scope, annotators=annotators) or ""
    return _Certainty(errors, enough, scope, METHODS[scope], label)


def _ratings(
    models: Sequence[ModelKey],
    fitted: Fit,
    votes: _Votes,
    certainty: _Certainty | None,
    random: np.random.Generator,
    sides: ModelSides,
) -> Ratings:
    differences = _differences(models, fitted, certainty, random, sides)
    ranks = dict(zip(differences.models, differences.ranks, strict=True))
    intervals = _intervals(models, fitted, certainty)
    return Ratings(
        ratings=tuple(
            Rating(
                model=key,
                elo=float(fitted.elo[number]),
                standing=_standing(fitted.standings[number], has_interval=key in intervals),
                interval=intervals.get(key),
                rank=ranks.get(key),
                decisive=int(votes.decisive[number]),
                annotators=int(votes.annotators.number[number]),
                prompts=int(votes.prompts.number[number]),
                sides=sides.get(key),
            )
            for number, key in enumerate(models)
        ),
        differences=differences,
        ties=Ties.DAVIDSON if isinstance(fitted.model, Davidson) else Ties.HALF_WIN,
        tie_parameter=fitted.tie_parameter,
        scope=certainty.scope if certainty else Scope.NONE,
        label=certainty.label if certainty else None,
        prior=PRIOR if len(fitted.rated) < len(models) else None,
    )


def _standing(standing: Standing, *, has_interval: bool) -> Standing:
    if standing is Standing.RATED and not has_interval:
        return Standing.TOO_FEW
    return standing


def _differences(
    models: Sequence[ModelKey],
    fitted: Fit,
    certainty: _Certainty | None,
    random: np.random.Generator,
    sides: ModelSides,
) -> Differences:
    """Compare rated models; those that `sides` lacks count as balanced."""
    if certainty is None or not certainty.enough.any():
        return Differences((), np.zeros((0, 0)), np.zeros((0, 0)), np.zeros(0, np.bool_))
    chosen = np.flatnonzero(certainty.enough)
    positions = fitted.rated[chosen]
    keys = tuple(models[position] for position in positions)
    errors = certainty.errors.among(chosen)
    balanced = np.array([sides.get(key, Sides.BOTH) is Sides.BOTH for key in keys])
    return simultaneous_differences(keys, fitted.elo[positions], errors, random, balanced)


def _intervals(
    models: Sequence[ModelKey], fitted: Fit, certainty: _Certainty | None
) -> dict[ModelKey, RatingInterval]:
    if certainty is None:
        return {}
    errors = certainty.errors
    half = special.stdtrit(np.maximum(errors.clusters - 1, 1.0), 0.975) * errors.error
    low, high = fitted.elo[fitted.rated] - half, fitted.elo[fitted.rated] + half
    return {
        models[fitted.rated[place]]: RatingInterval(
            float(low[place]), float(high[place]), certainty.method, certainty.label
        )
        for place in np.flatnonzero(certainty.enough).tolist()
    }
