"""The life of an engine process: it listens at once, ends cleanly, and outlives nobody."""

import json
import os
import signal
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import httpx
import psutil
import pytest

from tests.fakes.catalogs import write_catalog
from tests.fakes.engine_processes import (
    TOKEN,
    address_of,
    client_of,
    health_after_loading,
    launch,
    running_engine,
)
from tests.fakes.real_models import RealModel

LONG = {
    "messages": [{"role": "user", "content": "hi"}],
    "max_tokens": 400,
    "ignore_eos": True,
    "stream": True,
}
"""A reply without an end; the budget is cut where a test reads all of it."""


def test_an_engine_listens_before_its_model_is_loaded(catalog: Path) -> None:
    process = launch(catalog)
    try:
        with client_of(address_of(process)) as client:
            health = client.get("/health")
            assert (health.status_code, health.json()["status"]) == (503, "loading")
            messages = [{"role": "user", "content": "hi"}]
            chat = client.post("/v1/chat/completions", json={"messages": messages})
        assert (chat.status_code, chat.json()["error"]["code"]) == (503, "engine_loading")
        assert "retry-after" in chat.headers
    finally:
        process.terminate()
        process.communicate()
    assert process.returncode == 0


def test_an_engine_ends_when_its_parent_closes_the_pipe(catalog: Path) -> None:
    process = launch(catalog)
    address_of(process)
    process.communicate()
    assert process.returncode == 0


_PARENT = """
import subprocess, sys, time
command = [sys.executable, "-m", "arena", "engine", "--models", sys.argv[1], "--key", "tiny"]
engine = subprocess.Popen([*command, "--exit-with-stdin"], stdin=subprocess.PIPE)
time.sleep(600)
"""


def test_an_engine_ends_when_its_parent_is_killed(catalog: Path) -> None:
    """A parent that cannot clean up: the pipe that it shares with the engine closes with both."""
    with subprocess.Popen(
        [sys.executable, "-c", _PARENT, str(catalog)],
        stdout=subprocess.PIPE,
        env={**os.environ, "ARENA_ENGINE_TOKEN": TOKEN},
    ) as parent:
        address_of(parent)
        parent.kill()
        assert parent.stdout is not None
        assert parent.stdout.read() == b""


def test_a_model_that_cannot_be_loaded_turns_health_red_and_says_why(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    process = launch(write_catalog(tmp_path, tmp_path / "empty"))
    try:
        with client_of(address_of(process)) as client:
            health = health_after_loading(client)
        assert (health["status"], health["final"]) == ("failed", True)
        assert str(tmp_path / "empty") in health["detail"]
    finally:
        process.terminate()
        process.communicate()


@pytest.mark.skipif(find_spec("bitsandbytes") is not None, reason="bitsandbytes is here")
def test_a_package_that_is_missing_is_final_and_named(
    tmp_path: Path, real_model: RealModel
) -> None:
    catalog = real_model.catalog(tmp_path)
    text = catalog.read_text(encoding="utf-8")
    quantised = text.replace("local", "local\n    quantization: bitsandbytes-4bit", 1)
    catalog.write_text(quantised, encoding="utf-8")
    process = launch(catalog)
    try:
        with client_of(address_of(process)) as client:
            health = health_after_loading(client)
    finally:
        process.terminate()
        process.communicate()
    assert (health["status"], health["final"]) == ("failed", True)
    assert "pip install" in health["detail"]
    assert "bitsandbytes" in health["detail"]


def test_a_reply_in_hand_is_finished_before_the_engine_ends(
    catalog: Path, real_model: RealModel
) -> None:
    asked = LONG | {"max_tokens": real_model.long_reply}
    with running_engine(catalog) as engine:
        children = psutil.Process(engine.process.pid).children(recursive=True)
        with engine.client.stream("POST", "/v1/chat/completions", json=asked) as response:
            parts = response.iter_lines()
            next(parts)
            engine.process.send_signal(signal.SIGTERM)
            with client_of(engine.base_url) as other:
                while (health := other.get("/health").json())["status"] != "draining":
                    assert health["status"] == "ready"
                refused = other.post("/v1/chat/completions", json=LONG)
            last = [line for line in parts if line][-1]
        assert (refused.status_code, refused.headers["retry-after"]) == (503, "2")
        assert refused.json()["error"]["code"] == "engine_draining"
        assert last == "data: [DONE]"
        assert engine.process.wait() == 0
        assert not psutil.wait_procs(children, timeout=5)[1]
        with pytest.raises(httpx.ConnectError):
            engine.client.get("/health")


_IMPATIENT = """
import os, sys
from pathlib import Path
from arena.catalog import load_catalog
from arena.engine.process import EngineOptions, run_engine
row = load_catalog(Path(sys.argv[1])).get("tiny")
token = os.environ["ARENA_ENGINE_TOKEN"]
run_engine(EngineOptions(row, token=token, exit_with_stdin=True, drain_s=0.05))
"""


def test_a_reply_without_end_does_not_keep_the_engine(catalog: Path) -> None:
    """Its client sees a stream without a finish reason, which is an error to it."""
    command = [sys.executable, "-c", _IMPATIENT, str(catalog)]
    with running_engine(catalog, command=command) as engine:
        endless = [
            engine.client.send(
                engine.client.build_request("POST", "/v1/chat/completions", json=LONG), stream=True
            )
            for _ in range(8)
        ]
        engine.process.send_signal(signal.SIGTERM)
        assert engine.process.wait() == 0
        for reply in endless:
            with pytest.raises(httpx.RemoteProtocolError):
                reply.read()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--key", "nobody"], "nobody"),
        ([], "--key"),
        (["--key", "tiny", "--host", "0.0.0.0"], "ARENA_ENGINE_TOKEN"),
    ],
)
def test_a_command_line_that_cannot_work_is_refused(
    catalog: Path, options: list[str], message: str
) -> None:
    command = [sys.executable, "-m", "arena", "engine", "--models", str(catalog), *options]
    environment = {k: v for k, v in os.environ.items() if k != "ARENA_ENGINE_TOKEN"}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert ended.returncode == 2
    assert message in ended.stderr


def test_a_model_is_described_without_loading_it(catalog: Path, real_model: RealModel) -> None:
    command = [sys.executable, "-m", "arena", "engine", "--models", str(catalog)]
    ended = subprocess.run(
        [*command, "--describe", "tiny", "--json", "--text", "你好 hi", "--text", "and then"],
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
    first, second = document["turns"]
    assert first["rendered"] == document["rendered"]
    reply = f"This stands for a reply.{real_model.turn_ends}"
    assert second["rendered"].removeprefix(first["rendered"]).lstrip("\n").startswith(reply)
    assert second["tokens"][: len(first["tokens"])] == first["tokens"]
