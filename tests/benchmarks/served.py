"""Servers in processes of their own: waited for, and heard when they die instead."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.e2e.serving import LIMITS

_PATIENCE_S = 300.0
_LINES = 20
_ROOT = Path(__file__).parents[2]
_NO_LIMITS = dict.fromkeys(LIMITS, "1000000/minute")
"""All visitors of a benchmark come from one address."""


@dataclass(frozen=True, slots=True)
class Served:
    """A process that listens on `address` and writes its output to `log`."""

    address: str
    process: subprocess.Popen[bytes]
    log: Path

    def until(self, path: str) -> None:
        """Wait until a path answers with 200.

        Raises TimeoutError after five minutes and RuntimeError, with the last lines of its output,
        as soon as the process has ended.
        """
        deadline = time.perf_counter() + _PATIENCE_S
        while time.perf_counter() < deadline:
            with suppress(httpx.TransportError):
                answer = httpx.get(f"{self.address}{path}", headers={"accept": "text/html"})
                if answer.status_code == httpx.codes.OK:
                    return
            if self.process.poll() is not None:
                raise RuntimeError(self._said(f"ended with code {self.process.returncode}"))
            time.sleep(0.02)
        raise TimeoutError(self._said(f"{path} did not answer within {_PATIENCE_S:.0f} s"))

    def _said(self, what: str) -> str:
        last = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_LINES:]
        return "\n".join((f"{self.address}: {what}", *last))


@contextmanager
def arena_serving(folder: Path, catalog: str | None = None) -> Iterator[Served]:
    """A served arena with a database of its own and the shipped catalog or another."""
    models = _ROOT / "models.yaml"
    if catalog is not None:
        models = folder / "models.yaml"
        models.write_text(catalog, encoding="utf-8")
    port = _free_port()
    arguments = ["arena", "serve", "--port", str(port), "--models", str(models)]
    database = {"ARENA_DATABASE_URL": f"sqlite:///{folder}/arena.sqlite3"}
    with _serving(arguments, port, folder, {**database, **_NO_LIMITS}) as served:
        yield served


@contextmanager
def module_serving(module: str, folder: Path, *arguments: str) -> Iterator[Served]:
    """A module of ours that listens on the port that is its first argument."""
    port = _free_port()
    with _serving([module, str(port), *arguments], port, folder, {}) as served:
        yield served


@contextmanager
def _serving(
    arguments: Sequence[str], port: int, folder: Path, environment: Mapping[str, str]
) -> Iterator[Served]:
    log = folder / f"{arguments[0]}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments],
            cwd=_ROOT,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=os.environ | environment,
        )
    try:
        yield Served(f"http://127.0.0.1:{port}", process, log)
    finally:
        process.terminate()
        process.wait(30)


def _free_port() -> int:
    """A port on the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
