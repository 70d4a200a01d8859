"""Logits that are no numbers end their own request; the others of its batch never notice."""

import asyncio
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
import torch

from arena.engine.batching.broken_logits import BROKEN, FiniteScores
from arena.engine.batching.continuous import ContinuousBatching
from arena.engine.batching.continuous_manager import ManagedBatch
from arena.engine.batching.dynamic import DynamicBatching
from arena.engine.batching.generator import GenerationFailed, Generator, SamplingParams
from arena.engine.loading.capacity import CacheLayout
from arena.engine.loading.loader import LoadedModel
from tests.engine.batching.test_varlen_attention import SHARED_KEYS, loaded

pytestmark = pytest.mark.anyio

GREEDY = SamplingParams(1.0, 1.0, 1, 1.0, 12, ignore_end=True)
SAMPLED = replace(GREEDY, temperature=0.8, top_k=262, top_p=0.9)
LAYOUT = CacheLayout(page_tokens=16, blocks=64, batch_tokens=64)
BAD_WORD = 250  # a byte that stands in no text of the self-test
PROMPTS = [[7, 8, 9], [7, BAD_WORD, 9], list(range(10, 40)), [7, 8, BAD_WORD]]


def with_a_bad_word(folder: Path) -> LoadedModel:
    model = loaded(folder, "llama", SHARED_KEYS)
    model.model.get_input_embeddings().weight.data[BAD_WORD] = float("nan")
    never = torch.zeros(model.vocabulary)
    never[BAD_WORD] = -1e4  # it is read and never written
    model.model.lm_head.bias = torch.nn.Parameter(never)
    return model


async def outcomes(generator: Generator, sampling: SamplingParams) -> list[Any]:
    """Tokens or errors of all prompts, from a generator that lives on after them."""

    async def one(prompt: list[int]) -> list[int]:
        groups = [group async for group in generator.generate(prompt, sampling)]
        return [token for group in groups for token in group]

    try:
        found = await asyncio.gather(*map(one, PROMPTS), return_exceptions=True)
        assert generator.failure is None
        return found
    finally:
        await asyncio.to_thread(generator.close)


async def replies(model: LoadedModel, prompts: list[list[int]]) -> list[Any]:
    """What a batch that was never tested answers: tokens, or the words of an error."""
    batch = ManagedBatch(model, LAYOUT, Random(0))

    async def one(number: int) -> Any:
        arrivals: asyncio.Queue[Any] = asyncio.Queue()
        batch.add(f"request-{number}", prompts[number], GREEDY, arrivals.put_nowait)
        while not (output := await arrivals.get()).is_finished():
            pass
        return output.error or output.generated_tokens

    try:
        return await asyncio.gather(*map(one, range(len(prompts))))
    finally:
        await asyncio.to_thread(batch.stop, 10.0)


@pytest.mark.parametrize("sampling", [GREEDY, SAMPLED], ids=["greedy", "sampled"])
@pytest.mark.parametrize("kind", ["continuous", "dynamic"])
async def test_only_requests_without_numbers_fail(
    tmp_path: Path, kind: str, sampling: SamplingParams
) -> None:
    model = with_a_bad_word(tmp_path)
    generator: Generator = (
        ContinuousBatching(model, LAYOUT)
        if kind == "continuous"
        else DynamicBatching(model, end=frozenset())
    )
    found = await outcomes(generator, sampling)
    assert [len(found[0]), len(found[2])] == [12, 12]
    for failed in (found[1], found[3]):
        assert isinstance(failed, GenerationFailed)
        assert str(failed) == BROKEN


async def test_what_is_no_number_in_one_sequence_reaches_no_other_of_the_same_step(
    tmp_path: Path,
) -> None:
    """A word that one reply writes becomes no number: its keys are read beside those of others."""
    model = loaded(tmp_path, "llama", SHARED_KEYS)
    prompts = [[20 + 9 * n, 30 + n, 40, 50] for n in range(12)]
    before = await replies(model, prompts)
    used = [{*prompt, *reply} for prompt, reply in zip(prompts, before, strict=True)]
    word = next(
        token
        for reply in before
        for token in reply[:-1]
        if sum(token in words for words in used) == 1
    )
    model.model.get_input_embeddings().weight.data[word] = float("nan")
    after = await replies(model, prompts)
    for words, was, found in zip(used, before, after, strict=True):
        assert found == (BROKEN if word in words else was)


def test_broken_rows_become_ones_that_can_be_drawn_from() -> None:
    scores = torch.tensor([[1.0, 2.0], [float("nan"), 1.0], [float("inf"), 1.0], [-1.0, 0.0]])
    finite = FiniteScores()
    found = finite(torch.zeros(4, 1, dtype=torch.long), scores)
    assert finite.broken == {1, 2}
    assert found.softmax(-1).isfinite().all()
    assert torch.equal(found[[0, 3]], scores[[0, 3]])
