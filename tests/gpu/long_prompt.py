"""Replies that run while a long prompt comes in: the gaps between their tokens."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from itertools import pairwise
from statistics import quantiles
from typing import Any

from arena.engine.batching.attention_choice import attention_of
from tests.benchmarks.gpu import random_model
from tests.gpu.sizes import Sizes
from tests.gpu.stages import Told, finding
from tests.gpu.ways import batch_of, layout, timed_reply

_SETTLED = 24
"""Tokens of each reply before the long prompt is sent."""


def stage(sizes: Sizes) -> Iterator[Told]:
    """Tell for parts of a prompt of 512 and of 2,048 tokens."""
    loaded = random_model(sizes.large, sizes.device)
    attention = attention_of(loaded)
    tokens = sizes.decodes * 512 + sizes.long_prompt
    for part in (512, 2048):
        planned = layout(sizes, attention, tokens=tokens, rows=64, batch_tokens=part)
        with batch_of(loaded, attention, planned) as batch:
            before, during, first_s = asyncio.run(_gaps(batch, sizes))
        yield finding(
            f"{sizes.decodes} replies beside {sizes.long_prompt:,} tokens in parts of {part}",
            f"gap {_percentiles(before)} before, {_percentiles(during)} during; "
            f"its first token after {first_s:.2f} s",
            first_token_s=first_s,
        )


async def _gaps(batch: Any, sizes: Sizes) -> tuple[list[float], list[float], float]:
    """Return gaps in milliseconds before and during, and seconds to the long prompt's token."""
    moments: list[list[float]] = [[] for _ in range(sizes.decodes)]
    running = [
        asyncio.create_task(timed_reply(batch, f"decode-{n}", [3 + n] * 16, 400, moments[n]))
        for n in range(sizes.decodes)
    ]
    while min(map(len, moments)) < _SETTLED:  # noqa: ASYNC110  (tokens come by the hundred)
        await asyncio.sleep(0.002)
    began = time.perf_counter()
    firsts: list[float] = []
    prompt = [3 + place % 500 for place in range(sizes.long_prompt)]
    await timed_reply(batch, "long", prompt, 1, firsts)
    for number, task in enumerate(running):
        batch.forget(f"decode-{number}", cancel=True)
        task.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    pairs = [pair for one in moments for pair in pairwise(one)]
    before = [1000 * (b - a) for a, b in pairs if b <= began]
    during = [1000 * (b - a) for a, b in pairs if b > began and a <= firsts[0]]
    return before, during, firsts[0] - began


def _percentiles(gaps: Sequence[float]) -> str:
    if len(gaps) < 2:
        return "none"
    cuts = quantiles(gaps, n=100)
    return f"p50 {cuts[49]:.1f} p99 {cuts[98]:.1f} ms"
