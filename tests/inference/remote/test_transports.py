"""The two ways to a server: which is taken, and that nobody can tell them apart."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import replace

import pytest

from arena.catalog.dialects import AZURE, ENGINE, MANAGED_VLLM, OPENAI, VLLM, Dialect
from arena.inference.backend import Delta
from arena.inference.errors import InferenceError
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.loopback_transport import LoopbackTransport
from arena.inference.remote.openai_transport import OpenAITransport
from arena.inference.remote.request import Endpoint
from arena.inference.remote.transport import Transport
from arena.inference.remote.transports import open_transport
from arena.inference.remote.waits import Retries, Timeouts
from tests.fakes.chat_requests import ask, reply_of
from tests.fakes.clock import VirtualClock
from tests.fakes.openai_server import (
    DONE,
    REPLY,
    Answer,
    FakeOpenAIServer,
    Pause,
    Respond,
    Stall,
    chunk,
    error,
    fake_openai_server,
    in_turn,
    recital,
    split_bytes,
)
from tests.fakes.waiting import until
from tests.inference.remote.misbehaviour import BROKEN, Way, failure_of

pytestmark = pytest.mark.anyio

HERE = replace(OPENAI, is_started_here=True)
MORE: dict[str, Answer] = {
    "an error in the words of FastAPI": Answer(
        [b'{"detail": [{"msg": "field required"}]}'], 422, "application/json"
    ),
    "an error without a body": Answer([], 500, "application/json"),
    "a key in a header that breaks": error(403, "no key sk-proj-abcdEFGH1234"),
    "a context that is too short": error(400, "x", code="context_length_exceeded"),
    "an error of no shape": Answer([b"[1, 2]"], 400, "application/json"),
    "a document": Answer([b'{"error": "no such model"}'], content_type="application/json"),
    "an error event that is a text": Answer([b'data: {"error": "no"}\n\n']),
    "an error event without words": Answer([b'data: {"error": {"code": 7}}\n\n']),
    "bytes that are no UTF-8": Answer([b"data: \xff\xfe\n\n"]),
}


@asynccontextmanager
async def talking(
    respond: Respond = recital, dialect: Dialect = HERE, timeouts: Timeouts | None = None
) -> AsyncGenerator[tuple[OpenAIBackend, FakeOpenAIServer], None]:
    async with fake_openai_server(respond) as server:
        backend = OpenAIBackend(
            Endpoint(server.base_url, "some-model", "secret", dialect),
            clock=VirtualClock(automatic=True),
            timeouts=timeouts,
            retries=Retries(count=0),
        )
        try:
            yield backend, server
        finally:
            await backend.close()


async def failed(answer: Answer, dialect: Dialect, timeouts: Timeouts | None) -> InferenceError:
    async with talking(in_turn(answer), dialect, timeouts) as (backend, _):
        return await failure_of(backend)


@pytest.mark.parametrize(
    ("dialect", "way"),
    [
        *((dialect, LoopbackTransport) for dialect in (ENGINE, MANAGED_VLLM)),
        *((dialect, OpenAITransport) for dialect in (OPENAI, VLLM, AZURE)),
    ],
)
async def test_only_what_was_started_here_is_reached_the_short_way(
    dialect: Dialect, way: type[Transport]
) -> None:
    transport = open_transport(Endpoint("http://127.0.0.1:1/v1", "m", dialect=dialect), Timeouts())
    assert type(transport) is way
    await transport.close()


@pytest.mark.parametrize("way", BROKEN.values(), ids=BROKEN)
async def test_a_misbehaviour_is_told_in_the_same_words(way: Way) -> None:
    ours, theirs = [await failed(way.answer, one, way.timeouts) for one in (HERE, OPENAI)]
    assert (type(ours), str(ours)) == (type(theirs), str(theirs))
    assert (ours.retryable, ours.retry_after_s) == (theirs.retryable, theirs.retry_after_s)


@pytest.mark.parametrize("answer", MORE.values(), ids=MORE)
async def test_a_refusal_is_told_in_the_same_words(answer: Answer) -> None:
    ours, theirs = [await failed(answer, one, None) for one in (HERE, OPENAI)]
    assert (type(ours), str(ours)) == (type(theirs), str(theirs))


@pytest.mark.parametrize("is_closed", [False, True])
async def test_a_server_or_a_client_that_is_gone_is_told_in_the_same_words(
    *, is_closed: bool
) -> None:
    async with fake_openai_server() as server:
        address = server.base_url
    said = []
    for dialect in (HERE, OPENAI):
        backend = OpenAIBackend(
            Endpoint(address, "some-model", dialect=dialect),
            clock=VirtualClock(),
            retries=Retries(count=0),
        )
        if is_closed:
            await backend.close()
        said.append(str(await failure_of(backend)))
        await backend.close()
    assert said[0] == said[1]


async def test_no_proxy_of_the_environment_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    async with talking() as (backend, _):
        assert (await reply_of(backend, ask("hi"))).text == REPLY


async def test_an_engine_is_sent_its_key_and_nothing_of_who_asks() -> None:
    async with talking() as (backend, server):
        await reply_of(backend, ask("hi"))
    names = {"host", "authorization", "content-type", "content-length"}
    assert server.fields[0].keys() == names
    assert server.fields[0]["host"] == f"127.0.0.1:{server.port}"


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
async def test_lines_may_end_in_crlf_and_be_split_anywhere(size: int) -> None:
    events = [chunk("你好"), b": ping\n\n", b"event: x\nid: 1\n", chunk(" z"), chunk(finish="stop")]
    crlf = [one.replace(b"\n", b"\r\n") for one in (*events, DONE)]
    for dialect in (HERE, OPENAI):
        async with talking(in_turn(Answer(split_bytes(*crlf, size=size))), dialect) as (backend, _):
            assert (await reply_of(backend, ask("hi"))).text == "你好 z"


async def test_an_event_of_several_data_lines_is_one() -> None:
    lines = b'data: {"choices": [{"delta":\ndata:  {"content": "x"}}]}\n\n'
    for dialect in (HERE, OPENAI):
        answer = in_turn(Answer([lines, chunk(finish="stop"), DONE]))
        async with talking(answer, dialect) as (backend, _):
            assert (await reply_of(backend, ask("hi"))).text == "x"


async def test_a_reader_that_does_not_keep_up_stops_the_server() -> None:
    flood = [chunk("x" * 100_000)] * 400
    async with talking(in_turn(Answer([*flood, chunk(finish="stop"), DONE])), ENGINE) as (
        backend,
        server,
    ):
        async with aclosing(backend.stream(ask("hi"))) as events:
            assert isinstance(await anext(events), Delta)
            await _rests(server)
            assert server.sent < len(flood)
            rest = [len(event.text) async for event in events if isinstance(event, Delta)]
        assert sum(rest) == 100_000 * (len(flood) - 1)


async def _rests(server: FakeOpenAIServer) -> None:
    """Return once the server sends nothing more."""
    before = -1
    while before != server.sent:
        before = server.sent
        for _ in range(100):
            await asyncio.sleep(0)


async def test_a_stream_that_stalls_after_its_end_is_not_waited_for() -> None:
    answer = Answer([chunk("x"), chunk(finish="stop"), DONE, Stall()])
    async with talking(in_turn(answer)) as (backend, server):
        assert (await reply_of(backend, ask("hi"))).text == "x"
        await until(lambda: server.active == 0)


async def test_closing_the_backend_ends_its_streams() -> None:
    async with talking(in_turn(Answer([chunk("x"), Stall()])), ENGINE) as (backend, server):
        async with aclosing(backend.stream(ask("hi"))) as events:
            assert await anext(events) == Delta("x")
            await backend.close()
            with pytest.raises(InferenceError, match="connection failed or lost"):
                await anext(events)
        await until(lambda: server.active == 0)


async def test_a_slow_answer_that_is_not_wanted_any_more_is_cut_off() -> None:
    late = Answer([chunk("x"), chunk(finish="stop"), DONE], before=[Pause(5)])
    async with talking(in_turn(late)) as (backend, server):
        task = asyncio.create_task(reply_of(backend, ask("hi")))
        await until(lambda: server.active == 1)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await backend.close()
