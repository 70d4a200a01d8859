"""Battles of a real model beside plain `generate()`, on the cores of this machine."""

import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tests.benchmarks.arena_way import arena
from tests.benchmarks.bursts import ROUNDS, Burst, Row
from tests.benchmarks.checkpoints import write_catalog
from tests.benchmarks.contenders import Contender, worker
from tests.benchmarks.generation import measure
from tests.fakes.smollm import missing_smollm, smollm_row

BATTLES: Final = (1, 8)
_TOKENS: Final = 32
_THREADS: Final = 2
_PLAIN: Final = "plain generate"
_LEGEND: Final = """\
SmolLM2 135M Instruct out of PyPI's GGUF file, unpacked to float32; replies of {tokens} tokens, two
of them a battle, greedy. `whole arena` is asked by the page's events and has an engine for each
side, with a thread each; `plain generate` is transformers' `generate()` in one process with
{threads} threads, one reply after the other. Both are started once and take turns in {rounds}
rounds; medians. Other work shared the cores."""
_HEAD: Final = (
    "| battles | way | tokens/s | to plain | first text p50 | CPU ms/token |",
    "|---|---|---|---|---|---|",
)


def smollm_table() -> str:
    """The table; one sentence where the model is not installed."""
    missing = missing_smollm()
    if missing is not None:
        return missing
    with tempfile.TemporaryDirectory() as name, _contenders(Path(name)) as ways:
        measured = measure(ways, [Burst(2 * count, _TOKENS) for count in BATTLES], ROUNDS)
    legend = _LEGEND.format(tokens=_TOKENS, threads=_THREADS, rounds=ROUNDS)
    return "\n".join([legend, "", *_HEAD, *lines(measured)])


@contextmanager
def _contenders(folder: Path) -> Iterator[dict[str, Contender]]:
    from arena.engine.loading.gguf import unpacked

    checkpoint = Path(unpacked(smollm_row(), lambda _: None, os.environ).resolved_source())
    single = write_catalog(folder / "one.yaml", {"one": checkpoint}, tokens=_TOKENS)
    pair = {"left": checkpoint, "right": checkpoint}
    double = write_catalog(folder / "two.yaml", pair, tokens=_TOKENS)
    with ExitStack() as running:
        yield {
            "whole arena": running.enter_context(arena(folder, double, tokens=_TOKENS)),
            _PLAIN: running.enter_context(worker("plain", single, threads=_THREADS)),
        }


def lines(measured: Mapping[int, Mapping[str, Row]]) -> list[str]:
    """The table's body."""
    return [
        f"| {replies // 2} | {way} | {one.tokens_per_s:.1f} "
        f"| {one.tokens_per_s / rows[_PLAIN].tokens_per_s:.2f} "
        f"| {one.first_p50:.1f} s | {one.cpu_ms_per_token:.0f} |"
        for replies, rows in measured.items()
        for way, one in rows.items()
    ]
