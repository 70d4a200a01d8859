"""Newton's method for the concave log-likelihoods of paired comparisons."""

from collections.abc import Callable

import numpy as np

from arena.statistics.clusters import Floats

MOST_STEPS = 200
LONGEST_STEP = 1.5
"""In log-odds: a longer one from far away may overshoot."""
CLOSE_ENOUGH = 1e-11
"""In log-odds; one Elo point is 0.0058."""
ROUNDING = 1e-6
"""Below this, steps that no longer shrink are rounding errors of the gradient."""


class NoConvergenceError(ArithmeticError):
    """No maximum was found. Connectivity was checked before, so this is a defect."""


def maximum(
    gradient: Callable[[Floats], Floats], information: Callable[[Floats], Floats], start: Floats
) -> Floats:
    """Find where the gradient of a concave function vanishes.

    `information` is minus the matrix of second derivatives and must be positive definite.
    Raises `NoConvergenceError` after 200 steps.
    """
    point, previous = start, np.inf
    for _ in range(MOST_STEPS):
        step = np.linalg.solve(information(point), gradient(point))
        longest = float(np.abs(step).max(initial=0.0))
        point = point + step * min(1.0, LONGEST_STEP / max(longest, LONGEST_STEP))
        if longest < CLOSE_ENOUGH or previous / 2 < longest < ROUNDING:
            return point
        previous = longest
    raise NoConvergenceError(f"no maximum after {MOST_STEPS} steps")
