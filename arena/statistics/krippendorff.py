"""Krippendorff's alpha from a table of items and verdicts, with an interval by leaving out."""

from dataclasses import dataclass
from enum import StrEnum
from math import fsum, sqrt
from typing import NamedTuple

import numpy as np

from arena.statistics.clustered_intervals import t_quantile
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Numbers, partition
from arena.statistics.thresholds import DEFAULT_THRESHOLDS

TAIL = 0.025
"""Chance beyond each end of the interval."""


class Holds(StrEnum):
    """For which prompts the interval speaks; always for the annotators who voted."""

    PROMPTS_LIKE_THESE = "for prompts like these"
    THESE_PROMPTS = "for these prompts only"


@dataclass(frozen=True, slots=True)
class Alpha:
    """Krippendorff's alpha, 1 for full agreement and 0 for chance, with its 95 % interval."""

    value: float
    low: float
    high: float
    holds: Holds


class ItemTable(NamedTuple):
    """m items with two annotators or more each.

    `weights` of verdicts are annotators (m x verdicts), `agreeing` pairs of them with the same
    verdict (m), `prompt` any numbers that tell prompts apart (m).
    """

    weights: Floats
    agreeing: Floats
    prompt: Numbers


class _Clusters(NamedTuple):
    """What each cluster of items adds: weighted disagreement, then weight by verdict (G x 1+v)."""

    sums: Floats
    holds: Holds


def krippendorff(table: ItemTable) -> Alpha:
    """Compute nominal alpha, where annotators may miss items, and its interval; deterministic.

    With n_c annotators for verdict c, n in all, and d_u disagreeing pairs of the m_u annotators of
    item u, alpha = 1 - D_o/D_e, where

        D_o = sum_u 2 d_u/(m_u - 1) / n        D_e = sum_c n_c (n - n_c) / (n (n - 1))

    The interval is s +- t(G-1) * error for s = sqrt(1 - alpha), carried over, with

        error^2 = (G-1)/G * sum_g (s_(g) - s)^2

    and s_(g) without the prompt g of G; the quantile takes Kish's number of prompts for G. With
    fewer than `Thresholds.clusters` prompts, items are left out instead. The error of s hardly
    depends on s, and no bound comes out above 1.
    Sources: Krippendorff (2018), Content Analysis, 4th ed., ch. 12; Miller (1974), Biometrika 61,
    1-15. Raises ValueError where all verdicts are the same: alpha is 0/0.
    """
    sums, holds = _clusters(table)
    whole = np.array([fsum(column) for column in sums.T])
    ratio = float(_ratio(whole))
    if np.isnan(ratio):
        raise ValueError("alpha needs two verdicts")
    number = _effective(sums)
    if ratio == 0:
        return Alpha(1.0, max(-1.0, 1 - _unseen(number) / float(_expected(whole))), 1.0, holds)
    scale, half = sqrt(ratio), t_quantile(number - 1) * _error(whole, sums)
    low, high = 1 - (scale + half) ** 2, 1 - max(0.0, scale - half) ** 2
    return Alpha(1 - ratio, max(-1.0, low), high, holds)


def _clusters(table: ItemTable) -> _Clusters:
    """Sum items by cluster; disagreeing pairs are added as whole numbers before weighting.

    So the sums are the same to the last digit in whatever order the items come.
    """
    prompts = partition(table.prompt)
    several = len(prompts.labels) >= DEFAULT_THRESHOLDS.clusters
    cluster = prompts.numbers if several else np.arange(len(table.prompt))
    size = int(cluster.max()) + 1
    annotators = np.rint(table.weights.sum(axis=1)).astype(np.int64)
    disagreeing = np.maximum(annotators * (annotators - 1) / 2 - table.agreeing, 0.0)
    most = int(annotators.max()) + 1
    groups = partition(cluster * most + annotators)
    cluster_of, annotators_of = np.divmod(groups.labels, most)
    weighted = 2 * np.bincount(groups.numbers, disagreeing) / (annotators_of - 1)
    columns = [np.bincount(cluster_of, weighted, size)]
    columns += [np.bincount(cluster, weights, size) for weights in table.weights.T]
    holds = Holds.PROMPTS_LIKE_THESE if several else Holds.THESE_PROMPTS
    return _Clusters(np.stack(columns, axis=1), holds)


def _effective(sums: Floats) -> float:
    """Return Kish's number of clusters by weight (Survey Sampling, 1965, ch. 11)."""
    weights = sums[:, 1:].sum(axis=1)
    return fsum(weights) ** 2 / fsum(weights**2)


def _error(whole: Floats, sums: Floats) -> float:
    """Compute the jackknife error of s; where one is 0/0, the farther of 0 and 1 stands in."""
    scale = sqrt(float(_ratio(whole)))
    without = np.sqrt(_ratio(whole - sums))
    without[np.isnan(without)] = 0.0 if scale > 1 / 2 else 1.0
    return sqrt((1 - 1 / len(sums)) * fsum((without - scale) ** 2))


def _unseen(clusters: float) -> float:
    """Bound the share of clusters with a disagreement when none was seen in so many.

    Source: Clopper & Pearson (1934), Biometrika 26, 404-413, for a share of 0.
    """
    return float(1 - TAIL ** (1 / clusters))


def _expected(sums: Floats) -> Floats:
    """Compute D_e of rows of sums; 0 where the total weight is at most 1."""
    weights = sums[..., 1:]
    total = weights.sum(axis=-1)
    unlike = np.maximum(total**2 - (weights**2).sum(axis=-1), 0.0)
    pairs = total * (total - 1)
    return np.asarray(np.divide(unlike, pairs, out=np.zeros_like(total), where=total > 1))


def _ratio(sums: Floats) -> Floats:
    """Compute D_o/D_e, that is 1 - alpha, of rows of sums; NaN where D_e is 0."""
    expected, total = _expected(sums), sums[..., 1:].sum(axis=-1)
    pairs = np.maximum(total, 1.0) * expected
    observed = np.maximum(sums[..., 0], 0.0)
    ratio = np.divide(observed, pairs, out=np.full_like(pairs, np.nan), where=expected > 0)
    return np.asarray(ratio)
