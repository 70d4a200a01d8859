"""Position bias: a logit of the side beside the strengths of the models."""

from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from math import sqrt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import NegativeCycleError, bellman_ford, connected_components
from scipy.special import expit

from arena.statistics.comparisons import Comparisons, Numbers, partition
from arena.statistics.newton import maximum
from arena.statistics.outcomes import WON

Reals = NDArray[np.float64]


class NoFit(StrEnum):
    """Why there is no fit."""

    NO_CYCLE = "no models that beat each other"
    ONE_ORDER = "one order only"
    SEPARATED = "separated"


@dataclass(frozen=True, slots=True)
class PositionFit:
    """Logit of a win of the earlier slot between equally strong models.

    `error` is the standard error if all votes are independent, `clustered_error` the one if votes
    of the same annotator are not (None with one annotator). `votes` are those that count.
    """

    position: float
    error: float
    clustered_error: float | None
    votes: int
    annotators: int


class _Wins(NamedTuple):
    """The two models of every decisive vote."""

    winner: Numbers
    loser: Numbers


class _Cells(NamedTuple):
    """Sufficient counts by order of models: `design` has a row for each, the side comes last.

    Sparse: a row has three entries, and of 200 models there are 40,000 rows.
    """

    design: sparse.csr_array
    wins: Reals
    total: Reals


def fit_position(comparisons: Comparisons) -> PositionFit | NoFit:
    """Fit logit P(earlier wins) = strength of earlier - of later + position.

    Source: Davidson and Beaver (1977), Biometrics 33, 693-702 (the within-pair order effect, in
    logits). Ties are left out. Comparisons between models of which one is, by any chain of wins,
    never beaten back are left out: at the supremum of the likelihood their strengths are
    infinitely far apart, and what happened between them says nothing about sides. The clustered
    error is the sandwich over annotators times G/(G-1).
    """
    votes = _within_cycles(comparisons.decisive)
    if not len(votes):
        return NoFit.NO_CYCLE
    first = WON[votes.outcome]
    unbounded = (_unbounded(votes, first), _unbounded(votes, ~first))
    if all(unbounded):
        return NoFit.ONE_ORDER
    return NoFit.SEPARATED if any(unbounded) else _fit(votes)


def _within_cycles(votes: Comparisons) -> Comparisons:
    """Select votes within strongly connected components of the graph of wins."""
    group = _groups(votes)
    inside = group[votes.a] == group[votes.b]
    return votes if inside.all() else votes.where(inside)


def _groups(votes: Comparisons) -> Numbers:
    won = _wins(votes)
    graph = np.zeros((len(votes.models), len(votes.models)))
    graph[won.winner, won.loser] = 1
    groups: Numbers = connected_components(graph, connection="strong")[1].astype(np.int64)
    return groups


def _first_of_groups(votes: Comparisons) -> Numbers:
    return np.unique(_groups(votes), return_index=True)[1]


def _wins(votes: Comparisons) -> _Wins:
    first = WON[votes.outcome]
    return _Wins(np.where(first, votes.a, votes.b), np.where(first, votes.b, votes.a))


def _unbounded(votes: Comparisons, leaning: NDArray[np.bool_]) -> bool:
    """Return whether the likelihood never falls again as the bias to one slot grows.

    `leaning` marks the votes in which the winner was in that slot. So it is if strengths s exist by
    which s of every winner is at least that of the loser, less 1 if leaning, plus 1 if not (Albert
    and Anderson (1984), Biometrika 71, 1-10, with the position at 1). Such differences exist unless
    some cycle of wins has more of them in the other slot. Both leans grow if every cycle is
    balanced, and then the side cannot be told from the strengths at all.
    """
    won = _wins(votes)
    graph = np.zeros((len(votes.models), len(votes.models)))
    graph[won.winner[leaning], won.loser[leaning]] = 1
    graph[won.winner[~leaning], won.loser[~leaning]] = -1  # the tighter bound, where both hold
    try:
        bellman_ford(graph, indices=_first_of_groups(votes))
    except NegativeCycleError:
        return False
    return True


def _cells(votes: Comparisons) -> tuple[_Cells, Numbers]:
    """Count votes by order of models, and return the cell of every vote.

    The first model of each group has strength 0: only differences within a group are defined.
    """
    models = len(votes.models)
    orders, cell = partition(votes.a * models + votes.b)
    row, side = np.arange(len(orders)), np.full(len(orders), models)
    sign = np.repeat([1.0, -1.0, 1.0], len(orders))
    place = (np.tile(row, 3), np.concatenate((orders // models, orders % models, side)))
    design = sparse.csc_array((sign, place), shape=(len(orders), models + 1))
    free = np.ones(models + 1, dtype=bool)
    free[_first_of_groups(votes)] = False
    first = WON[votes.outcome]
    wins = np.bincount(cell[first], minlength=len(orders)).astype(np.float64)
    total = np.bincount(cell).astype(np.float64)
    return _Cells(design[:, np.flatnonzero(free)].tocsr(), wins, total), cell


def _gradient(cells: _Cells, parameters: Reals) -> Reals:
    expected = cells.total * expit(cells.design @ parameters)
    return np.asarray(cells.design.T @ (cells.wins - expected))


def _information(cells: _Cells, parameters: Reals) -> Reals:
    share = expit(cells.design @ parameters)
    weighted = sparse.diags_array(cells.total * share * (1 - share)) @ cells.design
    return np.asarray((cells.design.T @ weighted).toarray())


def _fit(votes: Comparisons) -> PositionFit:
    cells, cell = _cells(votes)
    parameters = maximum(
        partial(_gradient, cells), partial(_information, cells), np.zeros(cells.design.shape[1])
    )
    position_row = np.linalg.inv(_information(cells, parameters))[-1]
    residual = WON[votes.outcome] - expit(cells.design @ parameters)[cell]
    influence = residual * (cells.design @ position_row)[cell]
    by_annotator = np.bincount(votes.annotator, weights=influence)
    groups = len(by_annotator)
    clustered = (
        sqrt(groups / (groups - 1) * float(by_annotator @ by_annotator)) if groups > 1 else None
    )
    return PositionFit(
        position=float(parameters[-1]),
        error=sqrt(position_row[-1]),
        clustered_error=clustered,
        votes=len(votes),
        annotators=groups,
    )
