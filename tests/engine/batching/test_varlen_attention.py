"""The packed batch's own attention gives each request the text that it gets alone."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from arena.catalog import load_catalog
from arena.engine.batching.attention_choice import TRANSFORMERS, attention_of
from arena.engine.batching.continuous import ContinuousBatching
from arena.engine.batching.generator import SamplingParams
from arena.engine.batching.padded_generation import generate_batch
from arena.engine.batching.varlen_attention import VARLEN
from arena.engine.loading.capacity import CacheLayout
from arena.engine.loading.loader import LoadedModel, ModelLoader
from tests.fakes.catalogs import write_catalog
from tests.fakes.checkpoints import TINY, save_random_checkpoint

pytestmark = pytest.mark.anyio

GREEDY = SamplingParams(1.0, 1.0, 1, 1.0, 12, ignore_end=True)
SMALL_STEPS = CacheLayout(page_tokens=16, blocks=64, batch_tokens=64)
SHARED_KEYS = {**TINY, "num_attention_heads": 4, "num_key_value_heads": 2}
WINDOWED = {**TINY, "sliding_window": 16}


def loaded(folder: Path, architecture: str, sizes: dict[str, Any]) -> LoadedModel:
    checkpoint = save_random_checkpoint(folder / "model", architecture, **sizes)
    return ModelLoader().load(load_catalog(write_catalog(folder, checkpoint)).get("tiny"))


async def replies(model: LoadedModel, prompts: list[list[int]], lengths: list[int]) -> Any:
    batching = ContinuousBatching(model, SMALL_STEPS)

    async def one(prompt: list[int], length: int) -> list[int]:
        sampling = replace(GREEDY, max_new_tokens=length)
        return [token async for group in batching.generate(prompt, sampling) for token in group]

    try:
        return await asyncio.gather(*map(one, prompts, lengths))
    finally:
        await asyncio.to_thread(batching.close)


@pytest.mark.parametrize(
    "prompts",
    [
        [[7, 8, 9], list(range(10, 20)), [200, 100, 50]],
        [[7], [8], [9]],
        [[7], list(range(10, 60)), [*range(10, 58), 3, 4]],
        [[7, 8], [*range(6, 260)], [9, 10, 11]],
    ],
    ids=["of one length or nearly", "of one token", "with one beginning", "longer than a step"],
)
async def test_prompts_get_the_tokens_that_generate_gives_them_alone(
    tmp_path: Path, prompts: list[list[int]]
) -> None:
    model = loaded(tmp_path, "llama", SHARED_KEYS)
    lengths = [12, 30, 5]
    together = await replies(model, prompts, lengths)
    assert model.model.config._attn_implementation == VARLEN
    alone = [
        generate_batch(model, [p], replace(GREEDY, max_new_tokens=n), end=frozenset())[0]
        for p, n in zip(prompts, lengths, strict=True)
    ]
    assert together == alone


async def test_a_model_with_sliding_windows_keeps_the_attention_of_transformers(
    tmp_path: Path,
) -> None:
    model = loaded(tmp_path, "mistral", WINDOWED)
    assert attention_of(model) == TRANSFORMERS
    prompt = list(range(10, 60))
    [together] = await replies(model, [prompt], [12])
    assert model.model.config._attn_implementation == "sdpa"
    assert together == generate_batch(model, [prompt], GREEDY, end=frozenset())[0]
