"""Boards of two million votes: counts at once, intervals from the worker, and other ways."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.board_pages import pages_lines
from tests.benchmarks.board_ways import WAYS, Cost
from tests.benchmarks.ledger import Size, fill

VOTES = int(os.environ.get("BENCH_VOTES", "2000000"))
_ROUNDS = 3
_BASELINE = "counts and rates"
_ROOT = Path(__file__).parents[2]


def boards_table() -> str:
    """CPU, memory and repeats of every way, and what a vote takes meanwhile."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "ledger.db"
        fill(source, Size(votes=VOTES))
        return "\n".join(lines_of(source))


def lines_of(source: Path) -> list[str]:
    """The tables for a ledger that exists."""
    rounds = [{way: measured(way, str(source)) for way in WAYS} for _ in range(_ROUNDS)]
    found = {way: least([one[way] for one in rounds]) for way in WAYS}
    return [
        f"{VOTES:,} votes on 50 models, the least of {_ROUNDS} rounds, each in a process of its "
        "own; a worker counts with its start and all of its memory. Targets: counts 0.5 s and "
        "150 MB, intervals 4 s and 400 MB, a repeat 10 ms, p99 of a vote 3 times that alone.",
        "",
        "| way | CPU | memory above the start | repeat | CPU to ours |",
        "|---|---|---|---|---|",
        *(_line(way, found[way], found[_BASELINE]) for way in WAYS),
        "",
        *pages_lines(source),
        "",
        *_run("tests.benchmarks.vote_commits", str(source)).splitlines(),
    ]


def measured(way: str, source: str) -> Cost:
    """Return what a way costs in a process of its own, on a file or at the address of a server."""
    return Cost(**json.loads(_run("tests.benchmarks.board_ways", way, source)))


def _run(module: str, *arguments: str) -> str:
    command = [sys.executable, "-m", module, *arguments]
    done = subprocess.run(command, check=True, cwd=_ROOT, stdout=subprocess.PIPE, text=True)
    return done.stdout


def least(rounds: list[Cost]) -> Cost:
    """Return the least time and the most memory of several rounds."""
    repeats = [one.repeat_ms for one in rounds if one.repeat_ms is not None]
    return Cost(
        cpu_s=min(one.cpu_s for one in rounds),
        peak_bytes=max(one.peak_bytes for one in rounds),
        repeat_ms=min(repeats) if repeats else None,
    )


def _line(way: str, found: Cost, ours: Cost) -> str:
    repeat = "-" if found.repeat_ms is None else f"{found.repeat_ms:.1f} ms"
    cells = (
        way,
        f"{found.cpu_s:.2f} s",
        f"{found.peak_bytes / 1e6:,.0f} MB",
        repeat,
        f"{found.cpu_s / ours.cpu_s:.1f}",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print("\n".join(lines_of(Path(sys.argv[1]))))
