"""Both ways of batching give a model's own text, free what is cancelled, and survive failures."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest
import torch

from arena.engine.assembly import ServedModel
from arena.engine.batching.continuous import ContinuousBatching
from arena.engine.batching.continuous_manager import ManagedBatch
from arena.engine.batching.dynamic import DynamicBatching
from arena.engine.batching.generator import GenerationFailed, Generator, SamplingParams
from arena.engine.batching.padded_generation import generate_batch
from tests.fakes.checkpoints import TINY, save_random_checkpoint
from tests.fakes.loaded_models import assembled
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

GREEDY = SamplingParams(1.0, 1.0, 1, 1.0, 12, ignore_end=True)
LONG = SamplingParams(1.0, 1.0, 1, 1.0, 300, ignore_end=True)
PROMPTS = ([7, 8, 9], list(range(10, 60)), [200, 100, 50, 25, 12])


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for the module: generators live on it."""
    return "asyncio"


@pytest.fixture(scope="module")
async def served(
    tmp_path_factory: pytest.TempPathFactory, random_checkpoint: Path, anyio_backend: str
) -> AsyncGenerator[ServedModel, None]:
    """A loaded Llama with continuous batching."""
    served = assembled(tmp_path_factory.mktemp("served"), random_checkpoint)
    yield served
    served.close()


@pytest.fixture(scope="module", params=["continuous", "dynamic"])
async def generator(
    request: pytest.FixtureRequest, served: ServedModel, anyio_backend: str
) -> AsyncGenerator[Generator, None]:
    """Each way of batching, over the same model, looked after."""
    dynamic = DynamicBatching(served._loaded, end=frozenset())
    chosen: Generator = served.generator if request.param == "continuous" else dynamic
    watch = asyncio.create_task(chosen.watch())
    yield chosen
    watch.cancel()
    dynamic.close()


def reference(served: ServedModel, prompt: list[int], sampling: SamplingParams) -> list[int]:
    return generate_batch(served._loaded, [prompt], sampling, end=frozenset())[0]


async def tokens_of(generator: Generator, prompt: list[int], sampling: SamplingParams) -> list[int]:
    groups = [group async for group in generator.generate(prompt, sampling)]
    assert all(groups), "an empty group"
    return [token for group in groups for token in group]


def living(batching: ContinuousBatching) -> ManagedBatch:
    assert batching._batch is not None
    return batching._batch


async def test_requests_at_once_get_the_tokens_of_generate_alone(
    served: ServedModel, generator: Generator
) -> None:
    replies = await asyncio.gather(*(tokens_of(generator, p, GREEDY) for p in PROMPTS))
    assert replies == [reference(served, prompt, GREEDY) for prompt in PROMPTS]


async def test_no_step_of_the_batch_keeps_books_for_gradients(served: ServedModel) -> None:
    modes: set[bool] = set()
    note = served._loaded.model.register_forward_hook(
        lambda *_: modes.add(torch.is_inference_mode_enabled())
    )
    await tokens_of(served.generator, PROMPTS[0], GREEDY)
    note.remove()
    assert modes == {True}


async def test_each_request_has_its_own_budget(generator: Generator) -> None:
    budgets = (1, 5, 30)
    replies = await asyncio.gather(
        *(
            tokens_of(generator, PROMPTS[0], SamplingParams(1.0, 1.0, 1, 1.0, n, ignore_end=True))
            for n in budgets
        )
    )
    assert tuple(map(len, replies)) == budgets


async def test_sampling_differs_from_request_to_request(generator: Generator) -> None:
    wild = SamplingParams(5.0, 1.0, 262, 1.0, 40, ignore_end=True)
    first, second = await asyncio.gather(
        tokens_of(generator, PROMPTS[0], wild), tokens_of(generator, PROMPTS[0], wild)
    )
    assert first != second


async def test_greedy_replies_are_the_models_own_among_sampled_neighbours(
    served: ServedModel, generator: Generator
) -> None:
    wild = SamplingParams(1.5, 0.9, 40, 1.0, 40, ignore_end=True)
    greedy, *_ = await asyncio.gather(
        tokens_of(generator, PROMPTS[0], GREEDY),
        *(tokens_of(generator, PROMPTS[1], wild) for _ in range(5)),
    )
    assert greedy == reference(served, PROMPTS[0], GREEDY)


