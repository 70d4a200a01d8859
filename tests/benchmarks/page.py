"""Many annotators at the page: with two small models, and with a hundred scripted battles."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median, quantiles

from tests.benchmarks.annotators import Played
from tests.benchmarks.served import arena_serving, module_serving

ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
_TOKENS, _PER_S = 300, 50.0
_LONG_PROMPT = "Write a short story about a lighthouse and a storm."

_SMALL_MODELS = """
defaults: {sampling: {max_new_tokens: 48, temperature: 0.7}}
models:
  a: {name: A, backend: local, source: "embedded:arena-demo-a", max_context: 1024}
  b: {name: B, backend: local, source: "embedded:arena-demo-b", max_context: 1024}
"""


def annotators_table() -> str:
    """20 annotators at once, two small models in their processes, 48 tokens."""
    with tempfile.TemporaryDirectory() as name, arena_serving(Path(name), _SMALL_MODELS) as arena:
        arena.until("/readyz")
        _play(arena.address, 2, 0.0)
        rounds = [_play(arena.address, 20, 0.0) for _ in range(ROUNDS)]
    first = median(_percentile([one.first_frame for one in played], 50) for played in rounds)
    whole = median(_percentile([one.complete for one in played], 50) for played in rounds)
    lines = [
        f"20 annotators at the same moment, medians of {ROUNDS} rounds.",
        "",
        "| what | p50 | target | the reference arena |",
        "|---|---|---|---|",
        f"| first frame | {first:.2f} s | 1 s | 9.1 s |",
        f"| both replies | {whole:.2f} s | 3 s | 12.5 s |",
    ]
    return "\n".join(lines)


def battles_table() -> str:
    """100 scripted battles arriving within 2 s, against one alone and an update per token."""
    rows = []
    with tempfile.TemporaryDirectory() as name, arena_serving(Path(name), _scripted()) as arena:
        arena.until("/readyz")
        rows += _compare("merged frames (this page)", arena.address)
    with _token_page() as address:
        rows += _compare("an update per token", address)
    lines = [
        f"{_TOKENS} tokens at {_PER_S:.0f} a second: {_TOKENS / _PER_S:.0f} s of text. "
        f"Medians of {ROUNDS} rounds.",
        "",
        "| page | one alone | 100 at once, slowest | ratio | first frame p95 | frames a battle |",
        "|---|---|---|---|---|---|",
        *rows,
    ]
    return "\n".join(lines)


def _compare(what: str, address: str) -> list[str]:
    _play(address, 1, 0.0)
    alone = median(_play(address, 1, 0.0)[0].complete for _ in range(ROUNDS))
    rounds = [_play(address, 100, 2.0) for _ in range(ROUNDS)]
    slowest = median(max(one.complete for one in played) for played in rounds)
    first = median(_percentile([one.first_frame for one in played], 95) for played in rounds)
    frames = median(one.frames for played in rounds for one in played)
    return [
        f"| {what} | {alone:.2f} s | {slowest:.2f} s | {slowest / alone:.2f} | {first:.2f} s "
        f"| {frames:.0f} |"
    ]


def _play(address: str, count: int, within_s: float) -> list[Played]:
    command = [sys.executable, "-m", "tests.benchmarks.annotators"]
    command += [address, str(count), str(within_s), _LONG_PROMPT]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [Played(**one) for one in json.loads(done.stdout)]


def _scripted() -> str:
    reply = "word " * _TOKENS
    script = {"replies": [reply], "tokens_per_second": _PER_S}
    models = {
        key: {
            "name": key,
            "backend": "scripted",
            "sampling": {"max_new_tokens": _TOKENS * 2},
            "script": script,
        }
        for key in ("left", "right")
    }
    return json.dumps({"models": models})


@contextmanager
def _token_page() -> Iterator[str]:
    module, arguments = "tests.benchmarks.token_page", (str(_TOKENS), str(_PER_S))
    with (
        tempfile.TemporaryDirectory() as name,
        module_serving(module, Path(name), *arguments) as page,
    ):
        page.until("/config")
        yield page.address


def _percentile(values: Sequence[float], percent: int) -> float:
    if len(values) == 1:
        return values[0]
    return quantiles(values, n=100)[percent - 1]
