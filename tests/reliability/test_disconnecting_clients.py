"""Clients that leave in mid-stream, by the hundred, leave nothing behind in the engine."""

import pytest

from tests.endurance import FACTOR
from tests.fakes.engine_processes import RunningEngine
from tests.fakes.waiting import until
from tests.reliability.leaving import leave_often

pytestmark = pytest.mark.anyio

CLIENTS = 50 * FACTOR
AT_ONCE = 50
MOST_GROWTH_BYTES = 32 * 2**20
WAYS_OF_BATCHING = {"continuous": 1.0, "dynamic": 1.2}
"""The repetition penalty that each is used for."""


def greedy_answer(engine: RunningEngine, penalty: float) -> str:
    question = {"role": "user", "content": "What is 12 + 7?"}
    body = {"messages": [question], "max_tokens": 24, "temperature": 0}
    answer = engine.client.post(
        "/v1/chat/completions", json={**body, "repetition_penalty": penalty}
    )
    return str(answer.json()["choices"][0]["message"]["content"])


@pytest.mark.parametrize("batching", WAYS_OF_BATCHING)
async def test_clients_that_leave_in_mid_stream_leave_nothing_behind(
    talkative_engine: RunningEngine, batching: str
) -> None:
    engine = talkative_engine
    penalty, port = WAYS_OF_BATCHING[batching], int(engine.base_url.rsplit(":")[-1])
    before = greedy_answer(engine, penalty)
    held = []
    for wave in range(2):
        await leave_often(port, clients=CLIENTS, at_once=AT_ONCE, penalty=penalty, seed=wave)
        await until(engine.is_idle)
        assert greedy_answer(engine, penalty) == before
        await until(engine.is_idle)
        held.append(engine.holdings())
    first, second = held
    print(f"{2 * CLIENTS} clients left, {batching} batching; held after each half: {held}")
    assert batching in engine.health()["batches"]
    assert all(not batch["rebuilds"] for batch in engine.health()["batches"].values())
    assert (second.files, second.threads) == (first.files, first.threads)
    assert second.resident_bytes - first.resident_bytes < MOST_GROWTH_BYTES
