"""A decoding step: how long, how much of the memory's bandwidth, how many launches, by batch."""

import asyncio
import gc
import itertools
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random
from statistics import median
from typing import Any, Final

from arena.engine.batching.attention_choice import Attention
from arena.engine.batching.row_sampler import RowSampling, next_tokens
from arena.engine.loading.capacity import kv_bytes_per_token
from arena.engine.loading.loader import LoadedModel
from tests.benchmarks.gpu import copied_bytes_per_s, random_model
from tests.gpu.sizes import Sizes
from tests.gpu.stages import Told, finding, skipped
from tests.gpu.ways import batch_of, bytes_of, layout, named, timed_reply, ways

_PART: Final = 2048
"""Tokens of a step: the prompts of a large batch come in over many steps."""

_FIT: Final = 0.7
"""Of the free memory, which a cache may take here."""


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of a step of `batch` requests, and the least bytes that it must read."""

    batch: int
    step_s: float
    least_bytes: float

    def share(self, bytes_per_s: float) -> float:
        """Return which part of the bandwidth the least reading is."""
        return self.least_bytes / self.step_s / bytes_per_s


def stage(sizes: Sizes) -> Iterator[Told]:
    """Tell a line for each model, way and context; for one mask only a few, it takes long."""
    moved = copied_bytes_per_s(sizes.device, sizes.copy_bytes)
    yield from _sampler(sizes)
    for shape in (sizes.large, sizes.wide):
        loaded = random_model(shape, sizes.device)
        name = named(loaded)
        found = ways(loaded)
        for (way, attention), context in itertools.product(
            reversed(list(found.items())), sizes.contexts
        ):
            batches = sizes.batches if not attention.is_masked else sizes.batches[:3:2]
            yield from _line(sizes, loaded, attention, context, batches, f"{name}, {way}", moved)
        del loaded


def _line(
    sizes: Sizes,
    loaded: LoadedModel,
    attention: Attention,
    context: int,
    batches: Sequence[int],
    name: str,
    moved: float,
) -> Iterator[Told]:
    token = kv_bytes_per_token(loaded.text_config, loaded.item_bytes)
    weights = bytes_of(loaded.model)
    room = _room(sizes)
    fit = [b for b in batches if tokens_needed(b, context, sizes.steps) * token < room]
    if not fit:
        yield skipped(f"{name}, context {context}", "no memory for one request")
        return
    tokens = tokens_needed(max(fit), context, sizes.steps)
    planned = layout(sizes, attention, tokens=tokens, rows=max(fit), batch_tokens=_PART)
    rows = []
    with batch_of(loaded, attention, planned) as batch:
        asyncio.run(step_s(batch, 1, context, sizes.steps))  # warm
        for count in fit:
            seconds = asyncio.run(step_s(batch, count, context, sizes.steps))
            one = Measured(count, seconds, weights + count * context * token)
            rows.append(one)
            yield {
                "model": name,
                "context": context,
                "batch": count,
                "ms_a_step": 1000 * seconds,
                "tokens_per_s": count / seconds,
                "of_bandwidth": one.share(moved),
            }
        launches = _launches(sizes, batch, context)
    shown = ", ".join(
        f"{one.batch}: {1000 * one.step_s:.1f} ms {one.share(moved):.0%}" for one in rows
    )
    yield finding(f"{name}, context {context}", f"{shown}{launches}", launches=launches)


async def step_s(batch: Any, count: int, context: int, steps: int) -> float:
    """Return seconds of one step while all run: by the reply that began last."""
    prompts = [
        [3 + (31 * number + place) % 500 for place in range(context)] for number in range(count)
    ]
    moments: list[list[float]] = [[] for _ in prompts]
    tokens = steps + _spare(count, context)
    ids = [f"{time.perf_counter_ns()}-{number}" for number in range(count)]
    running = [
        asyncio.create_task(timed_reply(batch, one, prompt, tokens, into))
        for one, prompt, into in zip(ids, prompts, moments, strict=True)
    ]
    while min(map(len, moments)) < steps:
        await asyncio.sleep(0.002)
        for one in running:
            if one.done():
                one.result()
    for task, name in zip(running, ids, strict=True):
        task.cancel()
        batch.forget(name, cancel=True)
    await asyncio.gather(*running, return_exceptions=True)
    last = max(moments, key=lambda one: one[0])
    return (last[steps - 1] - last[0]) / (steps - 1)


def tokens_needed(count: int, context: int, steps: int) -> int:
    """Return the tokens of cache that `step_s` takes."""
    return count * (context + steps + _spare(count, context))


def _spare(count: int, context: int) -> int:
    """Return tokens that the first reply writes while the prompts of the others come in."""
    return 2 * count * context // _PART + 40


def _launches(sizes: Sizes, batch: Any, context: int) -> str:
    """Return in words how many kernels a step of one request launches; nothing without CUDA."""
    if not sizes.on_gpu:
        return ""
    from torch.profiler import ProfilerActivity, profile

    counts = []
    for steps in (2, 10):
        with profile(activities=[ProfilerActivity.CUDA]) as seen:
            asyncio.run(step_s(batch, 1, min(context, 64), steps))
        counts.append(sum(one.device_type.name == "CUDA" for one in seen.events()))
    return f"; {(counts[1] - counts[0]) / 8:.0f} launches"


def _sampler(sizes: Sizes) -> Iterator[Told]:
    """Tell what choosing tokens alone takes, with 32,000 and with 152,000 words."""
    import torch

    kinds: dict[str, tuple[int | None, float | None]] = {
        "greedy": (1, None),
        "unlimited": (None, None),
        "top-p .95": (None, 0.95),
    }
    for words, count in itertools.product((32_000, 152_064), (1, max(sizes.batches))):
        logits = torch.randn(count, words, device=sizes.device)
        shown = []
        for kind, (top_k, top_p) in kinds.items():
            rows = [RowSampling(0.7, top_k, top_p, Random(n)) for n in range(count)]
            seconds = [_once(sizes, logits, rows) for _ in range(8)]
            shown.append(f"{kind} {1000 * median(seconds[2:]):.2f} ms")
        yield finding(f"sampler, {count} x {words:,} words", ", ".join(shown))


def _once(sizes: Sizes, logits: Any, rows: Sequence[RowSampling]) -> float:
    began = time.perf_counter()
    next_tokens(logits, rows).tolist()  # waits for the device
    return time.perf_counter() - began


def _room(sizes: Sizes) -> float:
    import torch

    if not sizes.on_gpu:
        return float("inf")
    gc.collect()
    torch.cuda.empty_cache()
    free, _ = torch.cuda.mem_get_info()
    return free * _FIT
