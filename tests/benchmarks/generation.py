"""Tokens a second of the engine and the arena, against the bare batch and what demos usually do."""

import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.benchmarks.arena_way import arena
from tests.benchmarks.bursts import ROUNDS, Burst, Measured, Row, row
from tests.benchmarks.checkpoints import SMALL, save_checkpoint, write_catalog
from tests.benchmarks.contenders import Contender, engine, worker

CONCURRENT = (1, 4, 16, 32)
_TOKENS = 64
_THREADS = 2
_BARE = "bare manager"

_LEGEND = """\
Each way is started once, with {threads} torch threads and the engine's OpenMP settings; in each
of {rounds} rounds all of them answer the same bursts in turn. Medians; percentiles are over all
replies. `CPU` counts the processes that serve, not the client, which shares the cores. Every
reply has {tokens} tokens (checked; `generate` is forced to; a Llama of random weights, {model}).
`bare manager` has the engine's attention too. `whole arena` is asked by the page's events:
`requests` are replies that run, two of a battle (in row 1: two), from two engines of the same
checkpoint with the threads that `arena serve` gives them; its first token is the first frame
with text of a battle."""

_HEAD = (
    "| requests | way | tokens/s | to bare | to threads | first token p50 | p95 | CPU ms/token |",
    "|---|---|---|---|---|---|---|---|",
)


def generation_table() -> str:
    """The table, with ratios within the same rounds."""
    with tempfile.TemporaryDirectory() as name, _contenders(Path(name)) as ways:
        measured = measure(ways, [Burst(count, _TOKENS) for count in CONCURRENT], ROUNDS)
    legend = _LEGEND.format(threads=_THREADS, rounds=ROUNDS, tokens=_TOKENS, model=SMALL.name)
    return "\n".join([legend, "", *_HEAD, *lines(measured)])


@contextmanager
def _contenders(folder: Path) -> Iterator[dict[str, Contender]]:
    checkpoint = save_checkpoint(folder / "one", SMALL)
    single = write_catalog(folder / "one.yaml", {"one": checkpoint}, tokens=_TOKENS)
    pair = {"left": checkpoint, "right": checkpoint}
    double = write_catalog(folder / "two.yaml", pair, tokens=_TOKENS)
    with ExitStack() as running:
        start = running.enter_context
        yield {
            _BARE: start(worker("bare", single, threads=_THREADS)),
            "engine over HTTP": start(engine(single, "one", threads=_THREADS)),
            "whole arena": start(arena(folder, double, tokens=_TOKENS)),
            "thread per request": start(worker("threads", single, threads=_THREADS)),
            "one lock": start(worker("lock", single, threads=_THREADS)),
        }


def measure(
    ways: Mapping[str, Contender], bursts: Sequence[Burst], rounds: int
) -> dict[int, dict[str, Row]]:
    """Rows by number of requests and way. A slow minute meets all ways: they take turns."""
    found: dict[int, dict[str, list[Measured]]] = {
        burst.replies: {way: [] for way in ways} for burst in bursts
    }
    for _ in range(rounds):
        for burst in bursts:
            for way, contender in ways.items():
                found[burst.replies][way].append(contender(burst))
    return {
        count: {way: row(measured) for way, measured in by_way.items()}
        for count, by_way in found.items()
    }


def lines(measured: Mapping[int, Mapping[str, Row]]) -> list[str]:
    """The table's body."""
    return [
        f"| {count} | {way} | {one.tokens_per_s:.0f} "
        f"| {one.tokens_per_s / rows[_BARE].tokens_per_s:.2f} "
        f"| {one.tokens_per_s / rows['thread per request'].tokens_per_s:.1f} "
        f"| {one.first_p50:.2f} s | {one.first_p95:.2f} s | {one.cpu_ms_per_token:.2f} |"
        for count, rows in measured.items()
        for way, one in rows.items()
    ]
