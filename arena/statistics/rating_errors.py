"""Cluster-robust errors of ratings."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from arena.domain.conversation import ModelKey
from arena.statistics.bradley_terry import ELO, Fit, regular
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Comparisons, Numbers, intersection, renumbered, repeated
from arena.statistics.thresholds import Scope
from arena.statistics.tie_models import Residuals, results_of

Chosen: TypeAlias = NDArray[np.bool_]
Table: TypeAlias = "Floats | sparse.csr_array"
"""Rows for clusters, columns for parameters."""


@dataclass(frozen=True, slots=True, eq=False)
class RatingErrors:
    """Of M rated models, in Elo points.

    `error` (M) and `difference_error` (M x M) are standard errors. `covariance` (M x M) has no
    negative eigenvalue and says how estimates move together; errors may be larger than it says.
    `clusters` (M) is Kish's number of clusters of each model: degrees of freedom plus 1.
    """

    covariance: Floats
    error: Floats
    difference_error: Floats
    clusters: Floats

    def among(self, chosen: Numbers) -> "RatingErrors":
        """Select some of the models."""
        pairs = np.ix_(chosen, chosen)
        return RatingErrors(
            self.covariance[pairs],
            self.error[chosen],
            self.difference_error[pairs],
            self.clusters[chosen],
        )


@dataclass(frozen=True, slots=True, eq=False)
class ModelClusters:
    """How many clusters judged each of M models, and Kish's number of them."""

    number: Numbers
    effective: Floats


def model_clusters(comparisons: Comparisons, cluster: Numbers) -> ModelClusters:
    """Count clusters by model: annotators or prompts, whichever `cluster` holds."""
    ones = np.ones(len(comparisons))
    votes = _sums(comparisons, slice(None), cluster, Residuals(ones, None), sign=1)
    counted = sparse.csc_array(votes)
    squares, total = counted.multiply(counted).sum(axis=0), counted.sum(axis=0)
    return ModelClusters(
        number=np.diff(counted.indptr).astype(np.int64),
        effective=np.divide(total**2, squares, out=np.zeros(len(total)), where=squares > 0),
    )


def clustered_errors(
    fit: Fit, sided: Numbers, comparisons: Comparisons, scope: Scope, clusters: Floats
) -> RatingErrors:
    """Compute sandwich errors of the rated models; `comparisons` and `sided` hold only them.

    With the information I and the scores s_v of votes, cov = I^-1 (sum_g S_g S_g') I^-1 where
    S_g is the sum of s_v over a cluster, divided by 1 - its share of all votes (a one-step
    jackknife; the usual G/(G-1) for clusters of equal size). Two-way: annotator + prompt -
    both. Every error is at least that of each one-way covariance and of independent votes.
    Sources: Huber (1967); Liang & Zeger (1986), Biometrika 73, 13-22; Cameron, Gelbach & Miller
    (2011), J. Business & Economic Statistics 29, 238-249.
    """
    residuals = fit.model.residuals(fit.parameters, comparisons)
    information = fit.model.information(fit.parameters, results_of(sided))
    bread = np.linalg.inv(regular(information, len(fit.rated)))[: len(fit.rated)] * ELO

    def covariance(meat: Floats) -> Floats:
        return bread @ meat @ bread.T

    prompt = covariance(_meat(comparisons, comparisons.prompt, residuals))
    floors = [
        prompt,
        covariance(_independent_meat(comparisons.a, comparisons.b, residuals, comparisons.models)),
    ]
    whole = prompt
    if scope is Scope.ANNOTATORS_AND_PROMPTS:
        annotator = covariance(_meat(comparisons, comparisons.annotator, residuals))
        both = covariance(_meat_of_pieces(comparisons, intersection(comparisons), residuals))
        floors.append(annotator)
        whole = annotator + prompt - both
    return errors_of(whole, floors, clusters)


def errors_of(covariance: Floats, floors: list[Floats], clusters: Floats) -> RatingErrors:
    """Derive errors from a covariance, each at least as large as every floor says.

    Of all these matrices the one with most variance stands for how estimates move together: a
    two-way difference may come out as nothing at all.
    """
    matrices = [_without_negative_eigenvalues(covariance), *floors]
    variance = np.max([np.diag(matrix) for matrix in matrices], axis=0)
    differences = np.max([_difference_variance(matrix) for matrix in matrices], axis=0)
    return RatingErrors(
        covariance=max(matrices, key=np.trace),
        error=np.sqrt(np.maximum(variance, 0)),
        difference_error=np.sqrt(np.maximum(differences, 0)),
        clusters=clusters,
    )


