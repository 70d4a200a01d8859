"""Whatever is sent to an engine gets an answer of the protocol, and harms no other request."""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncGenerator
from typing import Any

import httpx
import pytest

from tests.endurance import FACTOR
from tests.fakes.engine_processes import HEADERS, RunningEngine
from tests.fakes.real_models import RealModel
from tests.fakes.waiting import until
from tests.reliability.fuzzing import CHAT, TOKENIZE, FuzzedRequest, fuzzed_requests

pytestmark = pytest.mark.anyio

FEW = 400
REQUESTS = FEW if FACTOR == 1 else 1000 * FACTOR
AT_ONCE = 16
WITNESS_EVERY = 10
LONGEST_WAIT_S = 300.0
"""Two seconds are enough for the longest answer, on a machine that does nothing else."""
MOST_GROWTH_BYTES = 64 * 2**20
WITNESSES = [
    {
        "messages": [{"role": "user", "content": question}],
        "max_tokens": 16,
        "temperature": 0,
        "repetition_penalty": penalty,
    }
    for question in ("What is 12 + 7?", "Write a poem.", "你好")
    for penalty in (1.0, 1.2)
]


@pytest.fixture
def longest_wait_s(real_model: RealModel) -> float:
    return LONGEST_WAIT_S * real_model.patience


@pytest.fixture
async def client(
    engine: RunningEngine, longest_wait_s: float
) -> AsyncGenerator[httpx.AsyncClient, None]:
    async with httpx.AsyncClient(
        base_url=engine.base_url, timeout=longest_wait_s, trust_env=False
    ) as client:
        yield client


async def witnessed(client: httpx.AsyncClient, number: int) -> str:
    body = WITNESSES[number % len(WITNESSES)]
    answer = await client.post(CHAT, json=body, headers=HEADERS)
    return str(answer.json()["choices"][0]["message"]["content"])


async def send(client: httpx.AsyncClient, fuzzed: FuzzedRequest) -> str:
    """Send a request, check its answer, and return what kind of answer it was."""
    async with client.stream(
        fuzzed.method, fuzzed.path, headers=fuzzed.headers, content=fuzzed.content
    ) as answer:
        octets = b""
        async for piece in answer.aiter_raw():
            octets += piece
            if fuzzed.leaves_after is not None and len(octets) > fuzzed.leaves_after:
                return "left"
    if fuzzed.method == "HEAD":
        return str(answer.status_code)
    if answer.status_code != 200:
        return check_error(answer.status_code, octets)
    return check_stream(octets) if octets.startswith(b"data:") else check_whole(fuzzed, octets)


def check_error(status: int, octets: bytes) -> str:
    error = json.loads(octets)["error"]
    assert status in {400, 401, 404, 405, 413}, (status, error)
    assert {"message", "type", "code", "param"} <= error.keys()
    assert error["message"]
    return f"{status} {error['code']}"


def check_stream(octets: bytes) -> str:
    lines = [line for line in octets.decode().split("\n\n") if line]
    assert lines.pop() == "data: [DONE]"
    chunks = [json.loads(line.removeprefix("data: ")) for line in lines]
    choices = [choice for chunk in chunks for choice in chunk["choices"]]
    reasons = [choice["finish_reason"] for choice in choices if choice["finish_reason"]]
    assert len(reasons) == 1
    return check_texts("stream", choices, reasons[0])


def check_whole(fuzzed: FuzzedRequest, octets: bytes) -> str:
    answer = json.loads(octets)
    if fuzzed.path == TOKENIZE:
        uncounted = answer["count"] > answer["max_model_len"] and not answer["tokens"]
        assert uncounted or answer["count"] == len(answer["tokens"])
        return "tokens"
    if fuzzed.path == "/v1/models":
        return "models"
    assert answer["usage"]["completion_tokens"] >= 1
    return check_texts("whole", answer["choices"], answer["choices"][0]["finish_reason"])


def check_texts(kind: str, choices: list[dict[str, Any]], reason: str) -> str:
    assert reason in {"stop", "length"}
    for choice in choices:
        spoken = choice.get("delta") or choice.get("message") or {"content": choice.get("text", "")}
        assert "\ufffd" not in spoken.get("content", "")
    return f"{kind} {reason}"


class Fuzzing:
    """Sends requests, many at once, and between them those whose answers are known."""

    def __init__(self, client: httpx.AsyncClient, truth: list[str], longest_wait_s: float) -> None:
        self._client = client
        self._truth = truth
        self._longest_wait_s = longest_wait_s
        self._places = asyncio.Semaphore(AT_ONCE)
        self.kinds = Counter[str]()
        self.slowest_s = 0.0

    async def wave(self, seed: int, requests: int) -> None:
        async with asyncio.TaskGroup() as group:
            for number, fuzzed in enumerate(fuzzed_requests(seed, requests)):
                group.create_task(self._ask(number, fuzzed))

    async def _ask(self, number: int, fuzzed: FuzzedRequest) -> None:
        async with self._places:
            began = asyncio.get_running_loop().time()
            try:
                async with asyncio.timeout(self._longest_wait_s):
                    self.kinds[await send(self._client, fuzzed)] += 1
            except Exception as error:
                error.add_note(f"request {number}: {str(fuzzed)[:600]}")
                raise
            self.slowest_s = max(self.slowest_s, asyncio.get_running_loop().time() - began)
            if not number % WITNESS_EVERY:
                answer = await witnessed(self._client, number)
                assert answer == self._truth[number % len(WITNESSES)], f"after request {number}"


async def test_fuzzed_requests_leave_the_engine_healthy(
    engine: RunningEngine,
    client: httpx.AsyncClient,
    real_model: RealModel,
    longest_wait_s: float,
) -> None:
    requests = REQUESTS if real_model.is_demo else FEW
    truth = [await witnessed(client, n) for n in range(len(WITNESSES))]
    fuzzing = Fuzzing(client, truth, longest_wait_s)
    held = [engine.holdings()]
    for seed in range(2):
        await fuzzing.wave(seed, requests // 2)
        await until(engine.is_idle)
        held.append(engine.holdings())
    print(f"{requests} fuzzed requests, the slowest {fuzzing.slowest_s:.1f} s: {fuzzing.kinds}")
    print(f"held before and after each half: {held}")
    health = engine.health()
    assert health["status"] == "ready"
    assert all(not batch["rebuilds"] for batch in health["batches"].values())
    assert held[2].threads == held[0].threads
    assert held[2].resident_bytes - held[1].resident_bytes < MOST_GROWTH_BYTES
