"""A batch that dies at work, as on a GPU without memory left: whose fate is what, and recovery."""

import asyncio
import gc
import weakref
from collections.abc import AsyncGenerator, Callable, Iterator
from contextlib import aclosing, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import torch

from arena.engine.assembly import ServedModel, cache_layout
from arena.engine.batching.continuous import ContinuousBatching
from arena.engine.batching.continuous_manager import ManagedBatch
from arena.engine.batching.crash_loop import CrashLoopDetector
from arena.engine.batching.generator import BatchLost, GenerationFailed, SamplingParams
from arena.engine.batching.row_sampler import GREEDY_ROW
from arena.engine.protocol.server import create_app
from arena.engine.service import Engine
from tests.fakes.loaded_models import assembled, row_of
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

GREEDY = SamplingParams(1.0, 1.0, 1, 1.0, 12, ignore_end=True)
LONG = SamplingParams(1.0, 1.0, 1, 1.0, 300, ignore_end=True)
PROMPT = [7, 8, 9]
BODY = {"prompt": "Once upon", "max_tokens": 12, "temperature": 0, "ignore_eos": True}


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for the module: generators live on it."""
    return "asyncio"


@pytest.fixture(scope="module")
async def served(
    tmp_path_factory: pytest.TempPathFactory, random_checkpoint: Path, anyio_backend: str
) -> AsyncGenerator[ServedModel, None]:
    """A loaded Llama; each test makes the batches that it kills."""
    served = assembled(tmp_path_factory.mktemp("served"), random_checkpoint)
    yield served
    served.close()


@pytest.fixture
async def batching(served: ServedModel) -> AsyncGenerator[ContinuousBatching, None]:
    """A new batch over the model, looked after."""
    layout = cache_layout(served._loaded, served.context)
    batching = await asyncio.to_thread(
        ContinuousBatching, served._loaded, layout, crashes=CrashLoopDetector(most=2)
    )
    watch = asyncio.create_task(batching.watch())
    yield batching
    watch.cancel()
    await asyncio.to_thread(batching.close)


@contextmanager
def out_of_memory(served: ServedModel, *, at_step: int = 1) -> Iterator[Callable[[], bool]]:
    """Let one forward pass, counted from 1, run out of memory; tells whether it has."""
    model, steps = served._loaded.model, 0
    forward = model.forward

    def failing(*args: Any, **kwargs: Any) -> Any:
        nonlocal steps
        steps += 1
        if steps == at_step:
            raise torch.cuda.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
        return forward(*args, **kwargs)

    model.forward = failing
    try:
        yield lambda: steps >= at_step
    finally:
        del model.forward


async def tokens_of(
    batching: ContinuousBatching, sampling: SamplingParams = GREEDY, prompt: list[int] = PROMPT
) -> list[int]:
    groups = [group async for group in batching.generate(prompt, sampling)]
    return [token for group in groups for token in group]


def living(batching: ContinuousBatching) -> ManagedBatch:
    assert batching._batch is not None
    return batching._batch


async def test_requests_in_a_dead_batch_are_lost_and_may_be_sent_again(
    served: ServedModel, batching: ContinuousBatching
) -> None:
    expected = await tokens_of(batching)
    with out_of_memory(served, at_step=5):
        fates = await asyncio.gather(
            *(tokens_of(batching, LONG, [n, n + 1]) for n in range(10, 14)), return_exceptions=True
        )
    assert [type(fate) for fate in fates] == [BatchLost] * 4
    assert "out of memory" in str(fates[0])
    assert await tokens_of(batching) == expected
    assert batching.status.rebuilds == 1
    assert "out of memory" in str(batching.status.last_death)


async def test_requests_that_come_while_a_batch_is_dead_wait_for_the_next_one(
    served: ServedModel, batching: ContinuousBatching
) -> None:
    expected = await tokens_of(batching)
    with out_of_memory(served) as has_happened:
        with pytest.raises(BatchLost):
            await tokens_of(batching)
        assert has_happened()
        assert not living(batching).is_alive
        replies = await asyncio.gather(*(tokens_of(batching) for _ in range(8)))
    assert replies == [expected] * 8
    assert (batching.status.running, batching.status.waiting) == (0, 0)


async def test_the_cache_of_a_dead_batch_is_freed_before_the_next_one_is_made(
    served: ServedModel, batching: ContinuousBatching, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both together would not fit a GPU: the cache takes most of what is free."""
    await tokens_of(batching)
    cache = weakref.ref(living(batching)._manager.batch_processor.cache)
    left: list[bool] = []
    init = ManagedBatch.__init__

    def noting(batch: ManagedBatch, *args: Any, **named: Any) -> None:
        left.append(cache() is not None)
        init(batch, *args, **named)

    monkeypatch.setattr(ManagedBatch, "__init__", noting)
    async with aclosing(batching.generate(PROMPT, LONG)) as slow_reader:
        await anext(slow_reader)  # its frame holds the dead batch until its client has gone
        with out_of_memory(served):
            await until(lambda: batching.status.rebuilds == 1)
    assert left == [False]


