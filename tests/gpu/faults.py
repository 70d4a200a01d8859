"""What goes wrong on a GPU stays small: no memory, a device that asserts, broken logits."""

import asyncio
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any, Final

from arena.catalog import ModelRow
from arena.domain.byte_sizes import GIB
from arena.domain.conversation import ModelKey
from arena.engine.batching.attention_choice import Attention, attention_of
from arena.engine.batching.continuous_manager import ManagedBatch, ManagerDied
from arena.engine.loading.capacity import CacheLayout, kv_bytes_per_token
from arena.engine.loading.devices import refuse_devices
from arena.engine.loading.failures import LoadingFailed, is_memory_fault
from arena.engine.loading.gpus import GpuProbe
from arena.engine.loading.loader import LoadedModel
from tests.benchmarks.checkpoints import SMALL, save_checkpoint
from tests.benchmarks.gpu import random_model
from tests.gpu.sizes import Sizes
from tests.gpu.stages import Told, finding, skipped
from tests.gpu.ways import batch_of, layout, timed_reply

_ASSERTS: Final = """
import torch
table = torch.zeros(4, device="cuda")
table[torch.tensor([9], device="cuda")].sum().item()
"""
_NO_NUMBER: Final = 7
"""A word of which the embedding is no number, in the model of the last test."""


def stage(sizes: Sizes) -> Iterator[Told]:
    """Tell the faults that any machine can have, then those that only CUDA has."""
    yield _broken_logits(sizes)
    if not sizes.on_gpu:
        yield skipped("no memory at load, for the cache, in a step; an assert of the device")
        return
    loaded = random_model(sizes.tiny["shared keys"], sizes.device)
    yield finding("an assert of the device, in a child", _asserts())
    yield finding("no memory at load", _at_load())
    yield finding("no memory for the cache", _refused(lambda: _for_the_cache(sizes, loaded)))
    yield finding("no memory in a step", _in_a_step(sizes, loaded))
    yield finding("afterwards", _works(sizes, loaded, attention_of(loaded)))


def _broken_logits(sizes: Sizes) -> Told:
    """One request whose logits are no numbers, among others."""
    loaded = random_model(sizes.tiny["shared keys"], sizes.device)
    loaded.model.get_input_embeddings().weight.data[_NO_NUMBER] = float("nan")
    attention = attention_of(loaded)
    planned = layout(sizes, attention, tokens=4096, rows=16)

    async def asked(batch: ManagedBatch) -> list[str]:
        prompts = [[20 + n, 30, _NO_NUMBER if n == 2 else 40] for n in range(6)]
        replies = (timed_reply(batch, f"r{n}", one, 24, []) for n, one in enumerate(prompts))
        results = await asyncio.gather(*replies, return_exceptions=True)
        return [str(one) for one in results if one is not None]

    with batch_of(loaded, attention, planned) as batch:
        failed = asyncio.run(asked(batch))
        lives = batch.is_alive
    right = len(failed) == 1 and lives
    return finding(
        "logits that are no numbers, 1 request of 6",
        f"{'ended alone' if right else f'WRONG, {len(failed)} failed'}: {'; '.join(failed)}",
    )


def _asserts() -> str:
    import torch

    child = subprocess.run(
        [sys.executable, "-c", _ASSERTS], capture_output=True, text=True, check=False, timeout=50
    )
    here = torch.ones(4, device="cuda").sum().item() == 4
    return f"child ended with {child.returncode}, this process {'works' if here else 'is BROKEN'}"


def _at_load() -> str:
    with tempfile.TemporaryDirectory() as name:
        checkpoint = save_checkpoint(Path(name) / "weights", SMALL)
        row = ModelRow(
            key=ModelKey("m"), name="M", backend="local", source=str(checkpoint), devices=(0,)
        )
        with _hogged(leave=0):
            return _refused(lambda: refuse_devices(row, GpuProbe()))


def _for_the_cache(sizes: Sizes, loaded: LoadedModel) -> None:
    import torch

    token = kv_bytes_per_token(loaded.text_config, loaded.item_bytes)
    blocks = 2 * torch.cuda.mem_get_info()[1] // (token * sizes.page)
    planned = CacheLayout(sizes.page, int(blocks), 512)
    batch = ManagedBatch(loaded, planned, Random(0), attention=attention_of(loaded))
    try:
        batch.greedy([[5, 6, 7]], 4, 15.0)
    except ManagerDied:
        raise batch.cause or MemoryError("no cause") from None
    finally:
        batch.stop(10.0)


def _in_a_step(sizes: Sizes, loaded: LoadedModel) -> str:
    attention = attention_of(loaded)
    planned = layout(sizes, attention, tokens=64 * 1024, rows=64, batch_tokens=32 * 1024)
    prompts = [[3 + place % 500 for place in range(1500)] for _ in range(20)]
    with batch_of(loaded, attention, planned) as batch:
        batch.greedy([[5, 6, 7]], 4, 30.0)
        with _hogged(leave=0):
            return _refused(lambda: _died(batch, prompts))


def _died(batch: ManagedBatch, prompts: list[list[int]]) -> None:
    async def all_of_them() -> list[Any]:
        replies = (timed_reply(batch, f"s{n}", one, 4, []) for n, one in enumerate(prompts))
        return await asyncio.gather(*replies, return_exceptions=True)

    asyncio.run(asyncio.wait_for(all_of_them(), 30))
    until = time.monotonic() + 10
    while batch.is_alive and time.monotonic() < until:
        time.sleep(0.05)
    if batch.cause is not None:
        raise batch.cause


def _refused(attempt: Callable[[], None]) -> str:
    """Return the first words of the failure, and whether it is known as a lack of memory."""
    try:
        attempt()
    except (LoadingFailed, MemoryError, RuntimeError) as error:
        known = is_memory_fault(error) or "out of memory" in str(error)
        return f"{'said' if known else 'WRONG WORDS'}: {str(error)[:90]}"
    return "WRONG: nothing failed"


class _hogged:  # noqa: N801  (used like a function)
    """Takes all free memory but `leave` bytes while it is entered."""

    def __init__(self, *, leave: int) -> None:
        self._leave = leave
        self._taken: list[Any] = []

    def __enter__(self) -> None:
        import torch

        torch.cuda.empty_cache()
        for part in (GIB, GIB // 16, GIB // 512):
            while torch.cuda.mem_get_info()[0] > self._leave + part:
                try:
                    self._taken.append(torch.empty(part, dtype=torch.uint8, device="cuda"))
                except torch.cuda.OutOfMemoryError:
                    break

    def __exit__(self, *_: object) -> None:
        import torch

        self._taken.clear()
        torch.cuda.empty_cache()


def _works(sizes: Sizes, loaded: LoadedModel, attention: Attention) -> str:
    with batch_of(loaded, attention, layout(sizes, attention, tokens=1024, rows=16)) as batch:
        made = batch.greedy([[5, 6, 7]], 4, 30.0)
    return "this process generates" if len(made[0]) == 4 else "WRONG: no reply"
