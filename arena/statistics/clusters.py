"""Cluster-robust variances of weighted means over votes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from arena.statistics.comparisons import Comparisons, Numbers, crossed, partition, repeated

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class OneWay:
    """Variance with one kind of cluster, for m estimates: three columns of length m.

    `variance` is NaN with fewer than two clusters. `effective` is Kish's number of clusters,
    1/sum(share^2): `clusters` when all have the same share of the weight, less otherwise.
    """

    variance: Floats
    clusters: Numbers
    effective: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Grouping:
    """Votes in groups, one for each estimate and cluster that has votes.

    `group` numbers the group of each vote, `estimate` names the estimate of each group.
    """

    group: Numbers
    estimate: Numbers
    estimates: int

    def one_way(self, *, weight: Floats, residual: Floats) -> OneWay:
        """Compute variances of sums of weight * value, by a jackknife over clusters.

        `weight` and `residual` (value minus estimate) hold one number for each vote; the weights
        of an estimate add up to 1. With S_g = sum of weight * residual and h_g = sum of weight
        over cluster g of G,

            V = (G-1)/G * sum_g (S_g / (1 - h_g))^2,

        which is leaving out one cluster at a time, and is the usual G/(G-1) * sum S_g^2 for
        clusters of equal size; it stays honest when one of them holds half of the votes.
        Source: Bell & McCaffrey (2002), Survey Methodology 28, 169-181; Kish (1965), ch. 11.
        """
        score, share = self._sums(weight * residual), self._sums(weight)
        clusters = self._by_estimate(None)
        several = clusters[self.estimate] > 1
        factor = 1 - 1 / np.maximum(clusters, 1)
        squares = np.maximum(self._by_estimate(share**2), np.finfo(float).tiny)
        # In place: where most groups have one vote, these columns are as long as those of votes.
        np.subtract(1, share, out=share)
        np.divide(score, share, out=score, where=several)
        np.square(score, out=score)
        return OneWay(
            variance=np.where(clusters > 1, factor * self._by_estimate(score), np.nan),
            clusters=clusters.astype(np.int64),
            effective=np.where(clusters > 0, 1 / squares, 0.0),
        )

    def _sums(self, column: Floats) -> Floats:
        sums = np.bincount(self.group, column, minlength=len(self.estimate))
        return sums.astype(np.float64, copy=False)  # whole numbers where there are no votes

    def _by_estimate(self, column: Floats | None) -> Floats:
        return np.bincount(self.estimate, column, minlength=self.estimates).astype(float)


def grouping(estimate: Numbers, cluster: Numbers, *, estimates: int) -> Grouping:
    """Group votes by the estimate (a number below `estimates`) and the cluster they belong to."""
    clusters = int(cluster.max(initial=0)) + 1
    # Numbered without gaps: fewer possible groups are found in a table, without sorting.
    present = partition(estimate)
    labels = present.numbers
    labels *= clusters
    labels += cluster
    groups = partition(labels)
    return Grouping(groups.numbers, present.labels[groups.labels // clusters], estimates)


@dataclass(frozen=True, slots=True, eq=False)
class TwoWay:
    """Variances of the same estimates by annotator, by prompt, and by both together."""

    annotator: OneWay
    prompt: OneWay
    intersection: OneWay

    @property
    def combined(self) -> Floats:
        """V_annotator + V_prompt - V_intersection.

        May be negative where clusters differ less than chance would have them.
        Source: Cameron, Gelbach & Miller (2011), J. Business & Economic Statistics 29, 238-249.
        """
        return self.annotator.variance + self.prompt.variance - self.intersection.variance

    @property
    def variance(self) -> Floats:
        """The combined variance, at least the larger of V_annotator and V_prompt.

        For what may be decided once for each annotator, or once for each prompt, and must not
        look more certain than either. Of a rate it is too large on average: the larger of
        several estimates is.
        """
        return np.fmax(self.combined, np.fmax(self.annotator.variance, self.prompt.variance))


def stacked_two_way(parts: Sequence[TwoWay]) -> TwoWay:
    """Concatenate the estimates of all parts."""
    return TwoWay(
        _stacked([part.annotator for part in parts]),
        _stacked([part.prompt for part in parts]),
        _stacked([part.intersection for part in parts]),
    )


def _stacked(parts: Sequence[OneWay]) -> OneWay:
    return OneWay(
        variance=np.concatenate([part.variance for part in parts]),
        clusters=np.concatenate([part.clusters for part in parts]),
        effective=np.concatenate([part.effective for part in parts]),
    )


def two_way(groupings: Iterable[Grouping], *, weight: Floats, residual: Floats) -> TwoWay:
    """Compute variances, as in `Grouping.one_way`, by the `two_way_groupings` of the votes.

    Holds one grouping at a time: of millions of votes each takes tens of megabytes.
    """
    return two_ways(groupings, weight=weight, residuals=(residual,))[0]


def two_ways(
    groupings: Iterable[Grouping], *, weight: Floats, residuals: Sequence[Floats]
) -> tuple[TwoWay, ...]:
    """Compute variances of several estimates with the same weights, one by residual column."""
    ways = []
    for votes in groupings:
        ways.append([votes.one_way(weight=weight, residual=residual) for residual in residuals])
        del votes  # or it would still be here while the next one is made
    return tuple(TwoWay(*columns) for columns in zip(*ways, strict=True))


def two_way_groupings(
    comparisons: Comparisons,
    rows: Numbers | slice,
    estimate: Numbers,
    *,
    estimates: int,
    crowded: NDArray[np.bool_],
) -> Iterator[Grouping]:
    """Group the chosen comparisons by annotator, by prompt, and by both, one after the other.

    `estimate` holds one number for each of them; `crowded` marks, among all, those whose annotator
    has another one on the same prompt.
    """
    annotator, prompt = comparisons.annotator[rows], comparisons.prompt[rows]
    yield grouping(estimate, annotator, estimates=estimates)
    yield grouping(estimate, prompt, estimates=estimates)
    yield _sparse_grouping(estimate, crossed(annotator, prompt), crowded[rows], estimates=estimates)


def whole_groupings(annotator: Numbers, prompt: Numbers) -> Iterator[Grouping]:
    """Group all votes, for one estimate, by annotator, by prompt, and by both, one after the other.

    Two million take a tenth of a second and 60 MB.
    """
    for cluster in (annotator, prompt):
        found = partition(cluster)
        yield Grouping(found.numbers, np.zeros(len(found.labels), np.int64), 1)
        del found
    both = crossed(annotator, prompt)
    yield _sparse_grouping(np.zeros(len(both), np.int64), both, repeated(both), estimates=1)


def _sparse_grouping(
    estimate: Numbers, cluster: Numbers, crowded: NDArray[np.bool_], *, estimates: int
) -> Grouping:
    """Group votes where one that is not `crowded` is a cluster of its own, in any order."""
    some = grouping(estimate[crowded], cluster[crowded], estimates=estimates)
    alone = estimate[~crowded]
    group = np.empty(len(estimate), np.int64)
    group[crowded] = some.group
    group[~crowded] = np.arange(len(alone)) + len(some.estimate)
    return Grouping(group, np.concatenate((some.estimate, alone)), estimates)
