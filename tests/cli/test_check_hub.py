"""`arena check` tells what is here of a Hub's model, and fetches the rest when told to."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.checks import run, written
from tests.fakes.hub import COMMIT, FakeHub, Repository, serving_hub

HUB = """\
models:
  open: {name: Open, backend: local, source: org/open}
  gated: {name: Gated, backend: local, source: org/gated}
"""
FILES = {"config.json": b"{}", "tokenizer.json": b"{}", "model.safetensors": bytes(2**21)}


def check_with_hub(folder: Path, hub: FakeHub, *options: str) -> "subprocess.CompletedProcess[str]":
    """A process of its own: huggingface_hub reads its variables when it is imported."""
    inherited = {key: text for key, text in os.environ.items() if not key.startswith("HF_")}
    own = {"HF_ENDPOINT": hub.endpoint, "HF_HOME": str(folder / "home")}
    command = [sys.executable, "-m", "arena", "check", str(written(folder, HUB)), *options]
    return subprocess.run(
        command, capture_output=True, text=True, check=False, env={**inherited, **own}
    )


def test_what_is_here_of_a_hub_model_is_told_without_the_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    path = str(written(tmp_path, HUB))
    blobs = tmp_path / "cache" / "models--org--open" / "blobs"
    blobs.mkdir(parents=True)
    (blobs / "1.incomplete").write_bytes(bytes(2**21))
    shown = run(path).stdout
    assert f"Files of the hub: {tmp_path / 'cache'}, " in shown
    assert "\nopen   begun, 2.0 MiB here\ngated  not downloaded\n" in shown
    hub = json.loads(run(path, "--json").stdout)["hub"]
    assert hub["cache"] == str(tmp_path / "cache")
    assert [model["complete"] for model in hub["models"]] == [False, False]
    assert hub["models"][0]["here_bytes"] == 2**21
    assert hub["free_bytes"] > 0


def test_the_hub_is_asked_for_sizes_and_refusals_only_when_told_to(tmp_path: Path) -> None:
    with serving_hub() as hub:
        hub.repositories["org/open"] = Repository(FILES)
        hub.repositories["org/gated"] = Repository(FILES, readers=frozenset())
        assert check_with_hub(tmp_path, hub).returncode == 0
        assert hub.asked == []
        shown = check_with_hub(tmp_path, hub, "--online")
        assert shown.returncode == 0, shown.stderr
        assert "open   not downloaded, 2.0 MiB to download\n" in shown.stdout
        assert "gated  not downloaded: org/gated is gated: accept its licence" in shown.stdout
        assert hub.gets("model.safetensors") == []


def test_models_can_be_downloaded_ahead(tmp_path: Path) -> None:
    with serving_hub() as hub:
        hub.repositories["org/open"] = Repository(FILES)
        hub.repositories["org/gated"] = Repository(FILES, readers=frozenset())
        fetched = check_with_hub(tmp_path, hub, "--download")
    assert fetched.returncode == 1
    assert "open: downloading " in fetched.stderr
    assert "gated: org/gated is gated: accept its licence" in fetched.stderr
    assert f"open   here, 2.0 MiB, commit {COMMIT[:12]}\n" in fetched.stdout
    assert "gated  not downloaded\n" in fetched.stdout
