"""The life of an engine process: it listens at once, ends cleanly, and outlives nobody."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.engine.conftest import TOKEN, RunningEngine, address_of, launch
from tests.fakes.catalogues import write_catalogue

HEADERS = {"Authorization": f"Bearer {TOKEN}"}


def test_an_engine_listens_before_its_model_is_loaded(catalogue: Path) -> None:
    process = launch(catalogue)
    try:
        health = httpx.get(f"{address_of(process)}/health", headers=HEADERS)
        assert (health.status_code, health.json()["status"]) == (503, "loading")
        chat = httpx.post(
            f"{address_of_health(health)}/v1/chat/completions",
            headers=HEADERS,
            json={"messages": [{"role": "user", "content": "hi"}]},
        )
        assert (chat.status_code, chat.json()["error"]["code"]) == (503, "engine_loading")
        assert "retry-after" in chat.headers
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 0


def address_of_health(response: httpx.Response) -> str:
    return str(response.url).removesuffix("/health")


def test_an_engine_ends_when_its_parent_closes_the_pipe(catalogue: Path) -> None:
    process = launch(catalogue)
    address_of(process)
    process.communicate()
    assert process.returncode == 0


_PARENT = """
import subprocess, sys, time
command = [sys.executable, "-m", "arena", "engine", "--models", sys.argv[1], "--key", "tiny"]
engine = subprocess.Popen([*command, "--exit-with-stdin"], stdin=subprocess.PIPE)
time.sleep(600)
"""


def test_an_engine_ends_when_its_parent_is_killed(catalogue: Path) -> None:
    """A parent that cannot clean up: the pipe that it shares with the engine closes with both."""
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(catalogue)],
        stdout=subprocess.PIPE,
        env={**os.environ, "ARENA_ENGINE_TOKEN": TOKEN},
    ) as parent:
        address_of(parent)
        parent.kill()
        assert parent.stdout is not None
        assert parent.stdout.read() == b""


def test_a_model_that_cannot_be_loaded_turns_health_red_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    process = launch(write_catalogue(tmp_path, tmp_path / "empty"))
    try:
        address = address_of(process)
        while (health := httpx.get(f"{address}/health", headers=HEADERS).json())[
            "status"
        ] == "loading":
            pass
        assert health["status"] == "failed"
        assert str(tmp_path / "empty") in health["detail"]
    finally:
        process.terminate()
        process.communicate()


def test_a_reply_in_hand_is_finished_before_the_engine_ends(engine: RunningEngine) -> None:
    body = {
        "messages": [{"role": "user", "content": "hi"}],
        "max_tokens": 200,
        "ignore_eos": True,
        "stream": True,
    }
    with engine.client.stream("POST", "/v1/chat/completions", json=body) as response:
        parts = response.iter_lines()
        next(parts)
        engine.process.send_signal(signal.SIGTERM)
        last = [line for line in parts if line][-1]
    assert last == "data: [DONE]"
    assert engine.process.wait() == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--key", "nobody"], "nobody"),
        ([], "--key"),
        (["--key", "tiny", "--host", "0.0.0.0"], "ARENA_ENGINE_TOKEN"),
    ],
)
def test_a_command_line_that_cannot_work_is_refused(
    catalogue: Path, options: list[str], message: str
) -> None:
    command = [sys.executable, "-m", "arena", "engine", "--models", str(catalogue), *options]
    environment = {k: v for k, v in os.environ.items() if k != "ARENA_ENGINE_TOKEN"}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ended.returncode == 2
    assert message in ended.stderr


def test_a_model_is_described_without_loading_it(catalogue: Path) -> None:
    command = [sys.executable, "-m", "arena", "engine", "--models", str(catalogue)]
    ended = subprocess.run(
        [*command, "--describe", "tiny", "--json", "--text", "你好 hi"],
        capture_output=True,
        text=True,
        check=True,
    )
    document = json.loads(ended.stdout)
    assert document["architecture"] == "LlamaForCausalLM"
    assert document["weights_bytes"] == 4 * document["parameters"]
    assert document["kv_bytes_per_token"] > 0
    assert "你好 hi" in document["rendered"]
    assert len(document["token_texts"]) == len(document["tokens"])
