"""How long the command, the page and the models take to be there, from a cold process."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

from tests.benchmarks.served import arena_serving

_ROUNDS = 5
_ROOT = Path(__file__).parents[2]


def start_table() -> str:
    """Medians of five: `import arena.cli`, first answer of the page, all models ready."""
    imports = [_seconds(lambda: _python("import arena.cli")) for _ in range(_ROUNDS)]
    bare = [_seconds(lambda: _python("pass")) for _ in range(_ROUNDS)]
    serves = [_serve_once() for _ in range(_ROUNDS)]
    rows = (
        ("python -c pass", median(bare), ""),
        ("import arena.cli", median(imports), "0.5 s"),
        ("arena serve: the page answers", median(page for page, _ in serves), "8 s"),
        ("arena serve: both embedded models ready", median(ready for _, ready in serves), ""),
    )
    lines = ["| what | median of 5 | target |", "|---|---|---|"]
    lines += [f"| {what} | {seconds:.2f} s | {target} |" for what, seconds, target in rows]
    return "\n".join(lines)


def _seconds(action: Callable[[], object]) -> float:
    began = time.perf_counter()
    action()
    return time.perf_counter() - began


def _python(code: str) -> None:
    subprocess.run([sys.executable, "-c", code], check=True, cwd=_ROOT)


def _serve_once() -> tuple[float, float]:
    """Seconds until the page answers, and until battles can start."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        with arena_serving(Path(folder)) as served:
            served.until("/")
            page = time.perf_counter() - began
            served.until("/readyz")
            ready = time.perf_counter() - began
    return page, ready
