"""How long the matrices of one decoding step take in float32 and in bfloat16 on this CPU."""

import time
from collections.abc import Callable, Mapping
from typing import Final, TypeAlias

import torch
from torch.nn.functional import linear

from arena.checkpoints.step_shape import StepShape

CROWD: Final = 16
"""Replies at once of a busy model."""

_ROUNDS: Final = 5
_MOST_WEIGHTS: Final = 2**25
"""Timed at most: 200 MB in both formats together, more than the caches of a processor hold."""

StepTimes: TypeAlias = Mapping[tuple[torch.dtype, int], float]
"""Seconds of a step in a number format, for so many replies."""

Step: TypeAlias = Callable[[torch.dtype, int], None]


def step_times(
    shape: StepShape, *, step: Step | None = None, clock: Callable[[], float] = time.perf_counter
) -> StepTimes:
    """Time steps of 1 and of `CROWD` replies; takes a second or less.

    Both formats take turns, and of each the fastest of some rounds counts: what else the machine
    does slows both alike, or only some rounds.
    """
    run = step or _matrix_step(shape.part(_MOST_WEIGHTS))
    ways = [(dtype, rows) for rows in (1, CROWD) for dtype in (torch.float32, torch.bfloat16)]
    times = dict.fromkeys(ways, float("inf"))
    for number in range(_ROUNDS + 1):  # the first round warms up
        for way in ways:
            began = clock()
            run(*way)
            if number:
                times[way] = min(times[way], clock() - began)
    return times


def _matrix_step(shape: StepShape) -> Step:
    """Return a step through matrices of this shape, which keep a one a one."""
    weights = {
        dtype: [torch.full(size, 1 / size[1], dtype=dtype) for size in shape.matrices()]
        for dtype in (torch.float32, torch.bfloat16)
    }

    @torch.inference_mode()
    def run(dtype: torch.dtype, rows: int) -> None:
        values = torch.ones(rows, shape.hidden, dtype=dtype)
        for matrix in weights[dtype]:
            values = linear(values, matrix)

    return run
