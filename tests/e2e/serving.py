"""A real `arena serve` process with a database, a catalog and a port of its own."""

import os
import signal
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.fakes.scraping import scraped

ADMIN_PASSWORD = "correct-horse-battery"
METRICS_TOKEN = "a-token-of-the-tests"
LIMITS = (
    *(f"ARENA_{what}_PER_ADDRESS" for what in ("GUESTS", "TURNS", "VOTES")),
    *(f"ARENA_{what}_PER_PERSON" for what in ("TURNS", "VOTES")),
)
ROOM = dict.fromkeys(LIMITS, "100000/minute")
"""All visitors of all tests come from one address; tests of the limits set their own."""

_START_S = 120.0
_STOP_S = 15.0
_END_S = 60.0
_LOOK_EVERY_S = 0.1
_CALM_S = 0.02


class ServerDied(Exception):
    """The process ended before it was asked to; the message holds what it printed."""


def free_port() -> int:
    """Return a port on the loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class ServedArena:
    """Started, stopped and killed as an operator would; the folder outlives the process."""

    def __init__(
        self, folder: Path, catalog: str, settings: Mapping[str, str] = {}, *, url: str = ""
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.database = folder / "arena.sqlite3"
        self.url = url or f"sqlite:///{self.database}"
        self._models = folder / "models.yaml"
        self._models.write_text(catalog, encoding="utf-8")
        self._output = folder / "output.txt"
        self._folder = folder
        self._settings = dict(settings)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def output(self) -> str:
        """Everything that was printed, over all starts."""
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def pid(self) -> int:
        """Process id while it runs."""
        assert self._process is not None
        return self._process.pid

    def start(self) -> None:
        """Return when battles can start; raise `ServerDied` with the output if it ends before."""
        self.launch()
        self.await_answer("/readyz")

    def launch(self) -> None:
        """Start the process and return at once."""
        command = [sys.executable, "-m", "arena", "serve", "--port", str(self.port)]
        command += ["--models", str(self._models), "--database-url", self.url]
        with self._output.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                cwd=self._folder,
                env=self._environment(),
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def stop(self) -> None:
        """Terminate and wait; kill what does not end."""
        process = self._process
        if process is None:
            return
        process.send_signal(signal.SIGCONT)
        process.terminate()
        try:
            process.wait(_STOP_S)
        except subprocess.TimeoutExpired:
            self.kill()
        self._process = None

    def signal(self) -> None:
        """Ask the process to end, and return at once."""
        assert self._process is not None
        self._process.terminate()

    def await_end(self) -> int:
        """Return the exit code of a process that was asked to end; fail if it goes on."""
        assert self._process is not None
        code = self._process.wait(_END_S)
        self._process = None
        return code

    def kill(self) -> None:
        """SIGKILL to the process and all that it started: no handler runs."""
        process = self._process
        if process is None:
            return
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self._process = None

    @contextmanager
    def awake(self) -> Iterator[None]:
        """Let the process run in this context alone: it takes 4 % of a core without any visitor."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)
        self._await_calm()
        yield
        self._process.send_signal(signal.SIGSTOP)

    def _await_calm(self) -> None:
        """Wait until the sleep no longer counts as a busy event loop, which slows frames down."""
        deadline = time.monotonic() + _START_S
        with httpx.Client(
            base_url=self.address,
            headers={"authorization": f"Bearer {METRICS_TOKEN}"},
            trust_env=False,
            verify=False,
        ) as client:
            while time.monotonic() < deadline:
                if scraped(client.get("/metrics").text)["arena_event_loop_lag_seconds"] < _CALM_S:
                    return
                time.sleep(_LOOK_EVERY_S)
        raise AssertionError(f"the event loop is late after {_START_S:.0f} s:\n{self.output}")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        """Return what a query finds in the database file."""
        with closing(sqlite3.connect(f"file:{self.database}?mode=ro", uri=True)) as connection:
            return connection.execute(sql, values).fetchall()

    def value(self, sql: str, *values: Any) -> Any:
        """Return the only value that a query finds."""
        ((found,),) = self.rows(sql, *values)
        return found

    def _environment(self) -> dict[str, str]:
        inherited = {key: text for key, text in os.environ.items() if key[:6] != "ARENA_"}
        root = str(Path(__file__).parents[2])
        return {
            **inherited,
            "PYTHONPATH": root,
            "ARENA_ADMIN_PASSWORD": ADMIN_PASSWORD,
            "ARENA_METRICS_TOKEN": METRICS_TOKEN,
            "ARENA_SHUTDOWN_SECONDS": "0",
            **ROOM,
            **self._settings,
        }

    def await_answer(self, path: str, status: int = httpx.codes.OK) -> None:
        """Wait until `path` answers so; raise `ServerDied` with the output if it does not."""
        process = self._process
        assert process is not None
        deadline = time.monotonic() + _START_S
        # No certificates are loaded: that takes 25 ms, each time of the cores that it starts on.
        with httpx.Client(
            base_url=self.address, trust_env=False, verify=False, timeout=5
        ) as client:
            while time.monotonic() < deadline:
                if process.poll() is not None:
                    raise ServerDied(f"ended with {process.returncode}:\n{self.output}")
                if _answer(client, path) == status:
                    return
                time.sleep(_LOOK_EVERY_S)
        self.kill()
        raise ServerDied(f"{path}: no {status} after {_START_S:.0f} s:\n{self.output}")


def _answer(client: httpx.Client, path: str) -> int | None:
    try:
        return client.get(path).status_code
    except httpx.TransportError:
        return None


@contextmanager
def serving(
    folder: Path, catalog: str, settings: Mapping[str, str] = {}, *, url: str = ""
) -> Iterator[ServedArena]:
    """Serve an arena, stopped at the end whatever happens; its database is a file without `url`."""
    arena = ServedArena(folder, catalog, settings, url=url)
    try:
        arena.start()
        yield arena
    finally:
        arena.stop()
