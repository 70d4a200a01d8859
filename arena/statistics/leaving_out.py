"""What leaving out one annotator, one prompt or one category does to win rates."""

from dataclasses import dataclass
from math import sqrt
from typing import NamedTuple

import numpy as np

from arena.domain.conversation import ModelKey
from arena.statistics.clusters import Floats
from arena.statistics.comparisons import Comparisons, Numbers, partition
from arena.statistics.connectivity import Chosen
from arena.statistics.outcomes import DECISIVE, WON

_AT_ONCE = 4096
"""Clusters: of two million prompts the rates without each do not fit into memory together."""
_ALIKE = 1e-12


class RateRange(NamedTuple):
    """The lowest and the highest pooled rate of a model, from 0 to 1, without any one cluster.

    `lowest` and `highest` are the labels of the clusters that were left out then. `error` is the
    jackknife's standard error of the rate over these clusters, None with fewer than two.
    """

    low: float
    high: float
    lowest: int
    highest: int
    error: float | None


@dataclass(frozen=True, slots=True)
class LeavingOut:
    """Pooled rates without each of `clusters` in turn.

    `ranges` are of every model that keeps a decisive vote whichever is left out. `first` are the
    models with the best rate of all these (several if equal); `changing` are the labels of the
    clusters without which another model is first, those with most decisive votes first.
    """

    clusters: int
    ranges: dict[ModelKey, RateRange]
    first: tuple[ModelKey, ...]
    changing: tuple[int, ...]


def leaving_out(comparisons: Comparisons, labels: Numbers) -> LeavingOut:
    """Leave out every cluster of the decisive votes; `labels` names the one of each comparison.

    Source: Efron & Stein (1981), Annals of Statistics 9, 586-596, for the jackknife; the ranges
    are exact recounts. A rate that hangs on one cluster has a wide range whatever its interval.
    """
    decisive = DECISIVE[comparisons.outcome]
    votes, labels = comparisons.where(decisive), labels[decisive]
    if not len(votes):
        return LeavingOut(0, {}, (), ())
    names, cluster = partition(labels)
    cells = _cells(votes, cluster)
    kept = np.ones(len(votes.models), np.bool_)
    kept[cells.model[~np.isfinite(cells.rate)]] = False
    kept &= cells.rates > -1
    first, changing = _first(cells, kept, len(names))
    return LeavingOut(
        clusters=len(names),
        ranges={
            votes.models[model]: _range(cells, model, names)
            for model in np.flatnonzero(kept).tolist()
        },
        first=tuple(votes.models[model] for model in first.tolist()),
        changing=tuple(names[changing].tolist()),
    )


class _Cells(NamedTuple):
    """Each cluster and model that have decisive votes together, sorted by model.

    `rate` is the model's rate without the cluster, NaN if nothing is left; `rates` are those of all
    votes by model, -1 without any.
    """

    cluster: Numbers
    model: Numbers
    rate: Floats
    votes: Numbers
    rates: Floats


def _cells(votes: Comparisons, cluster: Numbers) -> _Cells:
    models, clusters = len(votes.models), int(cluster.max()) + 1
    earlier_won = WON[votes.outcome]
    cell = np.concatenate((votes.a, votes.b)) * clusters + np.tile(cluster, 2)
    found, number = partition(cell)
    size, of_side = np.bincount(number), np.concatenate((earlier_won, ~earlier_won))
    weight = None if votes.weight is None else np.tile(votes.weight, 2)
    met = size if weight is None else np.bincount(number, weight)
    won = np.bincount(number, of_side if weight is None else of_side * weight)
    model, of_cluster = np.divmod(found, clusters)
    all_met = np.bincount(model, met, models)
    all_won = np.bincount(model, won, models)
    left = np.bincount(model, size, models)[model] - size
    rate = np.full(len(found), np.nan)
    np.divide(all_won[model] - won, all_met[model] - met, out=rate, where=left > 0)
    rates = np.full(models, -1.0)
    np.divide(all_won, all_met, out=rates, where=all_met > 0)
    return _Cells(of_cluster, model, rate, size, rates)


def _range(cells: _Cells, model: int, names: Numbers) -> RateRange:
    start, end = np.searchsorted(cells.model, [model, model + 1])
    rate, cluster = cells.rate[start:end], names[cells.cluster[start:end]]
    low, high = int(np.argmin(rate)), int(np.argmax(rate))
    error = None
    if len(rate) > 1:
        spread = float(((rate - rate.mean()) ** 2).sum())
        error = sqrt((1 - 1 / len(rate)) * spread)
    return RateRange(
        float(rate[low]), float(rate[high]), int(cluster[low]), int(cluster[high]), error
    )


def _first(cells: _Cells, kept: Chosen, clusters: int) -> tuple[Numbers, Numbers]:
    """Return who is first, and the clusters without which others are, largest first."""
    rates = np.where(kept, cells.rates, -1.0)
    first = _at_top(rates[None, :])[0] & kept
    if not first.any():
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    order = np.argsort(cells.cluster, kind="stable")
    cluster, model, rate = cells.cluster[order], cells.model[order], cells.rate[order]
    changes = np.zeros(clusters, np.bool_)
    for begin in range(0, clusters, _AT_ONCE):
        start, end = np.searchsorted(cluster, [begin, begin + _AT_ONCE])
        without = np.tile(rates, (min(_AT_ONCE, clusters - begin), 1))
        theirs = slice(start, end)
        without[cluster[theirs] - begin, model[theirs]] = np.where(
            kept[model[theirs]], rate[theirs], -1.0
        )
        changed = (_at_top(without) & kept != first).any(axis=1)
        changes[begin : begin + _AT_ONCE] = changed
    size = np.bincount(cells.cluster, cells.votes, clusters)
    found = np.flatnonzero(changes)
    return np.flatnonzero(first), found[np.argsort(-size[found], kind="stable")]


def _at_top(rates: Floats) -> Chosen:
    """Return, by row, which rates are the highest; sums differ in a last digit."""
    return np.asarray(rates > rates.max(axis=1, keepdims=True) - _ALIKE)
