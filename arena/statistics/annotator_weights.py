"""Win rates with annotators weighted by how well they follow what the others see."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np
from scipy import sparse
from scipy.special import expit

from arena.domain.conversation import ModelKey
from arena.statistics.bradley_terry import fit
from arena.statistics.clustered_intervals import EffectiveVotes, clustered_interval
from arena.statistics.clustered_rates import METHODS
from arena.statistics.clusters import Floats, TwoWay, grouping, two_way
from arena.statistics.comparisons import Comparisons, Numbers, crossed, sided_counts
from arena.statistics.design_effects import NEXT_TO_NONE, clusters, variance
from arena.statistics.intervals import Interval
from arena.statistics.outcomes import WON
from arena.statistics.pair_logit import fit_pairs
from arena.statistics.thresholds import DEFAULT_THRESHOLDS, Scope, Thresholds, scope_of

_TELLING = 2.0
"""Standard errors that the mean slope must be above 0: between equal models it is anything."""


@dataclass(frozen=True, slots=True)
class WeightedRate:
    """A pooled rate with weighted annotators, from 0 to 1; no interval with too few clusters."""

    rate: float
    interval: Interval | None


@dataclass(frozen=True, slots=True, eq=False)
class WeightedRates:
    """Rates with annotators weighted by reliability.

    `weights` is by the annotators of the decisive votes, numbered anew in the same order, and 1 on
    average over votes. `spread` is the standard deviation between annotators of the reliability
    itself, in units of its mean; with 0 nothing tells them apart, and all weigh the same, as where
    models are too much alike to tell who follows.
    """

    weights: Floats
    spread: float
    rates: Mapping[ModelKey, WeightedRate]


def weighted_rates(
    comparisons: Comparisons, thresholds: Thresholds = DEFAULT_THRESHOLDS
) -> WeightedRates | None:
    """Weight annotators by reliability; None where nothing tells it.

    An annotator's reliability is the slope of its votes on the differences of strength that all
    others find: 1 as they do, 0 at random, below 0 against them. It is drawn to the mean by as much
    as chance explains its distance (DerSimonian & Laird (1986), Controlled Clinical Trials 7,
    177-188). Votes weigh as much as it, which is efficient in a logit with slopes (Birnbaum (1968),
    in Lord & Novick, Statistical Theories of Mental Test Scores, ch. 20); below 0 they weigh
    nothing. It favours who is like the majority: a sensitivity, and no better rate.
    """
    votes = comparisons.decisive
    slopes = _slopes(votes)
    if slopes is None:
        return None
    shrunken, spread = _shrunken(slopes)
    weights = np.maximum(shrunken, 0.0)
    weights = weights / float(weights[votes.annotator].mean())
    return WeightedRates(weights, spread, _rates(votes, weights, thresholds))


class _Slopes(NamedTuple):
    """The slope of each annotator and its variance, infinite where its votes tell nothing."""

    slope: Floats
    variance: Floats


def _slopes(votes: Comparisons) -> _Slopes | None:
    """Return one step of Newton's method from a slope of 1, on the strengths without own votes."""
    rated = fit(sided_counts(votes)).rated
    if len(rated) < 2 or int(votes.annotator.max(initial=0)) < 1:
        return None
    inside = np.isin(votes.a, rated) & np.isin(votes.b, rated)
    place = np.zeros(len(votes.models), np.int64)
    place[rated] = np.arange(len(rated))
    chosen = votes.where(inside).among(rated)
    annotator = votes.annotator[inside]
    difference = _differences_without_own(chosen, annotator)
    chance = expit(difference)
    people = int(votes.annotator.max()) + 1
    surprise = difference * (WON[chosen.outcome] - chance)
    told = np.bincount(annotator, difference**2 * chance * (1 - chance), people)
    slope = np.ones(people)
    known = told > 0
    slope[known] += np.bincount(annotator, surprise, people)[known] / told[known]
    spread = np.full(people, np.inf)
    np.divide(1.0, told, out=spread, where=known)
    return _Slopes(slope, spread)


