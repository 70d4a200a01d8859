"""A reply of the bare continuous batching manager."""

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from arena.engine.batching.generator import SamplingParams


@dataclass(frozen=True, slots=True, order=True)
class Moments:
    """When a reply had its first token and when its last; seconds of `time.perf_counter`."""

    first: float
    last: float


async def reply(batch: Any, request_id: str, prompt: Sequence[int], tokens: int) -> Moments:
    """Ask a `ManagedBatch` for exactly `tokens` tokens, greedily. Raises RuntimeError."""
    arrivals: asyncio.Queue[Any] = asyncio.Queue()
    sampling = SamplingParams(1.0, 1.0, 1, 1.0, tokens, ignore_end=True)
    batch.add(request_id, prompt, sampling, arrivals.put_nowait)
    output = await arrivals.get()
    first = time.perf_counter()
    while not output.is_finished():
        output = await arrivals.get()
    batch.forget(request_id, cancel=False)
    if len(output.generated_tokens) != tokens:
        raise RuntimeError(f"{len(output.generated_tokens)} tokens: {output.error}")
    return Moments(first, time.perf_counter())
