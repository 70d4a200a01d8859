"""Engine processes as the product starts them, over a catalog with the model `tiny`."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import psutil

from tests.fakes.waiting import wait_until

TOKEN = "a-test-token"
HEADERS = {"Authorization": f"Bearer {TOKEN}"}


@dataclass(frozen=True, slots=True)
class Holdings:
    """What a process holds."""

    resident_bytes: int
    files: int
    threads: int


@dataclass(frozen=True, slots=True)
class RunningEngine:
    """An engine process, and a client that knows its token."""

    process: "subprocess.Popen[bytes]"
    client: httpx.Client
    base_url: str

    def health(self) -> dict[str, Any]:
        """Return what the engine says of itself."""
        return dict(self.client.get("/health").json())

    def active(self) -> int:
        """Return how many replies the engine is working on."""
        return int(self.health()["active"])

    def is_idle(self) -> bool:
        """Whether neither the engine nor any of its batches holds a request."""
        health = self.health()
        counts = ("running", "waiting", "cached")
        held = [batch[count] for batch in health["batches"].values() for count in counts]
        return not health["active"] and not any(held)

    def holdings(self) -> Holdings:
        """Return what the process holds now."""
        process = psutil.Process(self.process.pid)
        return Holdings(process.memory_info().rss, process.num_fds(), process.num_threads())


def launch(catalog: Path, *options: str) -> "subprocess.Popen[bytes]":
    """Start `arena engine` for the model `tiny`; the caller ends it."""
    command = [sys.executable, "-m", "arena", "engine", "--models", str(catalog)]
    return spawn([*command, "--key", "tiny", "--threads", "1", "--exit-with-stdin", *options])


def spawn(command: Sequence[str]) -> "subprocess.Popen[bytes]":
    """Start a command with pipes and the token; the caller ends it."""
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "ARENA_ENGINE_TOKEN": TOKEN},
    )


def address_of(process: "subprocess.Popen[bytes]") -> str:
    """Return the address that the engine prints as its first line."""
    assert process.stdout is not None
    return f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"


def client_of(address: str) -> httpx.Client:
    """Return a client that knows the token, and loads no certificates: they take 25 ms."""
    return httpx.Client(
        base_url=address, headers=HEADERS, timeout=60, trust_env=False, verify=False
    )


def health_after_loading(client: httpx.Client) -> dict[str, Any]:
    """Return the first health that is not `loading`, for the better or the worse."""
    found: dict[str, Any] = {}

    def has_loaded() -> bool:
        found.update(client.get("/health").json())
        return str(found["status"]) != "loading"

    wait_until(has_loaded)
    return found


@contextmanager
def running_engine(
    catalog: Path, *, command: Sequence[str] | None = None
) -> Iterator[RunningEngine]:
    """Start an engine, by `command` if given, wait until it is ready, kill it in the end."""
    process = launch(catalog) if command is None else spawn(command)
    try:
        base_url = address_of(process)
        with client_of(base_url) as client:
            health = health_after_loading(client)
            assert health["status"] == "ready", health
            yield RunningEngine(process, client, base_url)
    finally:
        process.kill()
        process.communicate()
