"""Clustered errors of what follows from a logit of pairs: ranks, rates and odds."""

from dataclasses import dataclass

import numpy as np

from arena.statistics.bradley_terry import ELO, MEAN_ELO
from arena.statistics.clustered_intervals import t_quantile
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Comparisons, Numbers, intersection
from arena.statistics.pair_logit import PairLogit
from arena.statistics.ranking import RankRange, simultaneous_differences
from arena.statistics.rating_errors import errors_of, model_clusters
from arena.statistics.thresholds import Scope, Thresholds, scope_of


@dataclass(frozen=True, slots=True, eq=False)
class VoteClusters:
    """What may be said of votes: for whom, and from how many clusters by Kish's number.

    `of_models` has that number for each model, `of_all` the one of all votes together.
    """

    votes: Comparisons
    scope: Scope
    of_models: Floats
    of_all: float


def vote_clusters(votes: Comparisons, thresholds: Thresholds) -> VoteClusters:
    """Count the clusters of votes: annotators if there are enough, and prompts."""
    scope = scope_of(
        annotators=how_many(votes.annotator), prompts=how_many(votes.prompt), thresholds=thresholds
    )
    columns = [votes.prompt]
    if scope is Scope.ANNOTATORS_AND_PROMPTS:
        columns.append(votes.annotator)
    of_models = [model_clusters(votes, column).effective for column in columns]
    return VoteClusters(
        votes, scope, np.min(of_models, axis=0), min(_effective(column) for column in columns)
    )


def how_many(cluster: Numbers) -> int:
    """Return the number of clusters, which are numbered without gaps."""
    return int(cluster.max(initial=-1)) + 1


def _effective(cluster: Numbers) -> float:
    return len(cluster) ** 2 / float((np.bincount(cluster) ** 2).sum())


@dataclass(frozen=True, slots=True, eq=False)
class PairLogitErrors:
    """Covariances of all parameters of a fit: clustered, then of independent votes and one-way.

    Two-way by annotator and prompt as in `rating_errors`, or by prompt alone.
    """

    fit: PairLogit
    clusters: VoteClusters
    covariances: tuple[Floats, ...]

    def error(self, parameters: Floats) -> Floats:
        """Return errors of m sums of parameters, m x (K + C): at least those of independent votes.

        As for rates, one-way covariances are no floor: the largest of several estimates is too
        large on average.
        """
        clustered, independent = (
            parameters @ covariance @ parameters.T for covariance in self.covariances[:2]
        )
        return errors_of(clustered, [independent], self.clusters.of_models).error

    def half_widths(self, parameters: Floats, clusters: Floats | float) -> Floats:
        """Return half of the widths of 95 % intervals, by Student's t."""
        quantiles = [t_quantile(number - 1) for number in np.atleast_1d(clusters).tolist()]
        return np.asarray(np.array(quantiles) * self.error(parameters))

    def ranks(self, random: np.random.Generator) -> tuple[RankRange, ...]:
        """Return a rank range for each model, as those of ratings."""
        models = len(self.fit.strengths)
        clustered, *floors = (
            covariance[:models, :models] * ELO**2 for covariance in self.covariances
        )
        errors = errors_of(clustered, floors, self.clusters.of_models)
        keys, elo = self.clusters.votes.models, MEAN_ELO + ELO * self.fit.strengths
        return simultaneous_differences(keys, elo, errors, random).ranks


def pair_logit_errors(fit: PairLogit, clusters: VoteClusters) -> PairLogitErrors | None:
    """Compute covariances; None where there are too few annotators or prompts for any interval."""
    votes = clusters.votes
    if clusters.scope is Scope.NONE:
        return None
    prompt = fit.clustered(votes.prompt)
    if clusters.scope is Scope.PROMPTS:
        return PairLogitErrors(fit, clusters, (prompt, fit.independent))
    annotator, both = fit.clustered(votes.annotator), fit.clustered(intersection(votes))
    two_way = annotator + prompt - both
    return PairLogitErrors(fit, clusters, (two_way, fit.independent, annotator, prompt))
