"""Which pairs of a board are told apart: one definition, with an allowance for many pairs."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special

LEVEL = 0.05
"""At most this share of boards of equal models has any pair that is told apart."""


class Adjusted(NamedTuple):
    """A p-value after the allowance, and the number of pairs that it was multiplied by."""

    p: float
    pairs: int


def p_of_rate(rate: float, effective: float, degrees: float) -> float:
    """Two-sided p-value of a rate of one half, below 0.05 just where the interval leaves it out.

    `effective` is the number of independent votes that say as much. The score statistic
    (p - 1/2) / sqrt(1 / (4 n)) has the tails of Student's t with `degrees` of freedom, at least
    one. Source: Wilson (1927), whose interval is this test turned round.
    """
    score = abs(2 * rate - 1) * effective**0.5
    return float(2 * special.stdtr(max(degrees, 1.0), -score))


def holm(p_values: Sequence[float]) -> tuple[Adjusted, ...]:
    """Adjusted p-values, in the order given: no more than `LEVEL` of boards have a false one.

    The k-th smallest of m is multiplied by m - k + 1, and none is below a smaller one's. Holds
    however pairs depend on each other, as those that share models and annotators do. Source:
    Holm (1979), Scandinavian Journal of Statistics 6, 65-70.
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    pairs = np.empty(len(p), dtype=np.int64)
    pairs[order] = len(p) - np.arange(len(p))
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(np.maximum.accumulate(pairs[order] * p[order]), 1.0)
    return tuple(map(Adjusted, adjusted.tolist(), pairs.tolist()))
