"""Whatever is sent to the pages gets a neutral answer, and nothing is left of it.

400 requests in `make test`, 10,000 under `make endurance`.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import httpx
import psutil
import pytest

from tests.e2e.authorisation import NOBODIES
from tests.e2e.closed_arena import NAMES, SECRETS, ClosedArena, closed_arena, with_battle
from tests.e2e.page_fuzzing import FuzzedRequest, fuzzed_requests
from tests.endurance import FACTOR
from tests.fakes.waiting import until

REQUESTS = 400 if FACTOR == 1 else 1000 * FACTOR
AT_ONCE = 8
MOST_GROWTH_BYTES = 32 * 2**20
MOST_BYTES = 2**18
"""Of an answer: streams have no end."""
BUSY = (503, 429)
LEFT_OPEN = 8
"""Files that may be open after the last request that were not before: connections in pools."""


@pytest.fixture(scope="module")
def arena(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ClosedArena]:
    with closed_arena(tmp_path_factory.mktemp("fuzzed")) as running:
        yield running


def test_every_fuzzed_request_gets_a_neutral_answer_and_nothing_grows(
    arena: ClosedArena, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.ERROR)
    process = psutil.Process()
    found: list[str] = []
    statuses: Counter[int] = Counter()
    sizes: list[int] = []
    clients = {caller: arena.client(caller) for caller in arena.tokens}
    with ThreadPoolExecutor(AT_ONCE) as pool:
        waves = [*_in_waves(REQUESTS)]
        for wave in waves:
            for request, status, text in pool.map(lambda one: _sent(clients, one), wave):
                statuses[status] += 1
                found += _faults(request, status, text)
            sizes.append(process.memory_info().rss)
        files = process.num_fds()
    for client in clients.values():
        client.close()

    assert not found, "\n".join(found[:20])
    unexpected = [one for one in caplog.records if one.exc_info]
    assert not unexpected, unexpected[0].getMessage()
    assert statuses[200] > REQUESTS / 20
    assert sizes[-1] - sizes[len(sizes) // 3] < MOST_GROWTH_BYTES, sizes
    until(lambda: process.num_fds() <= files + LEFT_OPEN)
    voter = with_battle(arena.running, arena.tokens["other"])
    assert voter.fire("vote-tie").revealed
    print(f"{REQUESTS} requests: {dict(sorted(statuses.items()))}; bytes {sizes}")


def _in_waves(number: int) -> Iterator[list[FuzzedRequest]]:
    requests = [*fuzzed_requests(number)]
    size = max(number // 10, 1)
    for start in range(0, number, size):
        yield requests[start : start + size]


def _sent(
    clients: dict[str, httpx.Client], request: FuzzedRequest
) -> tuple[FuzzedRequest, int, str]:
    client = clients[request.caller]
    asked = client.build_request(
        request.method, request.target, headers=dict(request.headers), content=request.body
    )
    answer = client.send(asked, stream=True)
    text = b""
    try:
        if "event-stream" not in answer.headers.get("content-type", ""):
            for part in answer.iter_bytes():
                text += part
                if len(text) > MOST_BYTES:
                    break
    finally:
        answer.close()
    return request, answer.status_code, text.decode("utf-8", "replace")


def _faults(request: FuzzedRequest, status: int, text: str) -> Iterator[str]:
    said = f"{request.caller} {request.method} {request.target[:200]!r} {request.body[:200]!r}"
    if status >= 500 and status not in BUSY:
        yield f"{status}: {said}"
    if "Traceback" in text or "site-packages" in text:
        yield f"tells of code: {said}"
    told = {*NOBODIES, "guest", "other"}
    words = SECRETS if request.caller in told else NAMES if request.caller == "annotator" else ()
    yield from (f"tells {word!r}: {said}" for word in words if word in text)
