"""Evidence after every block, as campaigns that are watched would see it."""

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import logsumexp, roots_jacobi

from arena.statistics.sequential_blocks import BETS, BLOCK_PRIOR, BlockEvidence

Reals = NDArray[np.float64]


def evidence_of_blocks(scores: ArrayLike, *, prior: float = BLOCK_PRIOR) -> BlockEvidence:
    """Return what `final_evidence` gives after each block: the same shape as `scores`, (..., n).

    Raises ValueError for a score outside [-1, 1].
    """
    scores = np.asarray(scores, dtype=float)
    if not bool((np.abs(scores) <= 1).all()):
        raise ValueError("a net score lies between -1 and 1")
    bets, weights = roots_jacobi(BETS, prior - 1, prior - 1)
    up = bets > 0
    log_weights = np.log(weights[up] / weights[up].sum())
    return BlockEvidence(
        *(_log_wealth(sign * scores, bets[up], log_weights) for sign in (1, -1)),
    )


def _log_wealth(scores: Reals, bets: Reals, log_weights: Reals) -> Reals:
    paths = np.cumsum(np.log1p(scores[..., None] * bets), axis=-2)
    wealth: Reals = logsumexp(paths + log_weights, axis=-1)
    return wealth
