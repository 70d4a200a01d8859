"""How long the matrices of one decoding step take in float32 and in bfloat16 on this CPU."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, TypeAlias

import torch
from torch.nn.functional import linear

from arena.checkpoints.step_shape import StepShape

CROWD: Final = 16
"""Replies at once of a busy model."""

_ROUNDS: Final = 5
_MOST_WEIGHTS: Final = 2**24
"""Timed at most: 64 MB in float32, of which a step reads most from memory, as a model's does."""

StepTimes: TypeAlias = Mapping[tuple[torch.dtype, int], float]
"""Seconds of a step in a number format, for so many replies."""

Step: TypeAlias = Callable[[torch.dtype, int], None]


def step_times(
    shape: StepShape, *, step: Step | None = None, clock: Callable[[], float] = time.thread_time
) -> StepTimes:
    """Time steps of 1 and of `CROWD` replies; takes half a second of one core.

    On a busy machine as on an idle one: one thread works and its own CPU time counts, both formats
    take turns, and of each the fastest round counts.
    """
    run = step or _matrix_step(shape.part(_MOST_WEIGHTS))
    with _one_thread():
        return _fastest(run, clock)


def _fastest(run: Step, clock: Callable[[], float]) -> StepTimes:
    ways = [(dtype, rows) for rows in (1, CROWD) for dtype in (torch.float32, torch.bfloat16)]
    times = dict.fromkeys(ways, float("inf"))
    for number in range(_ROUNDS + 1):  # the first round warms up
        for way in ways:
            began = clock()
            run(*way)
            if number:
                times[way] = min(times[way], clock() - began)
    return times


@contextmanager
def _one_thread() -> Iterator[None]:
    """Let torch work in the calling thread alone: threads that wait for others cost time too."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


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
