"""Tokens a second of the engine against the bare batch and against what demos usually do."""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles

import httpx
import psutil

from tests.benchmarks.generation_ways import CONTEXT, NEW_TOKENS, PROMPT, Measured
from tests.fakes.checkpoints import save_random_checkpoint

CONCURRENT = (1, 4, 16, 32)
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
SIZES = {
    "hidden_size": 448,
    "intermediate_size": 1216,
    "num_hidden_layers": 6,
    "num_attention_heads": 7,
    "num_key_value_heads": 7,
    "max_position_embeddings": CONTEXT,
}
"""A Llama of about 15 million parameters."""

_CATALOGUE = """
models:
  one: {{name: One, backend: local, source: {source}, max_context: {context}}}
"""
_WAYS = ("bare manager", "engine over HTTP", "thread per request", "one lock")
_NAMES = {"bare manager": "bare", "thread per request": "threads", "one lock": "lock"}


@dataclass(frozen=True, slots=True)
class Row:
    """Medians over the rounds of one way at one number of requests."""

    way: str
    concurrent: int
    tokens_per_s: float
    first_p50: float
    first_p95: float
    cpu_ms_per_token: float


def generation_table() -> str:
    """The table, with ratios to the bare manager in the same rounds."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        checkpoint = save_random_checkpoint(folder / "one", "llama", **SIZES)
        (folder / "models.yaml").write_text(
            _CATALOGUE.format(source=checkpoint, context=CONTEXT), encoding="utf-8"
        )
        rows = [row for concurrent in CONCURRENT for row in _rows(checkpoint, concurrent)]
    return "\n".join([*_HEAD, *(_line(row, rows) for row in rows)])


_HEAD = (
    f"{NEW_TOKENS} new tokens each, a random Llama of 15 M parameters, medians of {ROUNDS}.",
    "",
    "| requests | way | tokens/s | to bare | first token p50 | p95 | CPU ms/token |",
    "|---|---|---|---|---|---|---|",
)


def _line(row: Row, rows: Sequence[Row]) -> str:
    bare = next(one for one in rows if one.way == _WAYS[0] and one.concurrent == row.concurrent)
    return (
        f"| {row.concurrent} | {row.way} | {row.tokens_per_s:.0f} "
        f"| {row.tokens_per_s / bare.tokens_per_s:.2f} | {row.first_p50:.2f} s "
        f"| {row.first_p95:.2f} s | {row.cpu_ms_per_token:.2f} |"
    )


def _rows(checkpoint: Path, concurrent: int) -> list[Row]:
    """Each round runs every way once, so that a slow minute meets all of them."""
    found: dict[str, list[Measured]] = {way: [] for way in _WAYS}
    for _ in range(ROUNDS):
        for way in _WAYS:
            found[way].append(_measured(way, checkpoint, concurrent))
    return [_row(way, concurrent, runs) for way, runs in found.items()]


def _row(way: str, concurrent: int, runs: Sequence[Measured]) -> Row:
    first = sorted(value for run in runs for value in run.first)
    return Row(
        way=way,
        concurrent=concurrent,
        tokens_per_s=median(run.tokens / run.wall for run in runs),
        first_p50=median(first),
        first_p95=quantiles(first, n=20)[-1] if len(first) > 1 else first[0],
        cpu_ms_per_token=median(1000 * run.cpu / run.tokens for run in runs),
    )


def _measured(way: str, checkpoint: Path, concurrent: int) -> Measured:
    if way == "engine over HTTP":
        with engine(checkpoint.parent / "models.yaml", "one") as (address, process):
            return asyncio.run(_over_http(address, process, concurrent))
    command = [sys.executable, "-m", "tests.benchmarks.generation_ways", _NAMES[way]]
    command += [str(checkpoint), str(concurrent)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


@contextmanager
def engine(models: Path, key: str, *, threads: int = 2) -> Iterator[tuple[str, psutil.Process]]:
    """An engine process that is ready; ended on leaving."""
    command = [sys.executable, "-m", "arena", "engine", "--models", str(models), "--key", key]
    process = subprocess.Popen(
        [*command, "--threads", str(threads)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        address = f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"
        while httpx.get(f"{address}/health").status_code != httpx.codes.OK:
            time.sleep(0.05)
        yield address, psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(30)


async def _over_http(address: str, process: psutil.Process, concurrent: int) -> Measured:
    limits = httpx.Limits(max_connections=concurrent + 1)
    async with httpx.AsyncClient(base_url=address, timeout=600, limits=limits) as client:
        await asyncio.gather(*(_one(client) for _ in range(2)))
        wall, cpu = time.perf_counter(), _cpu(process)
        first = await asyncio.gather(*(_one(client) for _ in range(concurrent)))
        return Measured(
            tokens=concurrent * NEW_TOKENS,
            wall=time.perf_counter() - wall,
            cpu=_cpu(process) - cpu,
            first=tuple(first),
        )


async def _one(client: httpx.AsyncClient) -> float:
    """Stream one reply to its end; returns seconds to the first text."""
    began = time.perf_counter()
    first = None
    body = {
        "prompt": PROMPT,
        "max_tokens": NEW_TOKENS,
        "ignore_eos": True,
        "temperature": 0,
        "stream": True,
    }
    async with client.stream("POST", "/v1/completions", json=body) as answer:
        answer.raise_for_status()
        async for line in answer.aiter_lines():
            if first is None and '"text"' in line:
                first = time.perf_counter() - began
    return first if first is not None else time.perf_counter() - began


def _cpu(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)