async def test_a_batch_that_dies_again_and_again_is_given_up(
    served: ServedModel, batching: ContinuousBatching
) -> None:
    for _ in range(2):
        await tokens_of(batching)
        with out_of_memory(served), pytest.raises(BatchLost):
            await tokens_of(batching)
    await until(lambda: batching.failure is not None)
    assert "again and again" in str(batching.failure)
    assert "out of memory" in str(batching.failure)
    with pytest.raises(GenerationFailed, match="again and again"):
        await tokens_of(batching)


async def test_a_batch_that_cannot_be_built_again_is_given_up(
    served: ServedModel, batching: ContinuousBatching, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = served._loaded.model

    def failing(*_: Any, **__: Any) -> Any:
        raise torch.cuda.OutOfMemoryError("CUDA out of memory")

    monkeypatch.setattr(model, "forward", failing)
    with pytest.raises(BatchLost):
        await tokens_of(batching)
    with pytest.raises(GenerationFailed, match="cannot be built again"):
        await tokens_of(batching)


async def test_a_request_whose_cancellation_was_overtaken_does_not_run_on(
    served: ServedModel, batching: ContinuousBatching
) -> None:
    """Nobody waits for its output: as if the manager had read the cancellation first."""
    manager = living(batching)._manager
    steps = manager.current_batch
    manager.add_request(PROMPT, "orphan", 400, streaming=True, eos_token_id=-1, sampling=GREEDY_ROW)
    await until(lambda: manager.current_batch > steps and not batching.status.running)
    assert manager.current_batch - steps < 100


async def test_a_cancelled_request_leaves_no_output_behind(
    served: ServedModel, batching: ContinuousBatching
) -> None:
    for _ in range(3):
        async with aclosing(batching.generate(PROMPT, LONG)) as groups:
            await anext(groups)
    await until(lambda: not batching.status.running)
    gc.collect()
    outputs = [o for o in gc.get_objects() if type(o).__name__ == "GenerationOutput"]
    assert not outputs


@pytest.fixture
async def engine(
    tmp_path: Path, served: ServedModel, batching: ContinuousBatching
) -> AsyncGenerator[Engine, None]:
    """An engine over the model and the batch that the test kills."""
    (tmp_path / "w").mkdir()
    generator, served.generator = served.generator, batching
    engine = Engine(row_of(tmp_path, tmp_path / "w"), lambda _: served)
    await engine.load()
    yield engine
    await engine.close()
    served.generator = generator


@pytest.fixture
async def client(engine: Engine) -> AsyncGenerator[httpx.AsyncClient, None]:
    transport = httpx.ASGITransport(create_app(engine, token=None))
    async with httpx.AsyncClient(transport=transport, base_url="http://engine") as client:
        yield client


@pytest.mark.parametrize("stream", [True, False])
async def test_a_request_lost_before_its_first_word_gets_a_status_that_clients_retry(
    served: ServedModel, client: httpx.AsyncClient, stream: bool
) -> None:
    with out_of_memory(served):
        lost = await client.post("/v1/completions", json={**BODY, "stream": stream})
    assert (lost.status_code, lost.headers["retry-after"]) == (503, "2")
    assert lost.json()["error"]["code"] == "batch_lost"
    again = await client.post("/v1/completions", json={**BODY, "stream": stream})
    assert again.status_code == 200
    health = (await client.get("/health")).json()
    assert (health["status"], health["active"]) == ("ready", 0)
    assert health["batches"]["continuous"]["rebuilds"] == 1
    assert "out of memory" in health["batches"]["continuous"]["last_death"]


async def test_a_stream_lost_on_its_way_ends_with_an_error(
    served: ServedModel, client: httpx.AsyncClient
) -> None:
    body = {**BODY, "max_tokens": 300, "stream": True}
    with out_of_memory(served, at_step=100):
        lost = await client.post("/v1/completions", json=body)
    last = [line for line in lost.text.splitlines() if line][-1]
    assert lost.status_code == 200
    assert "batch_lost" in last
    assert "[DONE]" not in lost.text