def _differences_without_own(votes: Comparisons, annotator: Numbers) -> Floats:
    """Return the difference of strengths of each vote, without the votes of its annotator.

    In one step: the strengths less bread times the sum of the annotator's scores.
    """
    fitted = fit_pairs(votes, np.zeros((len(votes), 0)))
    people = int(annotator.max()) + 1
    own = sparse.csr_array(
        (fitted.residual, (annotator, np.arange(len(votes)))), shape=(people, len(votes))
    )
    scores = (own @ fitted.design).toarray()
    left = 1 - np.bincount(annotator, minlength=people) / len(votes)
    moved = np.divide(
        scores @ fitted.bread, left[:, None], out=np.zeros_like(scores), where=left[:, None] > 0
    )
    strengths = fitted.strengths - moved
    return np.asarray(strengths[annotator, votes.a] - strengths[annotator, votes.b])


def _shrunken(found: _Slopes) -> tuple[Floats, float]:
    """Return slopes drawn to their mean, and the spread between annotators over that mean."""
    precision = 1 / found.variance
    total = float(precision.sum())
    if total <= 0:
        return np.ones_like(found.slope), 0.0
    mean = float((precision * found.slope).sum()) / total
    if mean <= _TELLING / sqrt(total):
        return np.ones_like(found.slope), 0.0
    excess = float((precision * (found.slope - mean) ** 2).sum()) - (
        np.count_nonzero(precision) - 1
    )
    scale = total - float((precision**2).sum()) / total
    between = max(0.0, excess / scale) if scale > 0 else 0.0
    share = between * precision / (between * precision + 1)
    shrunken = mean + share * (found.slope - mean)
    return shrunken, sqrt(between) / mean


def _rates(
    votes: Comparisons, weights: Floats, thresholds: Thresholds
) -> dict[ModelKey, WeightedRate]:
    """Return weighted pooled rates; each vote counts for both of its models."""
    size, first = len(votes.models), WON[votes.outcome]
    model, annotator = np.concatenate((votes.a, votes.b)), np.tile(votes.annotator, 2)
    won, weight = np.concatenate((first, ~first)).astype(float), weights[annotator]
    if votes.weight is not None:
        weight = weight * np.tile(votes.weight, 2)
    total = np.bincount(model, weight, size)
    rates = np.full(size, np.nan)
    np.divide(np.bincount(model, weight * won, size), total, out=rates, where=total > 0)
    shares = np.divide(weight, total[model], out=np.zeros_like(weight), where=total[model] > 0)
    prompt = np.tile(votes.prompt, 2)
    found = two_way(
        (
            grouping(model, column, estimates=size)
            for column in (annotator, prompt, crossed(annotator, prompt))
        ),
        weight=shares,
        residual=np.nan_to_num(won - rates[model]),
    )
    squares = np.bincount(model, shares**2, size)
    return {
        votes.models[number]: WeightedRate(
            float(rates[number]),
            _interval(found, number, float(rates[number]), 1 / float(squares[number]), thresholds),
        )
        for number in np.flatnonzero(total > 0).tolist()
    }


def _interval(
    found: TwoWay, number: int, rate: float, independent: float, thresholds: Thresholds
) -> Interval | None:
    """Return Wilson's interval on the effective votes, as of plain rates."""
    people, prompts = (int(way.clusters[number]) for way in (found.annotator, found.prompt))
    scope = scope_of(annotators=people, prompts=prompts, thresholds=thresholds)
    if scope is Scope.NONE:
        return None
    spread, effective = rate * (1 - rate), float(clusters(found, scope)[number])
    least = NEXT_TO_NONE * spread / independent
    whole = max(float(variance(found, scope)[number]), least)
    votes = EffectiveVotes(spread / whole if spread else effective, independent, effective - 1)
    return clustered_interval(rate, votes, method=METHODS[scope])
