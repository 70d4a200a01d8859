"""Whatever is sent to the pages gets a neutral answer, and nothing is left of it.

400 requests in `make test`, 10,000 under `make endurance`.
"""

import logging
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing

import httpx
import psutil
import pytest

from tests.e2e.authorisation import NOBODIES
from tests.e2e.closed_arena import NAMES, SECRETS, ClosedArena, closed_arena, with_battle
from tests.e2e.page_fuzzing import METHODS, FuzzedRequest, fuzzed_requests
from tests.endurance import FACTOR
from tests.fakes.waiting import wait_until

REQUESTS = 400 if FACTOR == 1 else 1000 * FACTOR
AT_ONCE = 8
MOST_GROWTH_BYTES = 48 * 2**20
MOST_BYTES = 2**18
"""Of an answer: streams have no end."""
BUSY = (503, 429)
CLOSED = 0
"""In place of a status: the connection was closed, as on what is no HTTP at all."""
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
    unexpected = {repr(one.exc_info[1]) for one in caplog.records if one.exc_info}
    assert not unexpected
    assert statuses[200] > REQUESTS / 20
    assert sizes[-1] - sizes[len(sizes) // 2] < MOST_GROWTH_BYTES, list(map(str, sizes))
    wait_until(lambda: process.num_fds() <= files + LEFT_OPEN)
    with with_battle(arena.running, arena.tokens["other"]) as voter:
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
    address = str(client.base_url).rstrip("/") + request.target
    asked = client.build_request(
        request.method, address, headers=dict(request.headers), content=request.body
    )
    try:
        with closing(client.send(asked, stream=True)) as answer:
            text = b"" if _streams(answer) else _beginning(answer)
            return request, answer.status_code, text.decode("utf-8", "replace")
    except httpx.TransportError as error:
        return request, CLOSED, repr(error)


def _streams(answer: httpx.Response) -> bool:
    return "event-stream" in answer.headers.get("content-type", "")


def _beginning(answer: httpx.Response) -> bytes:
    text = b""
    for part in answer.iter_bytes():
        text += part
        if len(text) > MOST_BYTES:
            break
    return text


def _faults(request: FuzzedRequest, status: int, text: str) -> Iterator[str]:
    said = f"{request.caller} {request.method} {request.target[:200]!r} {request.body[:200]!r}"
    if status == CLOSED and request.method in METHODS:
        yield f"{text}: {said}"
    if status >= 500 and status not in BUSY:
        yield f"{status}: {said}"
    if "Traceback" in text or "site-packages" in text:
        yield f"tells of code: {said}"
    told = {*NOBODIES, "guest", "other"}
    words = SECRETS if request.caller in told else NAMES if request.caller == "annotator" else ()
    yield from (f"tells {word!r}: {said}" for word in words if word in text)
