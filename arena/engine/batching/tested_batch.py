"""Starts a continuous batch that is known to give a model's own text, as fast as it can be had."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from random import Random

from arena.engine.batching.attention_choice import TRANSFORMERS, Attention, attention_of
from arena.engine.batching.continuous_manager import ManagedBatch, ManagerDied
from arena.engine.batching.cuda_graphs import Capture, CudaGraphs
from arena.engine.batching.flash_attention import PACKED, PAGED
from arena.engine.batching.self_test import TEST_TOKENS, is_greedy_text, test_prompts
from arena.engine.batching.step_plan import EAGER, StepPlan, steps_of
from arena.engine.loading.capacity import CacheLayout
from arena.engine.loading.failures import is_memory_fault
from arena.engine.loading.loader import LoadedModel

logger = logging.getLogger(__name__)

_SELF_TEST_S = 120.0
"""CPU time for one step of it."""

_STOP_S = 10.0


class UnsuitableArchitecture(Exception):
    """Continuous batching refuses this model, or gives it wrong text."""


@dataclass(frozen=True, slots=True)
class BatchWays:
    """How a batch attends, how its steps run, and what captures them."""

    attend: Callable[[LoadedModel], Attention] = attention_of
    steps: Callable[[LoadedModel, Attention], StepPlan] = steps_of
    capture: Callable[[], Capture] = CudaGraphs

    def with_steps(self, plan: StepPlan) -> "BatchWays":
        """Return the same with steps that run by this plan."""
        return replace(self, steps=lambda _, attention: plan if attention.is_paged else EAGER)


def tested_batch(
    loaded: LoadedModel, layout: CacheLayout, random: Random, ways: BatchWays
) -> ManagedBatch:
    """Start a manager that is known to give right text; raise `UnsuitableArchitecture`.

    Where flash attention does not give it, transformers' own attention is tried.
    """

    def started(attention: Attention, plan: StepPlan) -> ManagedBatch:
        return ManagedBatch(
            loaded, layout, random, attention=attention, steps=plan, capture=ways.capture
        )

    attention = ways.attend(loaded)
    plan = ways.steps(loaded, attention)
    try:
        return _with_fastest_steps(loaded, partial(started, attention), plan)
    except UnsuitableArchitecture as error:
        if attention.name not in {PACKED, PAGED}:
            raise
        logger.warning("flash attention is not used with this model: %s", error)
    loaded.model.set_attn_implementation("sdpa")
    return _tested(loaded, partial(started, TRANSFORMERS, EAGER))


def _with_fastest_steps(
    loaded: LoadedModel, start: Callable[[StepPlan], ManagedBatch], plan: StepPlan
) -> ManagedBatch:
    """Start a manager whose steps run by this plan, or by the next slower one that works.

    Whatever stands against a faster plan, be it a lack of memory, counts only where it stands
    against the slowest one as well.
    """
    while True:
        try:
            batch = _tested(loaded, partial(start, plan))
        except (UnsuitableArchitecture, RuntimeError, MemoryError) as error:
            if (slower := plan.slower) is None:
                raise
            logger.warning("decoding does not run as %s, but as %s: %s", plan, slower, error)
            plan = slower
        else:
            if plan != EAGER:
                logger.info("decoding runs as %s", plan)
            return batch


def _tested(loaded: LoadedModel, start: Callable[[], ManagedBatch]) -> ManagedBatch:
    """Start a manager; raise `UnsuitableArchitecture` if its text is wrong.

    A lack of memory says nothing about the architecture, and is raised as it is.
    """
    try:
        batch = start()
    except (ValueError, AttributeError, NotImplementedError) as error:
        raise UnsuitableArchitecture(str(error)) from error
    prompts = test_prompts(loaded)
    if batch.steps.captured:
        prompts = [*prompts, prompts[0]]  # three rows: the graph of four is padded by one
    try:
        replies = batch.greedy(prompts, TEST_TOKENS, _SELF_TEST_S)
    except ManagerDied as error:
        batch.stop(_STOP_S)
        if batch.cause is not None and is_memory_fault(batch.cause):
            raise batch.cause from None
        raise UnsuitableArchitecture(f"the first batch failed: {error}") from error
    pairs = zip(prompts, replies, strict=True)
    if not all(is_greedy_text(loaded, prompt, reply) for prompt, reply in pairs):
        batch.stop(_STOP_S)
        raise UnsuitableArchitecture("its text differs from a plain forward pass")
    return batch
