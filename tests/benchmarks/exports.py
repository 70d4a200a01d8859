"""A million votes as files: this arena in each format, and pandas from the same database."""

import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from tests.benchmarks.export_ways import WAYS, Export
from tests.benchmarks.ledger import Size, fill

_VOTES = int(os.environ.get("BENCH_VOTES", "1000000"))
_ROUNDS = 3
_BASELINE = "pandas csv"
_ROOT = Path(__file__).parents[2]


def exports_table() -> str:
    """Rows/s, CPU per row and memory of every way, each round in a process of its own."""
    with tempfile.TemporaryDirectory() as name:
        source = Path(name) / "ledger.db"
        fill(source, Size(votes=_VOTES))
        rounds = [{way: _once(way, source) for way in WAYS} for _ in range(_ROUNDS)]
    found = {way: _middle([one[way] for one in rounds]) for way in WAYS}
    lines = [
        f"The table `votes` with {_VOTES:,} votes, medians of {_ROUNDS} rounds. Targets for CSV: "
        "100,000 rows/s, 150 MB above the start.",
        "",
        "| way | rows/s | CPU per row | memory above the start | file | rows/s to pandas |",
        "|---|---|---|---|---|---|",
    ]
    return "\n".join(lines + [_line(way, found[way], found[_BASELINE]) for way in WAYS])


def _once(way: str, source: Path) -> Export:
    target = source.with_name("votes")
    command = [sys.executable, "-m", "tests.benchmarks.export_ways", way, str(source), str(target)]
    done = subprocess.run(command, check=True, cwd=_ROOT, stdout=subprocess.PIPE)
    target.unlink()
    return Export(**json.loads(done.stdout))


def _middle(rounds: list[Export]) -> Export:
    return Export(
        wall_s=median(one.wall_s for one in rounds),
        cpu_s=median(one.cpu_s for one in rounds),
        peak_bytes=max(one.peak_bytes for one in rounds),
        file_bytes=rounds[0].file_bytes,
    )


def _line(way: str, found: Export, baseline: Export) -> str:
    cells = (
        way,
        f"{_VOTES / found.wall_s:,.0f}",
        f"{found.cpu_s / _VOTES * 1e6:.1f} µs",
        f"{found.peak_bytes / 1e6:,.0f} MB",
        f"{found.file_bytes / 1e6:,.0f} MB",
        f"{baseline.wall_s / found.wall_s:.2f}",
    )
    return f"| {' | '.join(cells)} |"
