"""One way of generating, in a process of its own: prints what it measured as one JSON line.

python -m tests.benchmarks.generation_ways WAY CHECKPOINT CONCURRENT
"""

import asyncio
import json
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

NEW_TOKENS = 64
CONTEXT = 512
PROMPT = "Write a short story about a lighthouse and a storm."
_PATIENCE_S = 600.0


@dataclass(frozen=True, slots=True)
class Measured:
    """Totals of one burst of requests; times in seconds, `first` per request."""

    tokens: int
    wall: float
    cpu: float
    first: tuple[float, ...]


def bare(checkpoint: Path, concurrent: int) -> Measured:
    """The continuous batching manager alone, fed and read in its own process."""
    from arena.engine.continuous_manager import ManagedBatch
    from arena.engine.generation import TokenSampling

    loaded, layout = _loaded(checkpoint)
    batch = ManagedBatch(loaded, layout)
    sampling = TokenSampling(1.0, 1.0, 1, 1.0, NEW_TOKENS, ignore_end=True)
    prompt = loaded.tokenizer(PROMPT).input_ids

    async def burst(count: int, name: str) -> list[float]:
        return await asyncio.gather(*(one(f"{name}-{index}") for index in range(count)))

    async def one(request_id: str) -> float:
        began = time.perf_counter()
        arrivals: asyncio.Queue[Any] = asyncio.Queue()
        batch.add(request_id, prompt, sampling, arrivals.put_nowait)
        output = await arrivals.get()
        first = time.perf_counter() - began
        while not output.is_finished():
            output = await arrivals.get()
        batch.forget(request_id, cancel=False)
        return first

    asyncio.run(burst(2, "warm"))
    measured = _measure(lambda: asyncio.run(burst(concurrent, "timed")), concurrent)
    batch.stop(10.0)
    return measured


def threads(checkpoint: Path, concurrent: int) -> Measured:
    """A thread per request with TextIteratorStreamer: the usual Gradio demo."""
    model, tokenizer, ids = _plain(checkpoint)
    _streamed(model, tokenizer, ids)
    return _measure(lambda: _in_threads(concurrent, model, tokenizer, ids), concurrent)


def lock(checkpoint: Path, concurrent: int) -> Measured:
    """The same behind one lock: a request at a time."""
    model, tokenizer, ids = _plain(checkpoint)
    turn = threading.Lock()
    _streamed(model, tokenizer, ids)
    return _measure(lambda: _in_threads(concurrent, model, tokenizer, ids, turn), concurrent)


WAYS: dict[str, Callable[[Path, int], Measured]] = {"bare": bare, "threads": threads, "lock": lock}


def _measure(work: Callable[[], Sequence[float]], concurrent: int) -> Measured:
    wall, cpu = time.perf_counter(), time.process_time()
    first = work()
    return Measured(
        tokens=concurrent * NEW_TOKENS,
        wall=time.perf_counter() - wall,
        cpu=time.process_time() - cpu,
        first=tuple(first),
    )


def _loaded(checkpoint: Path) -> Any:
    import torch

    from arena.catalog import load_catalog
    from arena.engine.assembly import cache_layout
    from arena.engine.loading import ModelLoader

    torch.set_num_threads(2)
    loaded = ModelLoader().load(load_catalog(checkpoint.parent / "models.yaml").get("one"))
    return loaded, cache_layout(loaded, CONTEXT)


def _plain(checkpoint: Path) -> Any:
    import torch
    from transformers import AutoModelForCausalLM, AutoTokenizer

    torch.set_num_threads(2)
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    model: Any = AutoModelForCausalLM.from_pretrained(checkpoint, dtype=torch.float32)
    model.eval()
    return model, tokenizer, tokenizer(PROMPT, return_tensors="pt").input_ids


def _in_threads(
    concurrent: int, model: Any, tokenizer: Any, ids: Any, turn: Any = None
) -> list[float]:
    first: list[float] = []
    began = time.perf_counter()

    def answer() -> None:
        if turn is None:
            first.append(_streamed(model, tokenizer, ids) - began)
            return
        with turn:
            first.append(_streamed(model, tokenizer, ids) - began)

    workers = [threading.Thread(target=answer) for _ in range(concurrent)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(_PATIENCE_S)
    return first


def _streamed(model: Any, tokenizer: Any, ids: Any) -> float:
    """Generate with a streamer; returns the moment of the first text."""
    import torch
    from transformers import TextIteratorStreamer

    streamer = TextIteratorStreamer(tokenizer, skip_prompt=True, timeout=_PATIENCE_S)
    arguments = {
        "input_ids": ids,
        "attention_mask": torch.ones_like(ids),
        "streamer": streamer,
        "max_new_tokens": NEW_TOKENS,
        "min_new_tokens": NEW_TOKENS,
        "do_sample": False,
        "pad_token_id": 0,
    }
    worker = threading.Thread(target=model.generate, kwargs=arguments)
    worker.start()
    first = None
    for text in streamer:
        if text and first is None:
            first = time.perf_counter()
    worker.join()
    return first or time.perf_counter()


if __name__ == "__main__":
    way, folder, count = sys.argv[1:]
    print(json.dumps(asdict(WAYS[way](Path(folder), int(count)))))
