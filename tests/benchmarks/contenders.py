"""The ways of generating as contenders: each is started once and answers many bursts."""

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Protocol

import httpx
import psutil

from tests.benchmarks.bursts import Burst, Measured, cpu_seconds
from tests.benchmarks.checkpoints import PROMPT

_WARM_UP = Burst(replies=2, tokens=8)


class Contender(Protocol):
    """Answers a burst of requests and says how that went."""

    def __call__(self, burst: Burst) -> Measured:
        """Block until the last reply is complete."""
        ...


class Worker:
    """A `generation_ways` process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def __call__(self, burst: Burst) -> Measured:
        """Measure one burst."""
        self.ask(burst)
        return self.answer()

    def ask(self, burst: Burst) -> None:
        """Start a burst, to be awaited with `answer`."""
        assert self._process.stdin is not None
        print(json.dumps(asdict(burst)), file=self._process.stdin, flush=True)

    def answer(self) -> Measured:
        """Wait for the burst's figures; RuntimeError when the process has died."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the process that was measured has died, see its error output")
        return Measured(**json.loads(line))


@contextmanager
def worker(way: str, catalog: Path, *, threads: int) -> Iterator[Worker]:
    """A way in a process of its own, warm.

    The managers get OpenMP set as the engine sets it; what demos usually do gets what a demo has.
    """
    engines = {"OMP_NUM_THREADS": str(threads), "GOMP_SPINCOUNT": "1000"}
    command = [sys.executable, "-m", "tests.benchmarks.generation_ways", way]
    with subprocess.Popen(
        [*command, str(catalog), str(threads)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, **(engines if way == "bare" else {})},
    ) as process:
        try:
            ready = Worker(process)
            ready(_WARM_UP)
            yield ready
        finally:
            assert process.stdin is not None
            process.stdin.close()  # the process ends with its input


@contextmanager
def engine(catalog: Path, key: str, *, threads: int) -> Iterator[Contender]:
    """An engine process, over HTTP, warm."""
    command = [sys.executable, "-m", "arena", "engine", "--models", str(catalog), "--key", key]
    process = subprocess.Popen(
        [*command, "--threads", str(threads)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        port = int(json.loads(process.stdout.readline())["port"])
        while httpx.get(f"http://127.0.0.1:{port}/health").status_code != httpx.codes.OK:
            time.sleep(0.05)
        engine_process = psutil.Process(process.pid)

        def measured(burst: Burst) -> Measured:
            wall, cpu = time.perf_counter(), cpu_seconds(engine_process)
            first = asyncio.run(_answered(port, burst))
            wall, cpu = time.perf_counter() - wall, cpu_seconds(engine_process) - cpu
            return Measured(burst.replies * burst.tokens, wall, cpu, tuple(first))

        measured(_WARM_UP)
        yield measured
    finally:
        process.terminate()
        process.wait(30)


async def _answered(port: int, burst: Burst) -> Sequence[float]:
    return await asyncio.gather(*(_first_text(port, burst.tokens) for _ in range(burst.replies)))


async def _first_text(port: int, tokens: int) -> float:
    """Stream one reply to its end; returns the seconds to its first text."""
    began = time.perf_counter()
    first, stated = None, None
    async for event in _events(port, tokens):
        if usage := event.get("usage"):
            stated = usage["completion_tokens"]
        if first is None and any(choice["text"] for choice in event["choices"]):
            first = time.perf_counter() - began
    if first is None or stated != tokens:
        raise RuntimeError(f"a reply of {stated} tokens instead of {tokens}, first text: {first}")
    return first


async def _events(port: int, tokens: int) -> AsyncGenerator[dict[str, Any], None]:
    """The events of a streamed answer, read from a bare socket: a client shares the cores here."""
    asked = {
        "prompt": PROMPT,
        "max_tokens": tokens,
        "ignore_eos": True,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    body = json.dumps(asked).encode()
    head = (
        "POST /v1/completions HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(head.encode() + body)
        async for line in reader:
            if line.startswith(b"data: {"):
                yield json.loads(line.removeprefix(b"data: "))
    finally:
        writer.close()
        await writer.wait_closed()
