"""How long the command, the page and the models take to be there, from a cold process."""

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from statistics import median

import httpx

_ROUNDS = 5
_PATIENCE_S = 300.0
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
        with serving(Path(folder)) as address:
            until(f"{address}/")
            page = time.perf_counter() - began
            until(f"{address}/readyz")
            ready = time.perf_counter() - began
    return page, ready


@contextmanager
def serving(folder: Path, catalogue: str | None = None) -> Iterator[str]:
    """A served arena with a database of its own and the shipped catalogue or another."""
    models = _ROOT / "models.yaml"
    if catalogue is not None:
        models = folder / "models.yaml"
        models.write_text(catalogue, encoding="utf-8")
    port = free_port()
    command = [sys.executable, "-m", "arena", "serve", "--port", str(port)]
    process = subprocess.Popen(
        [*command, "--models", str(models)],
        cwd=_ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"ARENA_DATABASE_URL": f"sqlite:///{folder}/arena.sqlite3"},
    )
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)


def until(url: str) -> None:
    """Wait until an address answers with 200; raises TimeoutError after five minutes."""
    deadline = time.perf_counter() + _PATIENCE_S
    while time.perf_counter() < deadline:
        with suppress(httpx.TransportError):
            if httpx.get(url, headers={"accept": "text/html"}).status_code == httpx.codes.OK:
                return
        time.sleep(0.02)
    raise TimeoutError(f"{url} did not answer within {_PATIENCE_S:.0f} s")


def free_port() -> int:
    """A port on the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
