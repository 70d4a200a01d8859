"""A random model of 7B: how long it takes to make, and its peak memory against the estimate."""

import asyncio
import resource
import subprocess
import time
from collections.abc import Iterator
from typing import Any

from arena.domain.byte_sizes import MIB, size_text
from arena.engine.batching.attention_choice import attention_of
from arena.engine.batching.step_plan import EAGER, steps_of
from arena.engine.loading.capacity import kv_bytes_per_token
from arena.inference.placement import Footprint
from tests.benchmarks.gpu import random_model
from tests.benchmarks.managed import reply
from tests.gpu.sizes import Sizes
from tests.gpu.stages import Told, finding
from tests.gpu.ways import batch_of, bytes_of, layout, named

_CACHE_TOKENS = 16 * 1024
_TOKENS = 8


def stage(sizes: Sizes) -> Iterator[Told]:
    """Fill the cache that the planner would give, and look at the most that was ever taken."""
    before = _taken(sizes)
    began = time.perf_counter()
    loaded = random_model(sizes.large, sizes.device)
    weights = bytes_of(loaded.model)
    seconds = time.perf_counter() - began
    found = f"{size_text(weights)} made in {seconds:.1f} s"
    yield finding(f"random model, {named(loaded)}", found, weights=weights)
    token = kv_bytes_per_token(loaded.text_config, loaded.item_bytes)
    footprint = Footprint(weights_bytes=weights, kv_bytes_per_token=token, context=_CACHE_TOKENS)
    cache_tokens = _CACHE_TOKENS if sizes.on_gpu else 1024
    rows = 64
    attention = attention_of(loaded)
    planned = layout(sizes, attention, tokens=cache_tokens - rows * sizes.page, rows=rows)
    estimate = (
        footprint.gpu_bytes(planned.tokens, 1)
        if sizes.on_gpu
        else footprint.ram_bytes(planned.tokens)
    )
    for plan in dict.fromkeys((EAGER, steps_of(loaded, attention))):
        with batch_of(loaded, attention, planned, steps=plan) as batch:
            asyncio.run(_fill(batch, planned.tokens, rows))
            peak = _peak(sizes) - before
        yield finding(
            f"peak memory of its process with a full cache, {plan}",
            f"{size_text(peak)}, estimated {size_text(estimate)}: {peak / estimate:.2f}",
            peak=peak,
            estimate=estimate,
        )


async def _fill(batch: Any, tokens: int, rows: int) -> None:
    length = max(tokens // rows - 2 * _TOKENS, 4)
    prompts = [
        [3 + (number * 7 + place) % 400 for place in range(length)] for number in range(rows)
    ]
    await asyncio.gather(
        *(reply(batch, f"request-{n}", prompt, _TOKENS) for n, prompt in enumerate(prompts))
    )


def _taken(sizes: Sizes) -> int:
    """Return the bytes of the GPU that other programs hold; asked before this one has a context."""
    if not sizes.on_gpu:
        return 0
    command = ["nvidia-smi", "--query-gpu=memory.used", "--format=csv,noheader,nounits"]
    try:
        shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return 0
    return int(shown.stdout.split()[0]) * MIB


def _peak(sizes: Sizes) -> int:
    """Return the most bytes that this process ever held."""
    if not sizes.on_gpu:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    import torch

    free, total = torch.cuda.mem_get_info()
    return total - free - torch.cuda.memory_reserved() + torch.cuda.max_memory_reserved()
