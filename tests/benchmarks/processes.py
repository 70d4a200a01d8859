"""Two models in their two processes, as the arena runs them, against both in one process."""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median

from tests.benchmarks.bursts import ROUNDS, Burst
from tests.benchmarks.checkpoints import SMALL, TINY, Shape, save_checkpoint, write_catalog
from tests.benchmarks.contenders import Worker, worker

_STREAMS = 4
_TOKENS = 256

_HEAD = (
    f"{_STREAMS} replies of {_TOKENS} tokens from each of two models at the same moment, one torch "
    f"thread for each model. Medians of {ROUNDS} rounds; tokens/s of both models together.",
    "",
    "| model | one process | two processes | ratio |",
    "|---|---|---|---|",
)


def processes_table() -> str:
    """The table, for two sizes of model."""
    with tempfile.TemporaryDirectory() as name:
        rows = [_row(Path(name), shape) for shape in (TINY, SMALL)]
    return "\n".join([*_HEAD, *rows])


def _row(folder: Path, shape: Shape) -> str:
    checkpoint = save_checkpoint(folder / shape.name, shape)
    single = write_catalog(folder / "one.yaml", {"one": checkpoint}, tokens=_TOKENS)
    pair = {"left": checkpoint, "right": checkpoint}
    double = write_catalog(folder / "two.yaml", pair, tokens=_TOKENS)
    with ExitStack() as running:
        start = running.enter_context
        together = start(worker("bare", double, threads=1))
        apart = [start(worker("bare", single, threads=1)) for _ in pair]
        rounds = [(_one(together), _two(apart)) for _ in range(ROUNDS)]
    one, two = (median(column) for column in zip(*rounds, strict=True))
    return f"| {shape.name} | {one:.0f} | {two:.0f} | {two / one:.2f} |"


def _one(together: Worker) -> float:
    measured = together(Burst(2 * _STREAMS, _TOKENS))
    return measured.tokens / measured.wall


def _two(apart: Sequence[Worker]) -> float:
    for one in apart:
        one.ask(Burst(_STREAMS, _TOKENS))
    measured = [one.answer() for one in apart]
    return sum(one.tokens for one in measured) / max(one.wall for one in measured)
