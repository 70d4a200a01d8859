"""A remote model is drawn only while its server is there."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from arena.catalog.dialects import AZURE, OPENAI, Dialect
from arena.domain.backoff import Backoff
from arena.inference.backend import ModelState
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.request import Endpoint
from arena.inference.remote.server_watch import ProbeTimings
from arena.inference.remote.waits import Retries
from tests.fakes.clock import VirtualClock
from tests.fakes.openai_server import (
    Answer,
    Cut,
    FakeOpenAIServer,
    Stall,
    error,
    fake_openai_server,
    list_of,
)
from tests.fakes.waiting import until

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("each_transport")]

KEY = "a-very-secret-key"
PACE = ProbeTimings(answer_s=30.0)
READY, FAILED = ModelState.READY, ModelState.FAILED


@asynccontextmanager
async def watched(
    base_url: str,
    clock: VirtualClock,
    *,
    timings: ProbeTimings = PACE,
    dialect: Dialect = OPENAI,
) -> AsyncGenerator[OpenAIBackend, None]:
    backend = OpenAIBackend(
        Endpoint(base_url, "some-model", KEY, dialect),
        clock=clock,
        retries=Retries(count=0),
        probe=timings,
    )
    await backend.start()
    try:
        yield backend
    finally:
        await backend.close()


async def becomes(backend: OpenAIBackend, state: ModelState) -> None:
    await until(lambda: backend.state is state)


async def probed(server: FakeOpenAIServer, times: int) -> None:
    await until(lambda: server.probes == times and server.active == 0)


def told(backend: OpenAIBackend, progress: str) -> bool:
    return backend.status.progress == progress


async def test_a_server_that_lists_its_models_is_ready() -> None:
    async with fake_openai_server() as server:
        async with watched(server.base_url, VirtualClock()) as backend:
            assert backend.status.progress == "asking the server"
            await becomes(backend, READY)
            assert (backend.status.progress, backend.status.last_error) == ("", None)
        assert backend.state is ModelState.STOPPED
        assert (server.targets, server.authorizations) == (["/v1/models"], [f"bearer {KEY}"])


async def test_starting_and_closing_twice_is_no_problem() -> None:
    async with fake_openai_server() as server:
        async with watched(server.base_url, VirtualClock()) as backend:
            await backend.start()
            await becomes(backend, READY)
            await backend.close()
        assert server.probes == 1


@pytest.mark.parametrize(
    "answer",
    [
        error(404, "Not found"),
        error(405, "Method not allowed"),
        error(400, "What?"),
        error(429, "Slow down"),
        error(501, "Not here"),
        error(403, "You have insufficient permissions. Missing scopes: api.model.read"),
        Answer([b"[]"], content_type="application/json"),
        Answer([b'{"data": null}'], content_type="application/json"),
        Answer([b'{"data": [7, {"id": 8}]}'], content_type="application/json"),
        Answer([b"ok"], content_type="text/plain"),
    ],
)
async def test_a_server_without_a_list_may_be_ready_all_the_same(answer: Answer) -> None:
    async with fake_openai_server() as server:
        server.listing = answer
        async with watched(server.base_url, VirtualClock()) as backend:
            await becomes(backend, READY)


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (error(401, f"Incorrect API key: {KEY}"), "the server refuses the key"),
        (error(403, "Forbidden"), "HTTP 403"),
        (error(400, "No connected db."), "the server refuses the key"),  # LiteLLM without one
        (error(500, "oops"), "HTTP 500"),
        (error(503, "loading"), "HTTP 503"),
        (Answer([b"<html>log in</html>"], content_type="text/html"), "is base_url right?"),
        (Answer([b"{"], content_type="application/json"), "not what the protocol says"),
        (Answer([b""], 302, headers={"location": "https://x/"}), "write that in base_url"),
        (Answer([], before=[Cut()]), "connection failed or lost"),
    ],
)
async def test_a_server_that_cannot_answer_is_failed_with_the_reason(
    answer: Answer, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with fake_openai_server() as server:
        server.listing = answer
        async with watched(server.base_url, VirtualClock()) as backend:
            await becomes(backend, FAILED)
            assert reason in (backend.status.last_error or "")
            assert backend.status.progress == "asking again in 2 s"
    assert KEY not in f"{backend.status.last_error}{caplog.text}"
    assert reason in caplog.text


async def test_a_server_that_never_answers_is_failed() -> None:
    async with fake_openai_server() as server:
        server.listing = Answer([], before=[Stall()])
        timings = ProbeTimings(answer_s=0.1)
        async with watched(server.base_url, VirtualClock(), timings=timings) as backend:
            await becomes(backend, FAILED)
            assert "nothing came in time" in (backend.status.last_error or "")
        await until(lambda: server.active == 0)


async def test_closing_ends_a_probe_that_waits() -> None:
    async with fake_openai_server() as server:
        server.listing = Answer([], before=[Stall()])
        async with watched(server.base_url, VirtualClock()):
            await until(lambda: server.active == 1)
        await until(lambda: server.active == 0)


async def test_a_server_that_comes_later_is_found_by_asking_again() -> None:
    clock = VirtualClock()
    async with fake_openai_server() as gone:
        port = gone.port
    async with watched(f"http://127.0.0.1:{port}/v1", clock) as backend:
        await becomes(backend, FAILED)
        async with fake_openai_server(port=port) as server:
            await clock.advance(1.9)
            assert server.probes == 0
            await clock.advance(0.1)
            await becomes(backend, READY)
            assert backend.status.last_error is None


async def test_the_waits_between_probes_double_up_to_the_longest() -> None:
    clock = VirtualClock()
    timings = ProbeTimings(answer_s=30.0, backoff=Backoff(2.0, 5.0))
    async with fake_openai_server() as server:
        server.listing = error(500, "oops")
        async with watched(server.base_url, clock, timings=timings) as backend:
            for number, wait in enumerate([2.0, 4.0, 5.0, 5.0], start=1):
                await probed(server, number)
                await until(partial(told, backend, f"asking again in {wait:.0f} s"))
                await clock.settle()
                await clock.advance(wait - 0.1)
                assert server.probes == number
                await clock.advance(0.1)


async def test_a_model_that_its_server_does_not_list_is_told_once_and_ready(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with fake_openai_server() as server:
        server.listing = list_of("another", "third")
        async with watched(server.base_url, VirtualClock()) as backend:
            await becomes(backend, READY)
            assert backend.status.progress == "the server does not list 'some-model'"
    assert caplog.text.count("does not list") == 1


async def test_azure_is_asked_beside_its_deployments() -> None:
    async with fake_openai_server() as server:
        server.listing = list_of("gpt-4")
        base = f"http://127.0.0.1:{server.port}/openai/deployments/mine"
        async with watched(base, VirtualClock(), dialect=AZURE) as backend:
            await becomes(backend, READY)
            assert backend.status.progress == ""
        assert server.targets == ["/openai/models"]
