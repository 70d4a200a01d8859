"""The ways to attend that are compared, and a batch that uses a given one."""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from arena.checkpoints.kv_cache import GPU_PAGE_TOKENS
from arena.engine.batching.attention_choice import (
    TRANSFORMERS,
    Attention,
    attention_by,
    head_shape,
)
from arena.engine.batching.continuous_manager import ManagedBatch
from arena.engine.batching.cuda_graphs import Capture, CudaGraphs
from arena.engine.batching.flash_attention import PACKED, FlashKernel, built_in_kernel, register
from arena.engine.batching.generator import SamplingParams
from arena.engine.batching.kernel_test import kernel_fault
from arena.engine.batching.step_plan import EAGER, StepPlan
from arena.engine.batching.varlen_attention import VARLEN
from arena.engine.loading.capacity import CacheLayout
from arena.engine.loading.loader import LoadedModel
from tests.gpu.sizes import Sizes

_CANDIDATE = "arena_candidate"


def ways(loaded: LoadedModel) -> Mapping[str, Attention]:
    """Return all ways that this machine has for a model, the engine's own choice last."""
    if loaded.model.device.type == "cpu":
        return {"one mask": TRANSFORMERS, "by sequence": Attention(VARLEN)}
    kernel = built_in_kernel()
    chosen = attention_by(kernel, loaded)
    found = {"one mask": TRANSFORMERS}
    if candidate_fault(loaded) is None:
        register(_CANDIDATE, candidate(kernel))
        found["flash, own pages"] = Attention(_CANDIDATE, is_paged=True)
    if chosen.is_paged:
        register(PACKED, FlashKernel(kernel.forward, takes_pages=False))
        found["flash, gathered"] = Attention(PACKED)
    if not chosen.is_masked:
        found["flash, pages" if chosen.is_paged else "flash, gathered"] = chosen
    return found


def candidate(packed: FlashKernel) -> FlashKernel:
    """Return the kernel of `paged_kernel`. Raises ImportError without Triton."""
    from tests.gpu.paged_kernel import with_own_pages

    return with_own_pages(packed)


def candidate_fault(loaded: LoadedModel) -> str | None:
    """Return why the candidate cannot be measured with this model; None where it is right."""
    try:
        return kernel_fault(
            candidate(built_in_kernel()),
            head_shape(loaded),
            dtype=loaded.model.dtype,
            device=loaded.model.device,
            page_tokens=GPU_PAGE_TOKENS,
        )
    except Exception as error:  # noqa: BLE001  (no Triton, no compiler, code it does not take)
        return f"{type(error).__name__}: {error}".partition("\n")[0]


def layout(
    sizes: Sizes, attention: Attention, *, tokens: int, rows: int, batch_tokens: int = 512
) -> CacheLayout:
    """Return a cache for so many tokens and requests."""
    blocks = -(-tokens // sizes.page) + rows + 1
    return CacheLayout(sizes.page, blocks, batch_tokens, rows, attention.is_masked)


@contextmanager
def batch_of(
    loaded: LoadedModel,
    attention: Attention,
    planned: CacheLayout,
    *,
    steps: StepPlan = EAGER,
    capture: Callable[[], Capture] = CudaGraphs,
) -> Iterator[ManagedBatch]:
    """A running batch; on its way out it is stopped and its memory is free."""
    loaded.model.set_attn_implementation("sdpa")
    batch = ManagedBatch(
        loaded, planned, Random(0), attention=attention, steps=steps, capture=capture
    )
    try:
        yield batch
    finally:
        batch.stop(10.0)


async def timed_reply(
    batch: ManagedBatch, request_id: str, prompt: Sequence[int], tokens: int, moments: list[float]
) -> None:
    """Ask for exactly so many tokens, greedily, and note when each comes. Raises RuntimeError."""
    arrivals: asyncio.Queue[Any] = asyncio.Queue()
    sampling = SamplingParams(1.0, 1.0, 1, 1.0, tokens, ignore_end=True)
    batch.add(request_id, prompt, sampling, arrivals.put_nowait)
    while True:
        output = await arrivals.get()
        if output.error is not None:
            raise RuntimeError(output.error)
        moments.append(time.perf_counter())
        if output.is_finished():
            break
    batch.forget(request_id, cancel=False)


def mixed_prompts(count: int, *, words: int, longest: int) -> list[list[int]]:
    """Return prompts of different lengths, the first the longest; some begin alike."""
    source = Random(count)
    beginning = [source.randrange(3, words) for _ in range(24)]
    lengths = [longest, *(source.randint(1, longest // 2) for _ in range(count - 1))]
    return [
        [*beginning[: length if number % 3 == 0 else 0], *_some(source, length, words)][:length]
        for number, length in enumerate(lengths)
    ]


def _some(source: Random, count: int, words: int) -> list[int]:
    return [source.randrange(3, words) for _ in range(count)]


def named(loaded: LoadedModel) -> str:
    """Return a random model's size in words."""
    count = sum(one.numel() for one in loaded.model.parameters())
    return f"{count / 1e6:,.0f} M parameters, {loaded.vocabulary:,} words"


def bytes_of(model: Any) -> int:
    """Return the bytes of a model's weights."""
    return sum(one.numel() * one.element_size() for one in model.parameters())
