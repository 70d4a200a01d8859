"""Bradley-Terry as a logit with covariates of the pair, and its clustered covariance."""

from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

import numpy as np
from scipy import sparse
from scipy.special import expit

from arena.statistics.bradley_terry import regular
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Comparisons, Numbers, renumbered
from arena.statistics.newton import NoConvergenceError, maximum
from arena.statistics.outcomes import WON

Design: TypeAlias = sparse.csr_array

_LARGEST_LOGIT = 30.0
"""Odds of 10^13: nothing but a likelihood without a maximum gets there."""
_NOTHING_LEFT = 1e-9
"""Of the squares of a covariate, after what models and other covariates explain of it."""


class SeparatedError(ArithmeticError):
    """The covariates tell every vote, or all that are not certain anyway: odds are infinite."""


@dataclass(frozen=True, slots=True, eq=False)
class PairLogit:
    """A fit of logit P(earlier wins) = s_earlier - s_later + covariates . coefficients.

    `strengths` of the K models have mean 0; there are C `coefficients`. Rows of `design` and
    `residual` are votes; `bread` is the inverse of the information, (K + C) x (K + C).
    """

    strengths: Floats
    coefficients: Floats
    design: Design
    residual: Floats
    bread: Floats

    @property
    def independent(self) -> Floats:
        """Covariance of strengths and coefficients with every vote a cluster of its own."""
        return self._sandwich(self.design * self.residual[:, None])

    def clustered(self, cluster: Numbers, *, jackknife: bool = True) -> Floats:
        """Compute the covariance of strengths and coefficients, by a cluster for each vote.

        B (sum_g S_g S_g') B with the bread B and S_g the sum of the scores of cluster g, divided by
        1 - its share of all votes and times (G-1)/G, which is leaving out one cluster at a time in
        one step; without `jackknife` times G/(G-1) alone. NaN with one cluster. Sources: Liang &
        Zeger (1986), Biometrika 73, 13-22; Bell & McCaffrey (2002), Survey Methodology 28, 169-181.
        """
        number = renumbered(cluster)
        size = np.bincount(number)
        if len(size) < 2:
            return np.full_like(self.bread, np.nan)
        of_cluster = sparse.csr_array(
            (self.residual, (number, np.arange(len(number)))), shape=(len(size), len(number))
        )
        scores = of_cluster @ self.design
        factor = np.sqrt(1 - 1 / len(size))
        if jackknife:
            return self._sandwich(scores * (factor / (1 - size / len(number)))[:, None])
        return self._sandwich(scores / factor)

    def _sandwich(self, scores: Design) -> Floats:
        meat = (scores.T @ scores).toarray()
        return np.asarray(self.bread @ meat @ self.bread)


def fit_pairs(decisive: Comparisons, covariates: Floats) -> PairLogit:
    """Fit by maximum likelihood, Newton's method; `covariates` are n x C.

    All K models must be connected by chains of wins, and covariates be `independent_of_models`.
    Sources: Bradley & Terry (1952), Biometrika 39, 324-345; Cox (1958), JRSS B 20, 215-242.

    Raises:
        SeparatedError: The likelihood has no maximum.
    """
    design, won = _design(decisive, covariates), WON[decisive.outcome].astype(np.float64)
    models = len(decisive.models)
    start = np.zeros(design.shape[1])
    try:
        parameters = maximum(
            partial(_gradient, design, won), partial(_information, design, models), start
        )
    except (NoConvergenceError, np.linalg.LinAlgError) as error:
        raise SeparatedError("no maximum of the likelihood") from error
    parameters[:models] -= parameters[:models].mean()
    return PairLogit(
        strengths=parameters[:models],
        coefficients=parameters[models:],
        design=design,
        residual=won - expit(design @ parameters),
        bread=np.asarray(np.linalg.inv(_information(design, models, parameters)), np.float64),
    )


def independent_of_models(decisive: Comparisons, covariates: Floats) -> list[int]:
    """Return which covariates are more than sums of the models and of those before them.

    The others, such as one that never differs or that follows from who answered, cannot be told
    from the strengths: they have no odds of their own.
    """
    kept: list[int] = []
    for number, column in enumerate(covariates.T):
        design = _design(decisive, covariates[:, kept])
        squares = regular((design.T @ design).toarray(), len(decisive.models))
        explained = design @ np.linalg.lstsq(squares, design.T @ column)[0]
        left = float(((column - explained) ** 2).sum())
        if left > _NOTHING_LEFT * float(column @ column):
            kept.append(number)
    return kept


def _design(decisive: Comparisons, covariates: Floats) -> Design:
    """Return a row for each vote: 1 for the earlier model, -1 for the later one, covariates."""
    votes, models = len(decisive), len(decisive.models)
    row, one = np.arange(votes), np.ones(votes)
    place = (np.tile(row, 2), np.concatenate((decisive.a, decisive.b)))
    strengths = sparse.csr_array((np.concatenate((one, -one)), place), shape=(votes, models))
    return sparse.hstack((strengths, sparse.csr_array(covariates)), format="csr")


def _gradient(design: Design, won: Floats, parameters: Floats) -> Floats:
    logit = design @ parameters
    if float(np.abs(logit).max(initial=0.0)) > _LARGEST_LOGIT:
        raise NoConvergenceError("a logit grows without end")
    return np.asarray(design.T @ (won - expit(logit)))


def _information(design: Design, models: int, parameters: Floats) -> Floats:
    chance = expit(design @ parameters)
    weighted = design * (chance * (1 - chance))[:, None]
    return regular((design.T @ weighted).toarray(), models)
