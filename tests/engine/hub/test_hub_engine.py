"""An engine process and the hub: it says how far it is, what is wrong, and never its token."""

import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from arena.engine.hub import HubAccess, obtain
from tests.fakes.catalogs import hub_row
from tests.fakes.engine_processes import TOKEN, address_of, client_of
from tests.fakes.hub import COMMIT, FakeHub, Repository, files_of, serving_hub, unheard
from tests.fakes.waiting import wait_until

HUB_TOKEN = "hf_very_secret"


@dataclass
class HubEngine:
    """An engine of the model `org/model`, as `arena serve` starts it."""

    process: "subprocess.Popen[bytes]"
    address: str
    output: Path

    def health(self) -> dict[str, Any]:
        with client_of(self.address) as client:
            said: dict[str, Any] = client.get("/health").json()
        return said

    def until(self, condition: Any) -> dict[str, Any]:
        found: dict[str, Any] = {}

        def holds() -> bool:
            found.update(self.health())
            return bool(condition(found))

        wait_until(holds)
        return found

    @property
    def printed(self) -> str:
        return self.output.read_text(encoding="utf-8")


@pytest.fixture
def hub() -> Iterator[FakeHub]:
    with serving_hub() as served:
        yield served


@contextmanager
def running(hub: FakeHub, folder: Path, **environment: str) -> Iterator[HubEngine]:
    catalog, output = folder / "models.yaml", folder / "output.txt"
    row = "{name: Tiny, backend: local, source: org/model}"
    catalog.write_text(f"models:\n  tiny: {row}\n", encoding="utf-8")
    inherited = {key: text for key, text in os.environ.items() if not key.startswith("HF_")}
    own = {
        "HF_ENDPOINT": hub.endpoint,
        "HF_HOME": str(folder / "home"),
        "ARENA_ENGINE_TOKEN": TOKEN,
    }
    command = [sys.executable, "-m", "arena", "engine", "--models", str(catalog)]
    with output.open("wb") as errors:
        process = subprocess.Popen(
            [*command, "--key", "tiny", "--threads", "1", "--exit-with-stdin"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env={**inherited, **own, **environment},
        )
    try:
        yield HubEngine(process, address_of(process), output)
    finally:
        process.kill()
        process.communicate()


def test_a_model_is_downloaded_loaded_and_served_with_its_commit(
    hub: FakeHub, tmp_path: Path, random_checkpoint: Path
) -> None:
    hub.accounts = frozenset({HUB_TOKEN})
    hub.repositories["org/model"] = Repository(files_of(random_checkpoint), readers=hub.accounts)
    hub.pause = threading.Event()
    with running(hub, tmp_path, HF_TOKEN=HUB_TOKEN) as engine:
        loading = engine.until(lambda health: health["detail"].startswith("downloading 0."))
        assert (loading["status"], loading["commit"]) == ("loading", None)
        hub.pause.set()
        ready = engine.until(lambda health: health["status"] != "loading")
        assert (ready["status"], ready["commit"]) == ("ready", COMMIT), ready
        assert ready["detail"].endswith(f" batching, commit {COMMIT[:12]}")
        command_line = Path(f"/proc/{engine.process.pid}/cmdline").read_text(encoding="utf-8")
        assert "INFO downloading 0." in engine.printed
        assert "INFO loading weights" in engine.printed
        for told in (str(ready), command_line, engine.printed):
            assert HUB_TOKEN not in told
    beyond = [
        one.path for one in hub.asked if not one.path.startswith(("/api/models/org/", "/org"))
    ]
    assert beyond == [], "telemetry"


def test_a_gated_model_is_a_lasting_failure_in_one_sentence(hub: FakeHub, tmp_path: Path) -> None:
    hub.accounts = frozenset({HUB_TOKEN})
    hub.repositories["org/model"] = Repository({"config.json": b"{}"}, readers=frozenset())
    hub.repositories["org/model"].files["model.safetensors"] = b"weights"
    with running(hub, tmp_path, HF_TOKEN=HUB_TOKEN) as engine:
        failed = engine.until(lambda health: health["status"] == "failed")
        assert failed["permanent"]
        assert failed["detail"].startswith("the token's account has no access to org/model: ")
        assert "Traceback" not in engine.printed
        assert HUB_TOKEN not in engine.printed + str(failed)


def test_offline_nothing_is_asked(hub: FakeHub, tmp_path: Path) -> None:
    with running(hub, tmp_path, HF_HUB_OFFLINE="1") as engine:
        failed = engine.until(lambda health: health["status"] == "failed")
        assert f"is not in {tmp_path / 'home' / 'hub'}" in failed["detail"]
    assert hub.asked == []


def test_what_a_killed_engine_had_downloaded_is_not_lost(hub: FakeHub, tmp_path: Path) -> None:
    weights = bytes(range(256)) * 4096 * 8
    hub.repositories["org/model"] = Repository({"config.json": b"{}", "model.safetensors": weights})
    hub.pause_after, hub.pause = 5 * 2**20, threading.Event()
    with running(hub, tmp_path) as engine:
        engine.until(lambda health: health["detail"].startswith("downloading 5.0 of 8.0 MiB"))
    hub.asked.clear()
    hub.pause.set()
    access = HubAccess(endpoint=hub.endpoint, cache=tmp_path / "home" / "hub")
    copy = obtain(hub_row("org/model"), on_progress=unheard, hub=access)
    assert (Path(copy.row.resolved_source()) / "model.safetensors").read_bytes() == weights
    assert [one.range for one in hub.gets("model.safetensors")] == [f"bytes={5 * 2**20}-"]
