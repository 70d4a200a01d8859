"""Two classifiers that name the slow side, and how often they are right on unseen battles."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit

from arena.statistics.intervals import Interval, wilson

Floats = NDArray[np.float64]
Scorer = Callable[[Floats], Floats]
"""Returns a score per row, positive for the first class."""
Learner = Callable[[Floats, Floats], Scorer]
"""Learns from rows of features and their classes, 1 and 0."""

FOLDS = 5
_PENALTY = 1.0
_ROUNDS = 40
_RATE = 0.1
_CUTS = 12
_LEAST_ROWS = 8


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The share of unseen rows that were named right, of `rows`; where a score is 0, half."""

    share: float
    rows: int

    @property
    def interval(self) -> Interval:
        """95 %, by Wilson."""
        return wilson(self.share * self.rows, self.rows)


def logistic(features: Floats, classes: Floats) -> Scorer:
    """Fit a logistic regression with a ridge penalty on standardised features."""
    scale = features.std(axis=0)
    scale[scale < 1e-9] = np.inf
    rows, sign = features / scale, 2 * classes - 1

    def loss(weights: Floats) -> tuple[float, Floats]:
        margin = sign * (rows @ weights)
        slope = -(sign * expit(-margin)) @ rows
        value = np.logaddexp(0, -margin).sum() + _PENALTY * weights @ weights / 2
        return float(value), slope + _PENALTY * weights

    weights = minimize(loss, np.zeros(rows.shape[1]), jac=True, method="L-BFGS-B").x
    return lambda new: np.asarray(new / scale @ weights)


def boosting(features: Floats, classes: Floats) -> Scorer:
    """Boost trees of two levels on the logistic loss (Friedman 2001), by Newton steps."""
    cuts = np.quantile(features, np.linspace(0, 1, _CUTS + 2)[1:-1], axis=0)
    above = features[:, None, :] > cuts[None, :, :]
    trees: list[_Tree] = []
    score = np.zeros(len(classes))
    for _ in range(_ROUNDS):
        chance = expit(score)
        tree = _grow(above, classes - chance, chance * (1 - chance))
        trees.append(tree)
        score += _RATE * tree.values(above)

    def scores(new: Floats) -> Floats:
        rows = new[:, None, :] > cuts[None, :, :]
        return np.asarray(sum(_RATE * tree.values(rows) for tree in trees))

    return scores


Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class _Tree:
    """A split (cut, feature) of all rows, one of each half, and the value of each quarter."""

    first: tuple[int, int]
    then: tuple[tuple[int, int], tuple[int, int]]
    leaves: tuple[float, float, float, float]

    def values(self, above: Bools) -> Floats:
        upper = above[(slice(None), *self.first)]
        inner = np.where(
            upper, above[(slice(None), *self.then[1])], above[(slice(None), *self.then[0])]
        )
        return np.asarray(np.asarray(self.leaves)[2 * upper + inner])


def _grow(above: Bools, slope: Floats, curve: Floats) -> _Tree:
    everything = np.ones(len(slope), dtype=bool)
    first = _best_split(above, slope, curve, everything)
    upper = above[(slice(None), *first)]
    halves = (~upper, upper)
    low, high = (_best_split(above, slope, curve, half) for half in halves)
    leaves = [
        _step(slope[rows], curve[rows])
        for half, split in zip(halves, (low, high), strict=True)
        for rows in (half & ~above[(slice(None), *split)], half & above[(slice(None), *split)])
    ]
    return _Tree(first, (low, high), (leaves[0], leaves[1], leaves[2], leaves[3]))


def _best_split(above: Bools, slope: Floats, curve: Floats, rows: Bools) -> tuple[int, int]:
    inside = above[rows].astype(float)
    high_slope = np.einsum("rcf,r->cf", inside, slope[rows])
    high_curve = np.einsum("rcf,r->cf", inside, curve[rows])
    count = inside.sum(axis=0)
    low_slope, low_curve = slope[rows].sum() - high_slope, curve[rows].sum() - high_curve
    gain = high_slope**2 / (high_curve + _PENALTY) + low_slope**2 / (low_curve + _PENALTY)
    gain[(count < _LEAST_ROWS) | (rows.sum() - count < _LEAST_ROWS)] = -1.0
    cut, feature = np.unravel_index(int(gain.argmax()), gain.shape)
    return int(cut), int(feature)


def _step(slope: Floats, curve: Floats) -> float:
    return float(slope.sum() / (curve.sum() + _PENALTY))


def accuracy(learn: Learner, features: Floats, classes: Floats, *, seed: int) -> Accuracy:
    """Return how often the class of rows is named that the learner has not seen, in five folds.

    Features must change their sign when the sides are exchanged: the learner sees every battle
    that it learns from in both orders.
    """
    order = np.random.default_rng(seed).permutation(len(classes))
    right: list[Floats] = []
    for fold in np.array_split(order, FOLDS):
        rest = np.setdiff1d(order, fold)
        both = np.concatenate([features[rest], -features[rest]])
        score = learn(both, np.concatenate([classes[rest], 1 - classes[rest]]))(features[fold])
        says = np.sign(np.round(score, 9))
        right.append((1 + says * (2 * classes[fold] - 1)) / 2)
    named = np.concatenate(right)
    return Accuracy(float(named.mean()), len(named))


LEARNERS: dict[str, Learner] = {"logistic regression": logistic, "gradient boosting": boosting}


def accuracies(
    features: Sequence[Sequence[float]], classes: Sequence[bool], *, seed: int
) -> list[Accuracy]:
    """Return the accuracy of each of `LEARNERS`."""
    rows, named = np.asarray(features, dtype=float), np.asarray(classes, dtype=float)
    return [accuracy(learn, rows, named, seed=seed) for learn in LEARNERS.values()]