def _difference_variance(covariance: Floats) -> Floats:
    diagonal = np.diag(covariance)
    return diagonal[:, None] + diagonal[None, :] - 2 * covariance


def _without_negative_eigenvalues(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
    return np.asarray((vectors * np.maximum(values, 0)) @ vectors.T)


def _meat(comparisons: Comparisons, cluster: Numbers, residuals: Residuals) -> Floats:
    size = np.bincount(cluster)
    left = 1 - size / len(comparisons)
    scores = _sums(comparisons, slice(None), cluster, residuals, sign=-1)
    return _product(scores, left) * (1 - 1 / np.count_nonzero(size))


def _meat_of_pieces(comparisons: Comparisons, cluster: Numbers, residuals: Residuals) -> Floats:
    """Compute the meat where most clusters have one vote: these need no row of their own."""
    several = repeated(cluster)
    alone = ~several
    meat = _independent_meat(
        comparisons.a[alone], comparisons.b[alone], _rows(residuals, alone), comparisons.models
    )
    meat = meat / (1 - 1 / len(comparisons)) ** 2
    number = int(alone.sum())
    if several.any():
        grouped = renumbered(cluster[several])
        size = np.bincount(grouped)
        scores = _sums(comparisons, several, grouped, _rows(residuals, several), sign=-1)
        meat = meat + _product(scores, 1 - size / len(comparisons))
        number += len(size)
    return meat * (1 - 1 / number)


def _product(scores: Table, left: Floats) -> Floats:
    if isinstance(scores, np.ndarray):
        weighted = scores / left[:, None]
        return np.asarray(weighted.T @ weighted)
    weighted = sparse.diags_array(1 / left) @ scores
    return np.asarray((weighted.T @ weighted).toarray())


def _rows(residuals: Residuals, rows: Chosen) -> Residuals:
    tie = residuals.tie
    return Residuals(residuals.strength[rows], None if tie is None else tie[rows])


def _sums(
    comparisons: Comparisons,
    rows: Chosen | slice,
    cluster: Numbers,
    residuals: Residuals,
    *,
    sign: int,
) -> Table:
    """Sum by cluster and parameter; the later model has `sign` times the earlier one's.

    `cluster` and `residuals` are of the chosen rows. A table where it is not much larger than
    they are, sparse otherwise.
    """
    models = len(comparisons.models)
    columns = [(comparisons.a[rows], residuals.strength)]
    columns.append((comparisons.b[rows], sign * residuals.strength))
    if residuals.tie is not None:
        columns.append((np.full(len(cluster), models), residuals.tie))
    shape = (int(cluster.max(initial=0)) + 1, models + (residuals.tie is not None))
    if shape[0] * shape[1] <= 2 * len(cluster):
        cells = (
            np.bincount(cluster * shape[1] + model, values, shape[0] * shape[1])
            for model, values in columns
        )
        return np.asarray(sum(cells)).reshape(shape)
    of_models, values = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    place = (np.tile(cluster.astype(np.int32), len(columns)), of_models.astype(np.int32))
    return sparse.coo_array((values, place), shape=shape).tocsr()


def _independent_meat(
    a: Numbers, b: Numbers, residuals: Residuals, keys: Sequence[ModelKey]
) -> Floats:
    """Compute the meat with every vote a cluster of its own, without a row for each."""
    models = len(keys)
    squares = np.bincount(a * models + b, residuals.strength**2, minlength=models**2)
    squares = squares.reshape(models, models).astype(np.float64, copy=False)
    squares = squares + squares.T
    meat: Floats = np.diag(squares.sum(axis=1)) - squares
    if residuals.tie is None:
        return meat
    product = residuals.strength * residuals.tie
    across = np.bincount(a, product, models) - np.bincount(b, product, models)
    corner = np.array([[np.sum(residuals.tie**2)]])
    return np.block([[meat, across[:, None]], [across[None, :], corner]])
