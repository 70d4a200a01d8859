"""A prompt in chunks gives the text that it gives as a whole, and leaves nothing when cancelled."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from arena.catalog import load_catalog
from arena.engine.batching.chunked_prefill import ChunkedPrefillScheduler
from arena.engine.batching.continuous import ContinuousBatching
from arena.engine.batching.generator import SamplingParams
from arena.engine.batching.padded_generation import generate_batch
from arena.engine.batching.prefill_budget import Allowance, StepLoad
from arena.engine.loading.capacity import CacheLayout
from arena.engine.loading.loader import LoadedModel, ModelLoader
from tests.fakes.catalogs import write_catalog
from tests.fakes.checkpoints import TINY, save_random_checkpoint
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

GREEDY = SamplingParams(1.0, 1.0, 1, 1.0, 12, ignore_end=True)
LONG_REPLY = replace(GREEDY, max_new_tokens=400)
LAYOUT = CacheLayout(page_tokens=16, blocks=128, batch_tokens=512)
LONG = [7 + place * place % 240 for place in range(420)]
LATER = [9 + place * 3 % 200 for place in range(150)]
SHARED_KEYS = {**TINY, "num_attention_heads": 4, "num_key_value_heads": 2}
WINDOWED = {**TINY, "sliding_window": 16}


class FixedChunks:
    """A budget that grants the same whatever steps cost; notes the prompt tokens of each step."""

    def __init__(self, tokens: int) -> None:
        self.tokens = tokens
        self.fed: list[int] = []

    def allowance(self, replies: int) -> Allowance:
        """Grant a chunk."""
        del replies
        return Allowance(0, self.tokens)

    def begin(self, load: StepLoad) -> None:
        """Note a step."""
        self.fed.append(load.prompt_tokens)

    def end(self) -> None:
        """Learn nothing."""


def loaded(folder: Path, architecture: str, sizes: dict[str, Any]) -> LoadedModel:
    checkpoint = save_random_checkpoint(folder / "model", architecture, **sizes)
    return ModelLoader().load(load_catalog(write_catalog(folder, checkpoint)).get("tiny"))


@asynccontextmanager
async def batch_of(
    model: LoadedModel, budget: FixedChunks, layout: CacheLayout = LAYOUT
) -> AsyncGenerator[ContinuousBatching, None]:
    batching = await asyncio.to_thread(ContinuousBatching, model, layout)
    scheduler_of(batching).budget = budget
    try:
        yield batching
    finally:
        await asyncio.to_thread(batching.close)


def scheduler_of(batching: ContinuousBatching) -> Any:
    assert batching._batch is not None
    scheduler = batching._batch._manager.batch_processor.scheduler
    assert isinstance(scheduler, ChunkedPrefillScheduler)
    return scheduler


async def tokens_of(
    batching: ContinuousBatching, prompt: list[int], sampling: SamplingParams = GREEDY
) -> list[int]:
    return [token async for group in batching.generate(prompt, sampling) for token in group]


def alone(model: LoadedModel, prompt: list[int], sampling: SamplingParams) -> list[int]:
    return generate_batch(model, [prompt], sampling, end=frozenset())[0]


@pytest.mark.parametrize("chunk", [1, 7, 33, 101])
@pytest.mark.parametrize(
    ("architecture", "sizes"),
    [("llama", TINY), ("llama", SHARED_KEYS), ("mistral", WINDOWED)],
    ids=["own keys", "shared keys", "sliding windows"],
)
async def test_chunks_of_any_size_beside_replies_give_the_text_of_a_whole_prompt(
    tmp_path: Path, architecture: str, sizes: dict[str, Any], chunk: int
) -> None:
    model = loaded(tmp_path, architecture, sizes)
    budget = FixedChunks(chunk)
    beside = [[7, 8, 9], [200, 100]]
    async with batch_of(model, budget) as batching, asyncio.TaskGroup() as group:
        replies = [group.create_task(tokens_of(batching, one, LONG_REPLY)) for one in beside]
        await until(lambda: batching.status.running == len(replies))
        long = group.create_task(tokens_of(batching, LONG))
        later = group.create_task(tokens_of(batching, LATER))
    assert max(budget.fed) == chunk
    expected = [
        generate_batch(model, [prompt], sampling, end=frozenset())[0]
        for prompt, sampling in [
            (LONG, GREEDY),
            (LATER, GREEDY),
            *((p, LONG_REPLY) for p in beside),
        ]
    ]
    assert [task.result() for task in (long, later, *replies)] == expected


async def test_long_prompts_that_do_not_fit_the_cache_together_all_get_their_text(
    tmp_path: Path,
) -> None:
    model = loaded(tmp_path, "llama", SHARED_KEYS)
    prompts = [[7, 8, 9], LONG, LATER, LONG[::-1], LATER[::-1]]
    tight = CacheLayout(page_tokens=16, blocks=32, batch_tokens=512)
    async with batch_of(model, FixedChunks(33), tight) as batching:
        replies = await asyncio.gather(*(tokens_of(batching, prompt) for prompt in prompts))
        assert batching.status.rebuilds == 0
    assert replies == [alone(model, prompt, GREEDY) for prompt in prompts]


async def test_a_prompt_cancelled_between_its_chunks_frees_its_cache_at_once(
    tmp_path: Path,
) -> None:
    budget = FixedChunks(1)
    async with batch_of(loaded(tmp_path, "llama", TINY), budget) as batching:
        long = asyncio.create_task(tokens_of(batching, LONG))
        await until(lambda: batching.status.cached == 1)
        long.cancel()
        await asyncio.gather(long, return_exceptions=True)
        await until(lambda: batching.status.cached == 0)
        assert sum(budget.fed) < len(LONG)
        assert (batching.status.running, batching.status.waiting) == (0, 0)


async def test_a_reply_goes_on_while_a_long_prompt_comes_in(tmp_path: Path) -> None:
    one_token, grown = replace(GREEDY, max_new_tokens=1), 0
    async with (
        batch_of(loaded(tmp_path, "llama", TINY), FixedChunks(20)) as batching,
        aclosing(batching.generate([7, 8], LONG_REPLY)) as reply,
    ):
        await anext(reply)
        long = asyncio.create_task(tokens_of(batching, LONG, one_token))
        while not long.done():
            grown += len(await anext(reply))
            await asyncio.sleep(0)
    assert grown >= len(LONG) // 20


async def test_the_chunks_follow_from_what_the_steps_of_the_self_test_took(
    tmp_path: Path,
) -> None:
    model = loaded(tmp_path, "llama", TINY)
    batching = await asyncio.to_thread(ContinuousBatching, model, LAYOUT)
    try:
        budget = scheduler_of(batching).budget
        assert budget.allowance(8).chunk
        assert (
            await tokens_of(batching, LONG)
            == (generate_batch(model, [LONG], GREEDY, end=frozenset())[0])
        )
    finally:
        await asyncio.to_thread(batching.close)
