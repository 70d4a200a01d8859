"""Which models the comparisons can rate at all."""

from enum import StrEnum

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse import csgraph

from arena.statistics.clusters import Floats

Chosen = NDArray[np.bool_]


class Standing(StrEnum):
    """What can be said about the strength of a model."""

    RATED = "rated"
    TOO_FEW = "too few"
    """A finite rating on too few votes, annotators or prompts for an interval."""
    UNBEATEN = "unbeaten"
    """Neither lost to the rated models nor tied with them, by any chain: no finite rating."""
    WINLESS = "winless"
    """Neither won against the rated models nor tied with them: no finite rating."""
    DISCONNECTED = "disconnected"
    """Nothing compares it with the rated models."""


def standings(wins: Floats, ties: Floats) -> tuple[Standing, ...]:
    """Return the standing of K models by K x K numbers of wins and of ties.

    Strengths of a Bradley-Terry model are finite if and only if everyone can be reached from
    everyone by a chain of «won or tied at least once» (Ford 1957, American Mathematical Monthly
    64(8), 28-33). `RATED` are the models of the largest group of which that is true; without two
    such models nobody is. `TOO_FEW` is not given here.
    """
    if not len(wins):
        return ()
    graph = sparse.csr_array((wins + ties) > 0)
    main = _main_group(graph, wins + ties)
    if not main.any():
        return tuple(_alone(won, lost) for won, lost in zip(wins.sum(1), wins.sum(0), strict=True))
    start = int(np.flatnonzero(main)[0])
    below, above = _reached(graph, start), _reached(graph.T.tocsr(), start)
    return tuple(_relative(*each) for each in zip(main, above, below, strict=True))


def _main_group(graph: sparse.csr_array, counts: Floats) -> Chosen:
    """Return the strongly connected group with most models, then comparisons, then first model."""
    label = csgraph.connected_components(graph, directed=True, connection="strong")[1]
    groups = [label == number for number in dict.fromkeys(label.tolist())]
    best = max(groups, key=lambda group: (group.sum(), counts[np.ix_(group, group)].sum()))
    return best if best.sum() > 1 else np.zeros_like(best)


def _reached(graph: sparse.csr_array, start: int) -> Chosen:
    reached = np.zeros(graph.shape[0], dtype=np.bool_)
    reached[csgraph.breadth_first_order(graph, start, return_predecessors=False)] = True
    return reached


def _relative(main: bool, above: bool, below: bool) -> Standing:  # noqa: FBT001
    if main:
        return Standing.RATED
    if above:
        return Standing.UNBEATEN
    return Standing.WINLESS if below else Standing.DISCONNECTED


def _alone(won: float, lost: float) -> Standing:
    if won and not lost:
        return Standing.UNBEATEN
    return Standing.WINLESS if lost and not won else Standing.DISCONNECTED
