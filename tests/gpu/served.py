"""Real engine processes: streams, a client that leaves, the end, and two on one card."""

import asyncio
import json
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from arena.domain.byte_sizes import GIB, size_text
from tests.benchmarks.gpu import random_model
from tests.fakes.checkpoints import save_random_checkpoint
from tests.gpu.sizes import Sizes
from tests.gpu.stages import Told, finding, skipped

_READY_S = 75.0
_WORDS = "Write a short story about a lighthouse and a storm."


@dataclass(frozen=True, slots=True)
class _Running:
    """An engine process that is ready, and how long that took."""

    process: subprocess.Popen[str]
    address: str
    ready_s: float

    def health(self) -> dict[str, Any]:
        answer: dict[str, Any] = httpx.get(f"{self.address}/health").json()
        return answer


def stage(sizes: Sizes) -> Iterator[Told]:
    """Write a checkpoint of random weights first: an engine loads files."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.perf_counter()
        checkpoint = _written(folder / "weights", sizes)
        size = sum(file.stat().st_size for file in checkpoint.glob("*.safetensors"))
        seconds = time.perf_counter() - began
        yield {"checkpoint_bytes": size, "written_s": seconds}
        catalog = folder / "models.yaml"
        catalog.write_text(_catalog(checkpoint), encoding="utf-8")
        yield from _one_engine(sizes, catalog, size)
        yield from _two_engines(sizes, catalog)


def _written(folder: Path, sizes: Sizes) -> Path:
    """Save a model of random weights, made where it will run; greedy, it writes visible signs."""
    import torch
    from transformers import AutoTokenizer

    save_random_checkpoint(folder)
    words: dict[str, int] = AutoTokenizer.from_pretrained(folder).get_vocab()
    ids = {"bos_token_id": 1, "eos_token_id": 2, "pad_token_id": 0}
    model = random_model({**sizes.served, **ids, "vocab_size": len(words)}, sizes.device).model
    visible = [number for word, number in words.items() if word.isascii() and len(word) < 2]
    head = model.lm_head.weight.data
    chosen = torch.zeros_like(head)
    chosen[visible] = head[visible]
    head.copy_(chosen)
    model.save_pretrained(folder)
    return folder


def _catalog(checkpoint: Path) -> str:
    row = f"{{name: M, backend: local, source: {checkpoint}, max_context: 1024}}"
    return f"models:\n  one: {row}\n  two: {row}\n"


def _one_engine(sizes: Sizes, catalog: Path, size: int) -> Iterator[Told]:
    free_before = _free(sizes)
    with _engine(catalog, "one") as one:
        yield finding(f"engine with {size_text(size)} of weights", f"ready in {one.ready_s:.1f} s")
        for streams in (1, sizes.streams):
            asyncio.run(_streams(one, 1, 8))  # warm
            began = time.perf_counter()
            tokens, first_s = asyncio.run(_streams(one, streams, sizes.stream_tokens))
            speed = tokens / (time.perf_counter() - began)
            found = f"{speed:.0f} tokens/s, first text after {max(first_s):.2f} s at most"
            yield finding(f"{streams} HTTP stream{'s' * (streams > 1)}", found)
        yield finding("a client that leaves", asyncio.run(_left(one)))
        held = one.health()["gpu_bytes"]
        began = time.perf_counter()
        one.process.send_signal(signal.SIGTERM)
        code = one.process.wait(30)
        ended = f"exit status {code} after {time.perf_counter() - began:.1f} s"
    if not sizes.on_gpu:
        yield finding("SIGTERM", ended)
        yield skipped("memory of an engine that has ended")
        return
    kept = free_before - _free(sizes)
    yield finding(
        "SIGTERM", f"{ended}; held {size_text(held)}, {size_text(max(kept, 0))} still taken"
    )


def _two_engines(sizes: Sizes, catalog: Path) -> Iterator[Told]:
    """Tell the speed of two engines that share the device, each with its own part of the memory."""
    with ExitStack() as stack:
        pair = [stack.enter_context(_engine(catalog, key, 2 * GIB)) for key in ("one", "two")]
        streams = max(sizes.streams // 2, 1)

        async def both() -> int:
            results = (_streams(one, streams, sizes.stream_tokens) for one in pair)
            return sum(tokens for tokens, _ in await asyncio.gather(*results))

        began = time.perf_counter()
        tokens = asyncio.run(both())
        speed = tokens / (time.perf_counter() - began)
    yield finding(f"two engines at once, {streams} streams each", f"{speed:.0f} tokens/s together")


@contextmanager
def _engine(catalog: Path, key: str, cache_bytes: int | None = None) -> Iterator[_Running]:
    began = time.perf_counter()
    command = [sys.executable, "-m", "tests.gpu.engine", str(catalog), key]
    process = subprocess.Popen(
        [*command, *([] if cache_bytes is None else [str(cache_bytes)])],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the engine ended at once: gpu.stderr has its words")
        port = json.loads(line)["port"]
        address = f"http://127.0.0.1:{port}"
        while (answer := httpx.get(f"{address}/health")).status_code != httpx.codes.OK:
            if answer.json()["final"] or time.perf_counter() - began > _READY_S:
                raise RuntimeError(f"the engine is not ready: {answer.json()['detail']}")
            time.sleep(0.1)
        yield _Running(process, address, time.perf_counter() - began)
    finally:
        process.kill()
        process.wait(30)


async def _streams(one: _Running, count: int, tokens: int) -> tuple[int, list[float]]:
    """Return tokens of all streams, and for each the seconds to its first text."""
    async with httpx.AsyncClient(timeout=60, limits=httpx.Limits(max_connections=None)) as client:
        found = await asyncio.gather(*(_stream(client, one, tokens) for _ in range(count)))
    return sum(made for made, _ in found), [first for _, first in found]


async def _stream(client: httpx.AsyncClient, one: _Running, tokens: int) -> tuple[int, float]:
    began, first, made = time.perf_counter(), 0.0, 0
    async with client.stream("POST", **_asked(one, tokens)) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if not line.startswith("data: {"):
                continue
            event = json.loads(line.removeprefix("data: "))
            first = first or time.perf_counter() - began
            made = (event.get("usage") or {}).get("completion_tokens", made)
    return made, first


async def _left(one: _Running) -> str:
    """Leave in mid-stream, and say when the engine has nothing to do any more."""
    async with (
        httpx.AsyncClient(timeout=60) as client,
        client.stream("POST", **_asked(one, 900)) as answer,
    ):
        async for line in answer.aiter_lines():
            if line.startswith("data: {"):
                break
    began = time.perf_counter()
    while any(batch["running"] for batch in one.health()["batches"].values()):
        if time.perf_counter() - began > 10:
            return "WRONG: its reply still runs after 10 s"
        await asyncio.sleep(0.02)
    return f"its reply has ended after {time.perf_counter() - began:.2f} s"


def _asked(one: _Running, tokens: int) -> dict[str, Any]:
    body = {
        "messages": [{"role": "user", "content": _WORDS}],
        "max_tokens": tokens,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    return {"url": f"{one.address}/v1/chat/completions", "json": body}


def _free(sizes: Sizes) -> int:
    if not sizes.on_gpu:
        return 0
    import torch

    return int(torch.cuda.mem_get_info()[0])
