"""Design effects: variances of clustered votes over those of as many independent ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from arena.statistics.clusters import Floats, TwoWay
from arena.statistics.rate_estimates import DecisiveVotes, Estimates
from arena.statistics.thresholds import Scope


@dataclass(frozen=True, slots=True, eq=False)
class Design:
    """Of m rates: design effect, effective number of votes, effective number of clusters.

    `clustered` is the effective number of votes by how much clusters differ, which may be above
    `independent`, that of votes which share no clusters; `votes` is the smaller of the two.
    `orders` is the variance of the share of votes with the model in the earlier slot.
    """

    deff: Floats
    votes: Floats
    clustered: Floats
    independent: Floats
    clusters: Floats
    orders: Floats


Designs: TypeAlias = Mapping[Scope, Design]
"""The same estimates under either variance: which one holds differs from rate to rate."""

_SCOPES = (Scope.ANNOTATORS_AND_PROMPTS, Scope.PROMPTS)


NEXT_TO_NONE = 1e-9
"""Of the variance of independent votes. Clusters that differ less than chance would have them may
leave nothing, or less, of the clustered variance."""


def variance(clustered: TwoWay, scope: Scope) -> Floats:
    """Return the two-way variance, or the one by prompt where annotators are held fixed."""
    return clustered.prompt.variance if scope is Scope.PROMPTS else clustered.combined


def variance_of_orders(orders: TwoWay, scope: Scope) -> Floats:
    """Return the same for a share of slots: an order may be drawn once for each annotator."""
    return orders.prompt.variance if scope is Scope.PROMPTS else orders.variance


def clusters(clustered: TwoWay, scope: Scope) -> Floats:
    """Return Kish's number of clusters: the smaller of annotators and prompts, or of prompts."""
    if scope is Scope.PROMPTS:
        return clustered.prompt.effective
    return np.minimum(clustered.annotator.effective, clustered.prompt.effective)


def pooled_deff(estimates: Estimates, scope: Scope) -> float:
    """Return clustered over independent variance of all estimates together, at least 1.

    Both are summed with the squared number of votes as weight, so that this is the ratio of the
    sums of squared residuals.
    """
    clustered = variance(estimates.clustered, scope)
    known = (estimates.independent > 0) & np.isfinite(clustered)
    weight = estimates.trials[known] ** 2
    independent = float((weight * estimates.independent[known]).sum())
    if independent == 0:
        return 1.0
    return max(1.0, float((weight * clustered[known]).sum()) / independent)


def one_sided_deff(estimates: Estimates, scope: Scope, board: float) -> Floats:
    """Return design effects of rates of 0 or 1: at most as many effective votes as clusters."""
    number = np.maximum(clusters(estimates.clustered, scope), 1.0)
    return np.maximum(estimates.trials / number, board)


def design(estimates: Estimates, scope: Scope, board: float) -> Design:
    """Compute deff = V_clustered/V_independent, at least 1, and votes = n/deff.

    Clusters never make votes say more: a ratio below 1 is chance. `board` is the pooled design
    effect, which stands in for a rate of 0 or 1. Source: Kish (1965), Survey Sampling, 5.4 and
    8.2; Korn & Graubard (1998), Survey Methodology 24, 193-201, for intervals on n/deff.
    """
    known = estimates.independent > 0
    ratio = np.divide(
        variance(estimates.clustered, scope),
        estimates.independent,
        out=np.ones_like(estimates.rate),
        where=known,
    )
    ratio = np.where(known, ratio, one_sided_deff(estimates, scope, board))
    deff = np.fmax(ratio, 1.0)
    return Design(
        deff=deff,
        votes=estimates.trials / deff,
        clustered=estimates.trials / np.fmax(ratio, NEXT_TO_NONE),
        independent=estimates.trials,
        clusters=clusters(estimates.clustered, scope),
        orders=variance_of_orders(estimates.orders, scope),
    )


def mean_design(
    mean: Estimates, votes: DecisiveVotes, pair_votes: Floats, scope: Scope, board: float
) -> Design:
    """Return the design of every model's mean over opponents; n is m(1-m)/V, at most its votes.

    A rate of 0 or 1 against one opponent has no residuals. Its part of V is taken from its
    effective number of votes (`pair_votes`, K x K): otherwise a model that always beats one
    opponent and always loses to another would look certain.
    """
    opponents = np.maximum((votes.votes > 0).sum(axis=1), 1)
    one_sided = _one_sided_variances(votes, pair_votes).sum(axis=1) / opponents**2
    least = mean.independent + one_sided
    whole = np.fmax(variance(mean.clustered, scope) + one_sided, NEXT_TO_NONE * least)
    total = votes.votes.sum(axis=1).astype(float)
    same = mean.trials / one_sided_deff(mean, scope, board)
    inside = (mean.rate > 0) & (mean.rate < 1)
    spread = mean.rate * (1 - mean.rate)
    clustered = np.divide(spread, whole, out=same.copy(), where=inside)
    independent = np.divide(spread, least, out=total.copy(), where=inside)
    independent = np.minimum(independent, total)
    effective = np.fmin(clustered, independent)
    return Design(
        deff=np.divide(total, effective, out=np.ones_like(total), where=effective > 0),
        votes=effective,
        clustered=clustered,
        independent=independent,
        clusters=clusters(mean.clustered, scope),
        orders=variance_of_orders(mean.orders, scope),
    )


def _one_sided_variances(votes: DecisiveVotes, pair_votes: Floats) -> Floats:
    """Return p(1-p)/n of p = (W+1)/(n+2) (Laplace) where all votes went one way, else 0."""
    one_sided = (votes.votes > 0) & ((votes.wins == 0) | (votes.wins == votes.votes))
    chance = 1 / (pair_votes + 2)
    spread = chance * (1 - chance)
    return np.divide(spread, pair_votes, out=np.zeros_like(spread), where=one_sided)


def designs_of(estimates: Estimates) -> Designs:
    """Return the design of estimates by either variance."""
    return {
        scope: design(estimates, scope, board=pooled_deff(estimates, scope)) for scope in _SCOPES
    }


def mean_designs(
    votes: DecisiveVotes, mean: Estimates, pooled: Estimates, pairs: Designs
) -> Designs:
    """Return the design of means over opponents by either variance."""
    return {
        scope: mean_design(
            mean,
            votes,
            pair_votes=_symmetric(pairs[scope].votes, votes.models),
            scope=scope,
            board=pooled_deff(pooled, scope),
        )
        for scope in _SCOPES
    }


def _symmetric(of_pairs: Floats, size: int) -> Floats:
    upper = np.triu(of_pairs.reshape(size, size), k=1)
    return upper + upper.T
