"""Captures work on a GPU, to be repeated by one launch on the same memory."""

from collections.abc import Callable
from typing import Any, Protocol

import torch

Work = Callable[[], None]


class Capture(Protocol):
    """Captures the work of a stream, such as `CudaGraphs`.

    Work is whatever kernels a function launches; what Python computes in it is not repeated, and
    whoever waits for the device in it raises RuntimeError.
    """

    def __call__(self, work: Work, stream: Any) -> Work:
        """Do the work, capture it, and return what repeats it."""
        ...


class CudaGraphs:
    """CUDA graphs that share the memory of their intermediate results: capture the largest first.

    So no two of them may run at the same time.
    """

    def __init__(self) -> None:
        self._pool = torch.cuda.graph_pool_handle()

    def __call__(self, work: Work, stream: Any) -> Work:
        """See `Capture`."""
        work()  # libraries allocate at their first use, which no capture allows
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(
            graph, pool=self._pool, stream=stream, capture_error_mode="thread_local"
        ):
            work()
        return graph.replay
