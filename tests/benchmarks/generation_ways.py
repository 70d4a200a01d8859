"""A way of generating in a process of its own: a line of JSON asks, a line says what was measured.

python -m tests.benchmarks.generation_ways WAY CATALOG THREADS
"""

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict
from pathlib import Path
from random import SystemRandom
from typing import Any, TypeAlias

from tests.benchmarks.bursts import Burst, Measured
from tests.benchmarks.checkpoints import CONTEXT, PROMPT

_PATIENCE_S = 600.0

Way: TypeAlias = Callable[[Burst], Sequence[float]]
"""Blocks until all replies of a burst are complete; returns the seconds to their first texts."""


@contextmanager
def bare(models: Sequence[Any]) -> Iterator[Way]:
    """The continuous batching manager alone, fed and read in its own process.

    With several models there is a manager for each, and a burst is dealt out among them.
    """
    from arena.engine.assembly import cache_layout
    from arena.engine.batching.continuous_manager import ManagedBatch
    from tests.benchmarks.managed import reply

    batches = [
        ManagedBatch(model, cache_layout(model, CONTEXT), SystemRandom()) for model in models
    ]
    prompt = models[0].tokenizer(PROMPT).input_ids

    async def all_of(burst: Burst) -> list[float]:
        began = time.perf_counter()
        numbered = [(batches[n % len(batches)], f"request-{n}") for n in range(burst.replies)]
        replies = [reply(batch, name, prompt, burst.tokens) for batch, name in numbered]
        return [moments.first - began for moments in await asyncio.gather(*replies)]

    try:
        yield lambda burst: asyncio.run(all_of(burst))
    finally:
        for batch in batches:
            batch.stop(10.0)


@contextmanager
def threads(models: Sequence[Any]) -> Iterator[Way]:
    """A thread per request with TextIteratorStreamer: the usual Gradio demo."""
    yield lambda burst: _in_threads(models[0], burst, None)


@contextmanager
def lock(models: Sequence[Any]) -> Iterator[Way]:
    """The same behind one lock: a request at a time."""
    yield lambda burst: _in_threads(models[0], burst, threading.Lock())


@contextmanager
def plain(models: Sequence[Any]) -> Iterator[Way]:
    """`generate()` and nothing around it: one reply after the other, each seen when it is whole."""
    ids = models[0].tokenizer(PROMPT, return_tensors="pt").input_ids

    def one_after_the_other(burst: Burst) -> list[float]:
        began = time.perf_counter()
        ends = []
        for _ in range(burst.replies):
            models[0].model.generate(**_forced(ids, burst.tokens))
            ends.append(time.perf_counter() - began)
        return ends

    yield one_after_the_other


WAYS: dict[str, Callable[[Sequence[Any]], AbstractContextManager[Way]]] = {
    "bare": bare,
    "threads": threads,
    "lock": lock,
    "plain": plain,
}


def _in_threads(loaded: Any, burst: Burst, turn: "threading.Lock | None") -> list[float]:
    ids = loaded.tokenizer(PROMPT, return_tensors="pt").input_ids
    first: list[float] = []
    began = time.perf_counter()

    def answer() -> None:
        if turn is None:
            first.append(_streamed(loaded, ids, burst.tokens) - began)
            return
        with turn:
            first.append(_streamed(loaded, ids, burst.tokens) - began)

    workers = [threading.Thread(target=answer) for _ in range(burst.replies)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(_PATIENCE_S)
    if len(first) < burst.replies:
        raise RuntimeError(f"only {len(first)} of {burst.replies} replies")
    return first


def _streamed(loaded: Any, ids: Any, tokens: int) -> float:
    """Generate with a streamer; returns the moment of the first text."""
    from transformers import TextIteratorStreamer

    streamer = TextIteratorStreamer(loaded.tokenizer, skip_prompt=True, timeout=_PATIENCE_S)
    arguments = {**_forced(ids, tokens), "streamer": streamer}
    worker = threading.Thread(target=loaded.model.generate, kwargs=arguments)
    worker.start()
    moments = [time.perf_counter() for text in streamer if text]
    worker.join()
    return moments[0]


def _forced(ids: Any, tokens: int) -> dict[str, Any]:
    """The arguments of `generate()` for a greedy reply of exactly so many tokens."""
    return {
        "input_ids": ids,
        "attention_mask": ids.new_ones(ids.shape),
        "max_new_tokens": tokens,
        "min_new_tokens": tokens,
        "do_sample": False,
        "pad_token_id": 0,
    }


def _loaded(catalog: Path, number_of_threads: int) -> list[Any]:
    import torch
    from transformers.utils import logging as transformers_logging

    from arena.catalog import load_catalog
    from arena.engine.loading.loader import ModelLoader

    transformers_logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    torch.set_num_threads(number_of_threads)
    return [ModelLoader().load(row) for row in load_catalog(catalog).models]


def _measured(way: Way, burst: Burst) -> Measured:
    wall, cpu = time.perf_counter(), time.process_time()
    first = way(burst)
    return Measured(
        tokens=burst.replies * burst.tokens,
        wall=time.perf_counter() - wall,
        cpu=time.process_time() - cpu,
        first=tuple(first),
    )


def main(name: str, catalog: Path, number_of_threads: int) -> None:
    """Answer bursts until the standard input ends."""
    with WAYS[name](_loaded(catalog, number_of_threads)) as way:
        for line in sys.stdin:
            print(json.dumps(asdict(_measured(way, Burst(**json.loads(line))))), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]))
