"""A tiny checkpoint, the models made of it, and engine processes for whole modules."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.fakes.catalogues import EMBEDDED, write_catalogue
from tests.fakes.checkpoints import save_random_checkpoint

TOKEN = "a-test-token"


@dataclass(frozen=True, slots=True)
class RunningEngine:
    """An engine process, and a client that knows its token."""

    process: "subprocess.Popen[bytes]"
    client: httpx.Client
    base_url: str

    def active(self) -> int:
        """Return how many replies the engine is working on."""
        return int(self.client.get("/health").json()["active"])


@pytest.fixture(scope="session")
def random_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Llama of random weights that never ends by itself soon, and writes broken characters."""
    return save_random_checkpoint(tmp_path_factory.mktemp("random") / "llama")


@pytest.fixture(scope="session")
def embedded_checkpoint(random_checkpoint: Path) -> Path:
    """The better demo model; the random one where it has not been trained."""
    return EMBEDDED if EMBEDDED.is_dir() else random_checkpoint


@pytest.fixture(scope="session")
def catalogue(tmp_path_factory: pytest.TempPathFactory, embedded_checkpoint: Path) -> Path:
    """A catalogue file with the embedded checkpoint as `tiny`."""
    return write_catalogue(tmp_path_factory.mktemp("engine"), embedded_checkpoint)


def launch(catalogue: Path, *options: str) -> "subprocess.Popen[bytes]":
    """Start `arena engine` for the model `tiny`; the caller ends it."""
    command = [sys.executable, "-m", "arena", "engine", "--models", str(catalogue)]
    return subprocess.Popen(
        [*command, "--key", "tiny", "--threads", "1", "--exit-with-stdin", *options],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "ARENA_ENGINE_TOKEN": TOKEN},
    )


def address_of(process: "subprocess.Popen[bytes]") -> str:
    """Return the address that the engine prints as its first line."""
    assert process.stdout is not None
    return f"http://127.0.0.1:{json.loads(process.stdout.readline())['port']}"


@pytest.fixture(scope="module")
def engine(catalogue: Path) -> Iterator[RunningEngine]:
    """An engine that is ready."""
    process = launch(catalogue)
    try:
        base_url = address_of(process)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(
            base_url=base_url, headers=headers, timeout=60, trust_env=False
        ) as client:
            while (health := client.get("/health")).status_code != 200:
                assert health.json()["status"] == "loading", health.text
            yield RunningEngine(process, client, base_url)
    finally:
        process.kill()
        process.communicate()
