"""From a catalog row to a model that generates. Importing this imports torch: seconds."""

import asyncio
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial

import torch
from transformers.utils import logging as transformers_logging

from arena.catalog import ModelRow
from arena.checkpoints.kv_cache import GPU_PAGE_TOKENS
from arena.engine.batching.attention_choice import attention_of
from arena.engine.batching.continuous import ContinuousBatching
from arena.engine.batching.continuous_manager import is_supported
from arena.engine.batching.dynamic import DynamicBatching
from arena.engine.batching.generator import GenerationFailed, Generator, SamplingParams
from arena.engine.batching.step_plan import GpuSteps, steps_of
from arena.engine.batching.tested_batch import BatchWays, UnsuitableArchitecture
from arena.engine.loading.capacity import (
    CPU_CACHE_BYTES,
    CacheLayout,
    context_length,
    kv_bytes_per_token,
    plan_cache,
    read_bytes_per_token,
)
from arena.engine.loading.devices import refuse_devices
from arena.engine.loading.failures import LoadingFailed, is_memory_fault, memory_failure
from arena.engine.loading.gguf import unpacked
from arena.engine.loading.gpus import GpuProbe, tightest_memory
from arena.engine.loading.loader import LoadedModel, ModelLoader, uses_gpu
from arena.engine.prompts import PromptBuilder

logger = logging.getLogger(__name__)

_GPU_SHARE = 0.8
_CPU_PAGE_TOKENS = 32


class ServedModel:
    """A loaded model with everything that a reply needs."""

    def __init__(self, loaded: LoadedModel, prompts: PromptBuilder, context: int) -> None:
        self._loaded = loaded
        self._dynamic: DynamicBatching | None = None
        self._dynamic_lock = asyncio.Lock()
        self.prompts = prompts
        self.context = context
        self.vocabulary = loaded.vocabulary
        self.number_format = loaded.number_format
        self.generator: Generator

    @property
    def end(self) -> frozenset[int]:
        """Ids that end a reply."""
        return self._loaded.eos

    @property
    def generators(self) -> tuple[Generator, ...]:
        """All generators in use."""
        return (self.generator,) + ((self._dynamic,) if self._dynamic is not None else ())

    async def generator_for(self, sampling: SamplingParams) -> Generator:
        """Return the generator for a request: continuous batching has no repetition penalty.

        The first request with a penalty waits for the self-test of the dynamic batch, which runs
        in a thread: on the loop it would stall every stream. Raises `GenerationFailed`.
        """
        if sampling.repetition_penalty == 1.0 or isinstance(self.generator, DynamicBatching):
            return self.generator
        async with self._dynamic_lock:
            if self._dynamic is None:
                self._dynamic = await asyncio.to_thread(self._make_dynamic)
            return self._dynamic

    def _make_dynamic(self) -> DynamicBatching:
        try:
            return DynamicBatching(self._loaded, end=self.end)
        except Exception as error:
            raise GenerationFailed(f"no dynamic batch for this model: {error}") from error

    def close(self) -> None:
        """Stop all worker threads; blocks until the running batch has ended."""
        self.generator.close()
        if self._dynamic is not None:
            self._dynamic.close()


def assemble(
    row: ModelRow,
    *,
    threads: int,
    on_progress: Callable[[str], None],
    cache_bytes: int | None = None,
    probe: GpuProbe | None = None,
) -> ServedModel:
    """Load a row's model and start its generator; blocks for seconds or minutes.

    `cache_bytes` bounds the KV cache; None takes a share of the memory that is free. `probe`
    asks torch for its GPUs. Raises LoadingFailed and PromptFormatError.
    """
    torch.set_num_threads(threads)
    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    refuse_devices(row, probe or GpuProbe())
    try:
        return _assembled(row, on_progress, cache_bytes)
    except Exception as error:
        if isinstance(error, LoadingFailed) or not is_memory_fault(error):
            raise
        raise memory_failure(error, tightest_memory(on_gpu=uses_gpu(row))) from error


def _assembled(
    row: ModelRow, on_progress: Callable[[str], None], cache_bytes: int | None
) -> ServedModel:
    row = unpacked(row, on_progress, os.environ)
    on_progress("loading weights")
    loaded = ModelLoader().load(row)
    prompts = PromptBuilder(row, loaded.tokenizer)
    loaded = replace(loaded, eos=loaded.eos | prompts.end_tokens)
    config = loaded.text_config
    context = context_length(config, loaded.tokenizer.model_max_length, row.max_context)
    served = ServedModel(loaded, prompts, context)
    on_progress("testing the batch")
    penalised = row.sampling.repetition_penalty != 1.0
    layout = (
        None
        if penalised or not is_supported(loaded)
        else cache_layout(loaded, context, budget_bytes=cache_bytes)
    )
    served.generator = _generator(loaded, layout, row.gpu_steps)
    if layout is not None and isinstance(served.generator, ContinuousBatching):
        served.context = min(context, layout.tokens - layout.page_tokens)
    return served


def _generator(
    loaded: LoadedModel, layout: CacheLayout | None, gpu_steps: GpuSteps = "auto"
) -> Generator:
    if layout is not None:
        ways = BatchWays(steps=partial(steps_of, wanted=gpu_steps))
        try:
            return ContinuousBatching(loaded, layout, ways=ways)
        except UnsuitableArchitecture as error:
            logger.warning("no continuous batching for this model: %s", error)
    return DynamicBatching(loaded, end=loaded.eos)


def cache_layout(
    loaded: LoadedModel, context: int, *, budget_bytes: int | None = None
) -> CacheLayout:
    """Plan the paged cache of a loaded model, by default from the memory that is free now."""
    on_gpu = loaded.model.device.type == "cuda"
    is_masked = not on_gpu or attention_of(loaded).is_masked
    token = kv_bytes_per_token(loaded.text_config, loaded.item_bytes)
    if budget_bytes is None:
        reads = read_bytes_per_token(loaded.text_config, loaded.item_bytes)
        budget_bytes = _budget_bytes(on_gpu=on_gpu) * token // max(token + reads, 1)
    return plan_cache(
        context=context,
        page_tokens=GPU_PAGE_TOKENS if on_gpu else _CPU_PAGE_TOKENS,
        token_bytes=token,
        item_bytes=loaded.item_bytes,
        budget_bytes=budget_bytes,
        is_masked=is_masked,
    )


def _budget_bytes(*, on_gpu: bool) -> int:
    """Return the memory that the cache may take, in bytes, once the weights are loaded."""
    if on_gpu:
        free, _ = torch.cuda.mem_get_info()
        return int(free * _GPU_SHARE)
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return min(CPU_CACHE_BYTES, free // 2)
