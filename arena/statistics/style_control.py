"""Style control: win rates and ratings as if all replies had looked alike."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from scipy.special import expit, logit

from arena.domain.conversation import ModelKey
from arena.statistics.bradley_terry import ELO, MEAN_ELO
from arena.statistics.clustered_rates import ClusteredRate, pooled_rates
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Comparisons, Numbers, sided_counts, sided_weights
from arena.statistics.connectivity import Chosen, Standing, standings
from arena.statistics.intervals import Interval
from arena.statistics.outcomes import DECISIVE
from arena.statistics.pair_logit import PairLogit, SeparatedError, fit_pairs, independent_of_models
from arena.statistics.pair_logit_errors import (
    PairLogitErrors,
    VoteClusters,
    how_many,
    pair_logit_errors,
    vote_clusters,
)
from arena.statistics.ranking import RankRange
from arena.statistics.thresholds import DEFAULT_THRESHOLDS, Scope, Thresholds
from arena.statistics.tie_models import results_of

SIDE = "side"
"""Name of the covariate that says which reply was in the earlier slot."""
METHODS = {
    Scope.ANNOTATORS_AND_PROMPTS: "delta method, clustered by annotator and prompt",
    Scope.PROMPTS: "delta method, clustered by prompt",
}
"""Label of an interval by what its variance was clustered by."""


class NoControl(StrEnum):
    """Why there is no style control."""

    NO_REPLIES = "no replies"
    NO_CYCLE = "no models that beat each other"
    NO_FEATURE = "no feature that differs"
    SEPARATED = "separated"


class Bounds(NamedTuple):
    """A 95 % interval."""

    low: float
    high: float


class StyleEffect(NamedTuple):
    """By how much one unit more of a covariate multiplies the odds of a win, all else alike.

    A unit of a count is a doubling (of the count plus 1), that of `SIDE` the earlier slot.
    """

    name: str
    odds: float
    bounds: Bounds | None


@dataclass(frozen=True, slots=True)
class ControlledModel:
    """A model without and with style control, by the same decisive votes.

    `plain` is its pooled win rate; `rate` the mean of its chances against the same opponents if
    style and side were alike, from 0 to 1. Ratings are in Elo points, mean 1000. Interval and ranks
    are None where there are too few annotators or prompts.
    """

    model: ModelKey
    plain: ClusteredRate
    rate: float
    interval: Interval | None
    plain_elo: float
    elo: float
    plain_rank: RankRange | None
    rank: RankRange | None


@dataclass(frozen=True, slots=True)
class StyleControl:
    """Style control of a board.

    `votes` are those that entered, of `decisive` ones; the others have a reply that is not known,
    or a model outside of the largest group that beat each other by some chain. `untold` names
    covariates that cannot be told from the models; intervals are for `scope`. Where there is a
    `reason` there is no more.
    """

    votes: int
    decisive: int
    effects: tuple[StyleEffect, ...] = ()
    models: tuple[ControlledModel, ...] = ()
    untold: tuple[str, ...] = ()
    scope: Scope = Scope.NONE
    annotators: int = 0
    reason: NoControl | None = None


def style_difference(earlier: Numbers, later: Numbers) -> Floats:
    """Return how many doublings the earlier count is above the later one, both plus 1.

    NaN where a count is negative: not known.
    """
    known = (earlier >= 0) & (later >= 0)
    counts = [np.where(known, side, 0) + 1.0 for side in (earlier, later)]
    return np.where(known, np.log2(counts[0]) - np.log2(counts[1]), np.nan)


def style_control(
    comparisons: Comparisons,
    covariates: Mapping[str, Floats],
    *,
    random: np.random.Generator,
    thresholds: Thresholds = DEFAULT_THRESHOLDS,
) -> StyleControl:
    """Fit a logit of decisive votes on models, side and covariates: a column for each, by name.

    A vote of which a covariate is NaN is left out. Rates are the fit's mean chances with all
    covariates at 0 (standardization: Lane & Nelder (1982), Biometrics 38, 613-621); without
    covariates they would be W/(W+L). Source: Li, Angelopoulos & Chiang (2024), «Does style
    matter?», LMArena, who take other differences and no clusters. Whether it is right to like a
    style is not asked. `random` is for the quantile of ranks, which is simulated.
    """
    decisive = int(DECISIVE[comparisons.outcome].sum())
    votes = _votes(comparisons, covariates)
    if isinstance(votes, NoControl):
        return StyleControl(0, decisive, reason=votes)
    try:
        fit = fit_pairs(votes.used, votes.columns)
    except SeparatedError:
        return StyleControl(len(votes.used), decisive, reason=NoControl.SEPARATED)
    clusters = vote_clusters(votes.used, thresholds)
    errors = pair_logit_errors(fit, clusters)
    return StyleControl(
        votes=len(votes.used),
        decisive=decisive,
        effects=_effects(votes.names, fit, errors),
        models=_models(fit, errors, clusters, random),
        untold=tuple(name for name in (*covariates, SIDE) if name not in votes.names),
        scope=clusters.scope,
        annotators=how_many(votes.used.annotator),
    )


class _Votes(NamedTuple):
    """Decisive votes between models that have ratings, and their covariates by name."""

    used: Comparisons
    columns: Floats
    names: Sequence[str]


def _votes(comparisons: Comparisons, covariates: Mapping[str, Floats]) -> _Votes | NoControl:
    columns = np.column_stack([*covariates.values(), np.ones(len(comparisons))])
    known = DECISIVE[comparisons.outcome] & np.isfinite(columns).all(axis=1)
    if not known.any():
        return NoControl.NO_REPLIES
    rated = _rated(comparisons.where(known))
    if not rated.any():
        return NoControl.NO_CYCLE
    known &= rated[comparisons.a] & rated[comparisons.b]
    used = comparisons.where(known).among(np.flatnonzero(rated))
    kept = independent_of_models(used, columns[known])
    names = [(*covariates, SIDE)[number] for number in kept]
    if not set(names) - {SIDE}:
        return NoControl.NO_FEATURE
    return _Votes(used, columns[known][:, kept], names)


def _rated(decisive: Comparisons) -> Chosen:
    """Return which models have a finite strength by wins alone."""
    wins = results_of(sided_counts(decisive)).wins
    return np.array([each is Standing.RATED for each in standings(wins, np.zeros_like(wins))])


def _effects(
    names: Sequence[str], fit: PairLogit, errors: PairLogitErrors | None
) -> tuple[StyleEffect, ...]:
    found = fit.coefficients
    bounds: Sequence[Bounds | None] = [None] * len(names)
    if errors is not None:
        of_effects = np.eye(len(fit.bread))[len(fit.strengths) :]
        half = errors.half_widths(of_effects, errors.clusters.of_all)
        ends = np.exp(found - half).tolist(), np.exp(found + half).tolist()
        bounds = [Bounds(*pair) for pair in zip(*ends, strict=True)]
    odds = np.exp(found).tolist()
    return tuple(StyleEffect(*each) for each in zip(names, odds, bounds, strict=True))


def _models(
    fit: PairLogit,
    errors: PairLogitErrors | None,
    clusters: VoteClusters,
    random: np.random.Generator,
) -> tuple[ControlledModel, ...]:
    used = clusters.votes
    plain_fit = fit_pairs(used, np.zeros((len(used), 0)))
    plain_errors = pair_logit_errors(plain_fit, clusters)
    rates, intervals = _rates(used, fit, errors)
    plain = pooled_rates(used)
    ranks, plain_ranks = (
        each.ranks(random) if each else [None] * len(rates) for each in (errors, plain_errors)
    )
    return tuple(
        ControlledModel(
            model=key,
            plain=plain[key],
            rate=float(rates[number]),
            interval=intervals[number],
            plain_elo=MEAN_ELO + ELO * float(plain_fit.strengths[number]),
            elo=MEAN_ELO + ELO * float(fit.strengths[number]),
            plain_rank=plain_ranks[number],
            rank=ranks[number],
        )
        for number, key in enumerate(used.models)
    )


def _rates(
    used: Comparisons, fit: PairLogit, errors: PairLogitErrors | None
) -> tuple[Floats, Sequence[Interval | None]]:
    """Return mean chances by model, and intervals by the delta method, of logits."""
    weights = sided_weights(used)
    met = (sided_counts(used) if weights is None else weights).sum(axis=2)
    weight = met / met.sum(axis=1, keepdims=True)
    chance = expit(fit.strengths[:, None] - fit.strengths[None, :])
    rates = (weight * chance).sum(axis=1)
    if errors is None:
        return rates, [None] * len(rates)
    slopes = weight * chance * (1 - chance)
    of_rates = np.zeros((len(rates), len(fit.bread)))
    of_rates[:, : len(rates)] = np.diag(slopes.sum(axis=1)) - slopes
    of_logits = of_rates / (rates * (1 - rates))[:, None]
    half = errors.half_widths(of_logits, errors.clusters.of_models)
    method = METHODS[errors.clusters.scope]
    ends = expit(logit(rates) - half).tolist(), expit(logit(rates) + half).tolist()
    return rates, [Interval(*pair, method) for pair in zip(*ends, strict=True)]
