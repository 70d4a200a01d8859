"""Steps that are captured, and steps that overlap, give the tokens of steps one by one.

A recorder stands for CUDA graphs: it repeats operations on their memory, and refuses to wait.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

from arena.engine.batching.attention_choice import Attention, attention_by
from arena.engine.batching.broken_logits import BROKEN
from arena.engine.batching.continuous import ContinuousBatching
from arena.engine.batching.flash_attention import FlashKernel
from arena.engine.batching.generator import SamplingParams
from arena.engine.batching.step_plan import EAGER, StepPlan
from arena.engine.batching.tested_batch import BatchWays
from arena.engine.loading.capacity import CacheLayout
from arena.engine.loading.loader import LoadedModel
from tests.engine.batching.test_varlen_attention import SHARED_KEYS, loaded
from tests.fakes.captured_steps import RecordedGraphs, overlapped_on_cpu
from tests.fakes.flash_kernel import Kernel
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

LAYOUT = CacheLayout(page_tokens=16, blocks=64, batch_tokens=64, rows=8, request_blocks=12)
CAPTURED = StepPlan(captured=True)
OVERLAPPED = StepPlan(captured=True, overlapped=True)
PROMPTS = [[7, 8, 9], list(range(10, 60)), [200, 100, 50], [*range(6, 140)], [3]]
GREEDY = SamplingParams(1.0, 1.0, 1, 1.0, 24, ignore_end=True)
SAMPLED = replace(GREEDY, temperature=0.9, top_k=40, top_p=0.95, seed=5)


@pytest.fixture(autouse=True)
def overlapping(monkeypatch: pytest.MonkeyPatch) -> None:
    overlapped_on_cpu(monkeypatch)


@pytest.fixture
def model(tmp_path: Path) -> LoadedModel:
    return loaded(tmp_path, "llama", SHARED_KEYS)


def paged(model: LoadedModel, kernel: FlashKernel | None = None) -> Attention:
    attention = attention_by(kernel or Kernel().as_one_operation(), model)
    assert attention.is_paged
    return attention


def batching_of(model: LoadedModel, plan: StepPlan, graphs: RecordedGraphs) -> ContinuousBatching:
    attention = paged(model)
    ways = BatchWays(attend=lambda _: attention, steps=lambda *_: plan, capture=lambda: graphs)
    return ContinuousBatching(model, LAYOUT, ways=ways, random=Random(1))


async def tokens_of(
    batching: ContinuousBatching, prompt: list[int], sampling: SamplingParams
) -> list[int]:
    groups = [group async for group in batching.generate(prompt, sampling)]
    return [token for group in groups for token in group]


async def replies(
    model: LoadedModel, plan: StepPlan, sampling: SamplingParams, graphs: RecordedGraphs
) -> list[list[int]]:
    """Replies of different lengths that begin one after the other."""
    batching = batching_of(model, plan, graphs)
    try:
        running = []
        for number, prompt in enumerate(PROMPTS):
            own = replace(sampling, max_new_tokens=24 + 7 * number)
            running.append(asyncio.create_task(tokens_of(batching, prompt, own)))
            await asyncio.sleep(0.01)
        return await asyncio.gather(*running)
    finally:
        await asyncio.to_thread(batching.close)


@pytest.mark.parametrize("sampling", [GREEDY, SAMPLED], ids=["greedy", "sampled"])
@pytest.mark.parametrize("plan", [CAPTURED, OVERLAPPED], ids=["captured", "overlapped"])
async def test_replies_are_those_of_steps_one_by_one(
    model: LoadedModel, plan: StepPlan, sampling: SamplingParams
) -> None:
    graphs = RecordedGraphs()
    one_by_one = await replies(model, EAGER, sampling, graphs)
    assert graphs.captured == 0
    found = await replies(model, plan, sampling, graphs)
    assert found == one_by_one
    assert graphs.captured == 4 * (2 if plan.overlapped else 1)  # of 8, 4, 2 and 1 rows
    assert graphs.replayed > 30


async def test_clients_that_leave_while_their_next_step_is_on_its_way_disturb_nobody(
    model: LoadedModel,
) -> None:
    """With pages of four tokens, one is complete in most of the steps that lose their reader."""
    layout = replace(LAYOUT, page_tokens=4, blocks=256, request_blocks=64)
    attention = paged(model)
    ways = BatchWays(lambda _: attention, lambda *_: OVERLAPPED, RecordedGraphs)
    batching = ContinuousBatching(model, layout, ways=ways)
    long = replace(GREEDY, max_new_tokens=100)
    try:
        expected = await tokens_of(batching, PROMPTS[0], long)
        stays = asyncio.create_task(tokens_of(batching, PROMPTS[0], long))
        for number in range(8):
            async with aclosing(batching.generate([9, number], long)) as groups:
                async for _ in groups:
                    break
                await asyncio.sleep(0.003 * number)
        assert await stays == expected
        assert batching.status.decoding == "CUDA graphs"
        await until(lambda: batching.status.running == 0)
        assert (batching.status.cached, batching.status.rebuilds) == (0, 0)
    finally:
        await asyncio.to_thread(batching.close)


@pytest.mark.parametrize("plan", [CAPTURED, OVERLAPPED], ids=["captured", "overlapped"])
async def test_logits_that_are_no_numbers_end_their_own_request_alone(
    model: LoadedModel, plan: StepPlan
) -> None:
    graphs = RecordedGraphs()
    before = await replies(model, plan, GREEDY, graphs)
    used = [{*prompt, *reply} for prompt, reply in zip(PROMPTS, before, strict=True)]
    word = next(
        token
        for reply in before
        for token in reply[2:-2]
        if sum(token in words for words in used) == 1
    )
    model.model.get_input_embeddings().weight.data[word] = float("nan")
    batching = batching_of(model, plan, RecordedGraphs())
    try:
        lengths = [24 + 7 * number for number in range(len(PROMPTS))]
        found = await asyncio.gather(
            *(
                tokens_of(batching, prompt, replace(GREEDY, max_new_tokens=length))
                for prompt, length in zip(PROMPTS, lengths, strict=True)
            ),
            return_exceptions=True,
        )
    finally:
        await asyncio.to_thread(batching.close)
    for words, was, now in zip(used, before, found, strict=True):
        assert str(now) == BROKEN if word in words else now == was


def test_a_fault_while_steps_are_captured_means_no_graphs(
    model: LoadedModel, caplog: pytest.LogCaptureFixture
) -> None:
    class NoMemory(RecordedGraphs):
        def __call__(self, work: Callable[[], None], stream: Any) -> Callable[[], None]:
            if self.captured == 2:
                raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
            return super().__call__(work, stream)

    batching = batching_of(model, OVERLAPPED, NoMemory())
    try:
        assert batching._batch is not None
        assert batching._batch.steps == EAGER
        assert batching.status.decoding is None
        said = "decoding does not run as CUDA graphs, but as single kernels: CUDA out of memory"
        assert said in caplog.text
    finally:
        batching.close()


def test_a_model_that_waits_for_its_device_in_a_step_gets_no_graphs(
    model: LoadedModel, caplog: pytest.LogCaptureFixture
) -> None:
    def waits(_: Any, args: Any) -> None:
        args[0].sum().item()

    model.model.model.layers[0].register_forward_pre_hook(waits)
    batching = batching_of(model, CAPTURED, RecordedGraphs())
    batching.close()
    assert "operation not permitted when stream is capturing" in caplog.text


def test_graphs_that_change_the_text_are_not_used(
    model: LoadedModel, caplog: pytest.LogCaptureFixture
) -> None:
    """As a model whose code computes by Python what changes from step to step."""

    class Stale(RecordedGraphs):
        def __call__(self, work: Callable[[], None], stream: Any) -> Callable[[], None]:
            super().__call__(work, stream)
            return lambda: None

    batching = batching_of(model, CAPTURED, Stale())
    try:
        assert batching._batch is not None
        assert batching._batch.steps == EAGER
        assert "single kernels: its text differs from a plain forward pass" in caplog.text
    finally:
        batching.close()


async def test_a_batch_that_is_built_again_runs_its_steps_as_the_first_one_did(
    model: LoadedModel,
) -> None:
    captures = 0

    class Failing(RecordedGraphs):
        def __call__(self, work: Callable[[], None], stream: Any) -> Callable[[], None]:
            nonlocal captures
            captures += 1
            raise RuntimeError("no capture")

    batching = batching_of(model, CAPTURED, Failing())
    try:
        assert batching._batch is not None
        await asyncio.to_thread(batching._replace, batching._batch)
        assert captures == 1
        assert batching._batch.is_alive
    finally:
        await asyncio.to_thread(batching.close)
