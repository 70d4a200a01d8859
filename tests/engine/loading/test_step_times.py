"""A step is timed fairly and quickly: both formats in turn, and the fastest round counts."""

from collections.abc import Iterator

import pytest
import torch

from arena.checkpoints.step_shape import StepShape
from arena.engine.loading.step_times import CROWD, step_times

SMOLLM = StepShape(hidden=576, inner=1536, words=49_152, layers=30)
WAYS = [(dtype, rows) for rows in (1, CROWD) for dtype in (torch.float32, torch.bfloat16)]


def test_the_fastest_round_counts_and_the_first_does_not() -> None:
    seconds: dict[tuple[torch.dtype, int], Iterator[float]] = {
        (torch.float32, 1): iter([0.1, 5.0, 6.0, 4.0, 9.0, 7.0]),
        (torch.bfloat16, 1): iter([0.1, 3.0, 3.5, 3.0, 8.0, 3.0]),
        (torch.float32, CROWD): iter([90.0, 8.0, 8.0, 8.0, 7.5, 8.0]),
        (torch.bfloat16, CROWD): iter([90.0, 4.0, 4.0, 4.0, 4.0, 3.5]),
    }
    now, order = 0.0, []

    def step(dtype: torch.dtype, rows: int) -> None:
        nonlocal now
        order.append((dtype, rows))
        now += next(seconds[dtype, rows])

    times = step_times(SMOLLM, step=step, clock=lambda: now)
    assert times == pytest.approx(dict(zip(WAYS, [4.0, 3.0, 7.5, 3.5], strict=True)))
    assert order == WAYS * 6


def test_a_real_step_is_timed() -> None:
    times = step_times(StepShape(hidden=8, inner=16, words=32, layers=2))
    assert set(times) == set(WAYS)
    assert all(0 < seconds < 10 for seconds in times.values())


def test_threads_are_given_back() -> None:
    counts: list[int] = []
    before = torch.get_num_threads()
    step_times(SMOLLM, step=lambda *_: counts.append(torch.get_num_threads()))
    assert set(counts) == {1}
    assert torch.get_num_threads() == before
