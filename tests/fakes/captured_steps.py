"""Stands for CUDA graphs and overlapping steps where there is no GPU: does as they are documented.

A graph repeats kernels on the memory that they had, and knows nothing of what Python computed.
"""

from collections.abc import Callable
from typing import Any

import torch
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_flatten, tree_map
from transformers.generation.continuous_batching import continuous_api
from transformers.generation.continuous_batching.input_outputs import (
    ContinuousBatchingAsyncIOs,
    ContinuousBatchingIOs,
    HostDeviceIOPair,
)

_WAITING = (
    torch.ops.aten.item.default,
    torch.ops.aten.is_nonzero.default,
    torch.ops.aten._local_scalar_dense.default,
    torch.ops.aten.resolve_conj.default,  # of `tolist`
    torch.ops.aten.lift_fresh.default,
)
"""Reading a number, and a tensor of numbers that only Python knows: both wait for the device."""


class _Recording(TorchDispatchMode):  # type: ignore[no-untyped-call]
    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.calls: list[tuple[Any, Any, Any, Any]] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if func in _WAITING:
            raise RuntimeError("CUDA error: operation not permitted when stream is capturing")
        found = func(*args, **(kwargs or {}))
        self.calls.append((func, args, kwargs or {}, found))
        return found

    def replay(self) -> None:
        made: dict[int, Any] = {}

        def now(value: Any) -> Any:
            return made.get(id(value), value) if isinstance(value, torch.Tensor) else value

        for func, args, kwargs, found in self.calls:
            fresh = func(*tree_map(now, args), **tree_map(now, kwargs))
            pairs = zip(tree_flatten(found)[0], tree_flatten(fresh)[0], strict=True)
            made |= {id(old): new for old, new in pairs if isinstance(old, torch.Tensor)}


class RecordedGraphs:
    """Captures by recording the operations; counts what was captured and replayed."""

    def __init__(self) -> None:
        self.captured = 0
        self.replayed = 0

    def __call__(self, work: Callable[[], None], stream: Any) -> Callable[[], None]:
        del stream
        work()
        recording = _Recording()
        with recording:
            work()
        self.captured += 1

        def replay() -> None:
            self.replayed += 1
            recording.replay()

        return replay


class _Stream:
    def record_event(self, event: Any) -> None:
        del event

    wait_event = record_event

    def synchronize(self) -> None:
        pass


class _Pair(HostDeviceIOPair):
    def __init__(self, **sizes: Any) -> None:
        self.host_io = ContinuousBatchingIOs(**sizes)
        self.device_io = ContinuousBatchingIOs(**sizes)
        done: Any = _Stream()
        self.h2d_over = self.compute_over = self.d2h_over = done


class OverlappedOnCpu(ContinuousBatchingAsyncIOs):
    """transformers' pairs of inputs and outputs; streams do at once what they are told."""

    def __init__(self, **sizes: Any) -> None:
        self.current_pair = 0
        self.io_pairs = [_Pair(**sizes) for _ in range(2)]
        at_once: Any = _Stream()
        self.h2d_stream = self.d2h_stream = self.compute_stream = at_once
        self.max_batch_tokens = sizes["cache"].max_batch_tokens


def overlapped_on_cpu(monkeypatch: Any) -> None:
    """Let the manager overlap its steps on a CPU."""
    monkeypatch.setattr(continuous_api, "ContinuousBatchingAsyncIOs", OverlappedOnCpu)
