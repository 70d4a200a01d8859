"""As many requests as the cache holds: nobody is pushed out, and all end."""

import asyncio
import time
from collections.abc import Iterator
from typing import Any

from arena.engine.assembly import cache_layout
from arena.engine.batching.attention_choice import attention_of
from arena.engine.loading.capacity import kv_bytes_per_token
from tests.benchmarks.gpu import random_model
from tests.benchmarks.managed import reply
from tests.gpu.sizes import Sizes
from tests.gpu.stages import Told, finding
from tests.gpu.ways import batch_of

_TOKENS = 64


def stage(sizes: Sizes) -> Iterator[Told]:
    """Tell what the engine would plan here, then fill a cache that just holds all requests."""
    loaded = random_model(sizes.large, sizes.device)
    attention = attention_of(loaded)
    free = cache_layout(loaded, 4096)
    yield finding(
        "what an engine alone on this machine plans",
        f"{free.tokens:,} tokens of cache, {free.rows} rows, parts of {free.batch_tokens} tokens",
    )
    token = kv_bytes_per_token(loaded.text_config, loaded.item_bytes)
    pages = -(-(sizes.full_prompt + _TOKENS) // sizes.page) * sizes.full_rows
    budget = (pages * 6 // 5 + 1) * sizes.page * token  # the scheduler keeps a seventh free
    planned = cache_layout(loaded, sizes.full_prompt + _TOKENS, budget_bytes=budget)
    with batch_of(loaded, attention, planned) as batch:
        began = time.perf_counter()
        most = asyncio.run(_all(batch, sizes))
        seconds = time.perf_counter() - began
    made = sizes.full_rows * _TOKENS
    yield finding(
        f"{sizes.full_rows} x {sizes.full_prompt} tokens in a cache of {planned.tokens:,}",
        f"{made / seconds:.0f} new tokens/s, prompts included; {most} ran at once",
        seconds=seconds,
    )


async def _all(batch: Any, sizes: Sizes) -> int:
    """Return how many ran at the same moment at most."""
    prompts = [
        [3 + (17 * number + place) % 500 for place in range(sizes.full_prompt)]
        for number in range(sizes.full_rows)
    ]
    replies = [
        asyncio.create_task(reply(batch, f"request-{n}", prompt, _TOKENS))
        for n, prompt in enumerate(prompts)
    ]
    most = 0
    while not all(one.done() for one in replies):
        most = max(most, batch.held()[0])
        await asyncio.sleep(0.01)
    await asyncio.gather(*replies)
    return most
