"""Stands for the Python of an environment with vLLM: its logs, children, health, protocol, faults.

usage: python vllm_program.py SCENARIO FOLDER [what a Python is given]

`-m vllm.entrypoints.cli.main serve ...` plays vLLM, and writes what it was given to FOLDER/runs, a
line of JSON for each start. `-c CODE` tells its version. SCENARIO is one of

- healthy, stubborn (nothing of it ends by SIGTERM), leaving (it ends and leaves its children there)
- absent (no such package), out-of-memory, bad-argument: it does not come up

Files in FOLDER make it misbehave later: `hold` keeps it loading, `dead` makes its health 503,
`crash` ends it at once with its children left behind.
"""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NoReturn

from tests.fakes.openai_server import Answer, FakeOpenAIServer, error, list_of, recital

VERSION = "0.33.0"
CONTEXT = 1000
_LOOK_S = 0.01
_ABSENT = (
    "Error while finding module specification for 'vllm.entrypoints.cli.main' "
    "(ModuleNotFoundError: No module named 'vllm')"
)
_CORE = "(EngineCore_DP0 pid=77)"
_BEFORE_LOADING = f"""\
(APIServer pid=76) INFO 11-30 12:00:00 [api_server.py:1839] vLLM API server version {VERSION}
{_CORE} INFO 11-30 12:00:03 [gpu_model_runner.py:2602] Starting to load model org/model...
Loading safetensors checkpoint shards:  50% Completed | 1/2 [00:01<00:01,  1.22s/it]
"""
_AFTER_LOADING = f"""\
Loading safetensors checkpoint shards: 100% Completed | 2/2 [00:03<00:00,  2.00s/it]
{_CORE} INFO 11-30 12:00:09 [gpu_model_runner.py:2653] Model loading took 14.07 GiB and 6 seconds
{_CORE} WARNING 11-30 12:00:09 [scheduler.py:252] this may lead to unexpected behavior
{_CORE} INFO 11-30 12:00:12 [kv_cache_utils.py:1087] GPU KV cache size: 109,376 tokens
(APIServer pid=76) INFO 11-30 12:00:20 [api_server.py:1912] Starting vLLM API server 0
"""
_NO_MEMORY = f"""\
{_CORE} ERROR 11-30 12:00:03 [core.py:708] EngineCore failed to start.
{_CORE} ERROR 11-30 12:00:03 [core.py:708] Traceback (most recent call last):
{_CORE} ERROR 11-30 12:00:03 [core.py:708]   File "gpu_worker.py", line 187, in init_device
{_CORE} ERROR 11-30 12:00:03 [core.py:708] ValueError: Free memory on device (7.34/15.49 GiB) on \
startup is less than desired GPU memory utilization (0.8, 12.39 GiB).
(APIServer pid=76) Traceback (most recent call last):
(APIServer pid=76)   File "core_client.py", line 498, in __init__
(APIServer pid=76) RuntimeError: Engine core initialization failed. See root cause above.
"""
_BAD_ARGUMENT = "vllm serve: error: unrecognized arguments: --no-such-option\n"


class FakeVllm(FakeOpenAIServer):
    """The face of vLLM: health, tokens counted, and the chat protocol behind a key."""

    def __init__(self, folder: Path, name: str) -> None:
        super().__init__(recital)
        self._folder = folder
        self.listing = list_of(name)

    def _answer(self, method: str, body: dict[str, Any]) -> Answer:
        path = self.targets[-1]
        if path == "/health":
            return Answer([], 503 if (self._folder / "dead").exists() else 200)
        if path == "/active":
            return Answer([json.dumps({"active": self.active}).encode()], 200, "application/json")
        if path.startswith("/v1") and self._is_stranger():
            return error(401, "Unauthorized")
        if path == "/tokenize":
            count = sum(len(message["content"]) for message in body["messages"])
            told = {"count": count, "max_model_len": CONTEXT, "tokens": []}
            return Answer([json.dumps(told).encode()], 200, "application/json")
        return super()._answer(method, body)

    def _is_stranger(self) -> bool:
        return self.authorizations[-1].lower() != f"bearer {os.environ['VLLM_API_KEY']}".lower()


def main(scenario: str, folder: Path, given: Sequence[str]) -> None:
    """Play the Python."""
    if scenario == "absent":
        _fail(f"{sys.executable}: {_ABSENT}\n")
    if "-c" in given:
        sys.stdout.write(VERSION + "\n")
        return
    if scenario == "bad-argument":
        _fail(_BAD_ARGUMENT, 2)
    children = [_child(scenario) for _ in range(int(_option(given, "--tensor-parallel-size")))]
    _note_run(folder, given, children)
    sys.stdout.write(_BEFORE_LOADING)  # vLLM logs to both
    sys.stdout.flush()
    if scenario == "out-of-memory":
        _fail(_NO_MEMORY)
    while (folder / "hold").exists():
        threading.Event().wait(_LOOK_S)
    asyncio.run(_serve(scenario, folder, given, children))


async def _serve(
    scenario: str, folder: Path, given: Sequence[str], children: list[subprocess.Popen[bytes]]
) -> None:
    ended = asyncio.Event()
    end = (lambda: None) if scenario == "stubborn" else ended.set
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, end)
    sys.stderr.write(_AFTER_LOADING)
    fake = FakeVllm(folder, _option(given, "--served-model-name"))
    host, port = _option(given, "--host"), int(_option(given, "--port"))
    async with await asyncio.start_server(fake.serve, host, port):
        while not ended.is_set():
            if (folder / "crash").exists():
                (folder / "crash").unlink()
                os._exit(1)
            await asyncio.sleep(_LOOK_S)
    if scenario != "leaving":
        for child in children:
            child.terminate()


def _child(scenario: str) -> subprocess.Popen[bytes]:
    ignored = "signal.signal(signal.SIGTERM, signal.SIG_IGN)" if scenario == "stubborn" else "0"
    return subprocess.Popen([sys.executable, "-c", f"import signal; {ignored}; signal.pause()"])


def _note_run(
    folder: Path, given: Sequence[str], children: Sequence[subprocess.Popen[bytes]]
) -> None:
    pids = [os.getpid(), *(child.pid for child in children)]
    with (folder / "runs").open("a", encoding="utf-8") as runs:
        runs.write(json.dumps([list(given), dict(os.environ), pids]) + "\n")


def _option(given: Sequence[str], name: str) -> str:
    return given[given.index(name) + 1]


def _fail(words: str, code: int = 1) -> NoReturn:
    sys.stderr.write(words)
    sys.exit(code)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3:])