async def test_a_seed_gives_the_same_reply_again(generator: Generator) -> None:
    replies = [
        await tokens_of(
            generator,
            PROMPTS[0],
            SamplingParams(2.0, 0.95, 262, 1.0, 30, ignore_end=True, seed=seed),
        )
        for seed in (7, 7, 8)
    ]
    assert replies[0] == replies[1] != replies[2]


async def test_a_closed_stream_stops_generating(generator: Generator) -> None:
    for _ in range(3):
        async with aclosing(generator.generate(PROMPTS[0], LONG)) as groups:
            await anext(groups)
    assert len(await tokens_of(generator, PROMPTS[0], GREEDY)) == 12


async def test_a_cancelled_request_leaves_nothing_in_the_manager(served: ServedModel) -> None:
    batching = served.generator
    assert isinstance(batching, ContinuousBatching)
    async with aclosing(batching.generate(PROMPTS[0], LONG)) as groups:
        await anext(groups)
        manager: Any = living(batching)._manager
        assert manager.batch_processor.scheduler.active_requests
    await until(lambda: not manager.batch_processor.scheduler.active_requests)
    assert not manager.output_router.result_handlers


async def test_a_dead_batch_fails_its_requests_and_is_built_again(served: ServedModel) -> None:
    batching = served.generator
    assert isinstance(batching, ContinuousBatching)
    watch = asyncio.create_task(batching.watch())
    expected = await tokens_of(batching, PROMPTS[0], GREEDY)
    dead = living(batching)
    victim = asyncio.create_task(tokens_of(batching, PROMPTS[1], LONG))
    await until(lambda: bool(batching._waiting))
    dead._manager.add_request([10**9], request_id="poison", max_new_tokens=1)
    with pytest.raises(GenerationFailed):
        await victim
    await until(lambda: batching._batch is not dead)
    assert await tokens_of(batching, PROMPTS[0], GREEDY) == expected
    assert batching.failure is None
    watch.cancel()


async def test_a_failing_batch_fails_only_its_own_requests(served: ServedModel) -> None:
    dynamic = DynamicBatching(served._loaded, end=frozenset())
    results = await asyncio.gather(
        tokens_of(dynamic, [10**9], GREEDY),
        tokens_of(dynamic, PROMPTS[0], LONG),
        return_exceptions=True,
    )
    assert isinstance(results[0], GenerationFailed)
    assert len(await tokens_of(dynamic, PROMPTS[0], GREEDY)) == 12
    dynamic.close()


async def test_closing_tells_those_who_wait_and_those_who_come(served: ServedModel) -> None:
    dynamic = DynamicBatching(served._loaded, end=frozenset())
    async with aclosing(dynamic.generate(PROMPTS[0], LONG)) as running:
        await anext(running)
        waiting = asyncio.create_task(tokens_of(dynamic, PROMPTS[1], GREEDY))
        await asyncio.sleep(0)
        dynamic.close()
        with pytest.raises(GenerationFailed):
            await tokens_of(dynamic, PROMPTS[0], GREEDY)
    with pytest.raises(GenerationFailed):
        await waiting
    await until(lambda: dynamic.failure is not None)


NEO = {
    "hidden_size": 32,
    "intermediate_size": 64,
    "num_layers": 2,
    "num_heads": 2,
    "attention_types": [[["global", "local"], 1]],
    "window_size": 16,
    "max_position_embeddings": 512,
}
SMALL_MAMBA = {"hidden_size": 32, "num_hidden_layers": 2, "state_size": 8}


@pytest.mark.parametrize(
    ("architecture", "sizes", "way"),
    [
        ("qwen2", TINY, "continuous"),
        ("mistral", TINY, "continuous"),
        ("mixtral", {**TINY, "num_local_experts": 4}, "continuous"),
        ("cohere", TINY, "continuous"),
        ("gpt_neo", NEO, "dynamic"),
        ("mamba", SMALL_MAMBA, "dynamic"),
        ("stablelm", TINY, "dynamic"),
    ],
)
async def test_each_architecture_is_run_in_the_way_that_suits_it(
    tmp_path: Path, architecture: str, sizes: dict[str, Any], way: str
) -> None:
    checkpoint = save_random_checkpoint(tmp_path / "checkpoint", architecture, **sizes)
    served = assembled(tmp_path, checkpoint)
    try:
        replies = await asyncio.gather(*(tokens_of(served.generator, p, GREEDY) for p in PROMPTS))
    finally:
        served.close()
    assert served.generator.name == way
    assert replies == [reference(served, prompt, GREEDY) for prompt in PROMPTS]
