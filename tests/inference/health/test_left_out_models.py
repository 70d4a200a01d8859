"""A model whose replies break is left out, and comes back after a good reply to a short chat."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

import pytest

from arena.domain.backoff import Backoff
from arena.domain.conversation import ModelKey, Sampling
from arena.inference.backend import ModelState, ModelStatus
from arena.inference.errors import InferenceError
from arena.inference.health import BreakerTimings, ModelHealth
from arena.inference.pool import ModelPool
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.request import Endpoint
from arena.inference.remote.server_watch import ProbeTimings
from arena.inference.remote.waits import Retries
from tests.fakes.chat_requests import ask
from tests.fakes.clock import VirtualClock
from tests.fakes.openai_server import (
    DONE,
    Answer,
    Cut,
    FakeOpenAIServer,
    chunk,
    error,
    fake_openai_server,
    recital,
)
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

KEY = ModelKey("model")
SAMPLING = Sampling(temperature=0.3, max_new_tokens=77)
READY, FAILED = ModelState.READY, ModelState.FAILED
OOPS = error(500, "oops")


@asynccontextmanager
async def pooled(
    server: FakeOpenAIServer, clock: VirtualClock, *, timings: BreakerTimings | None = None
) -> AsyncGenerator[ModelPool, None]:
    """A pool of one remote model that is ready."""
    backend = OpenAIBackend(
        Endpoint(server.base_url, "some-model"),
        clock=clock,
        retries=Retries(count=0),
        probe=ProbeTimings(answer_s=30.0),
    )
    health = ModelHealth({KEY: SAMPLING}, clock=clock, timings=timings)
    pool = ModelPool({KEY: backend}, health=health)
    await pool.start()
    await until(lambda: state_of(pool) is READY)
    try:
        yield pool
    finally:
        await pool.close()


def state_of(pool: ModelPool) -> ModelState:
    """The state that battles see; the administrator reads the same."""
    state = pool.states()[KEY]
    assert status_of(pool).state is state
    return state


def status_of(pool: ModelPool) -> ModelStatus:
    return pool.statuses()[KEY]


async def reply(pool: ModelPool) -> None:
    async for _ in pool.stream(KEY, ask("hi")):
        pass


async def fail(pool: ModelPool, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(InferenceError):
            await reply(pool)


async def wait(clock: VirtualClock, seconds: float) -> None:
    await clock.settle()
    await clock.advance(seconds)


def says(answer: Answer) -> Callable[[dict[str, Any]], Answer]:
    return lambda _: answer


BROKEN = {
    "no connection": Answer([], before=[Cut()]),
    "cut": Answer([chunk("a"), Cut()]),
    "server error": OOPS,
    "key revoked": error(401, "key revoked"),
    "no such model": error(404, "no such model"),
    "no credit": error(402, "pay first"),
    "system role": error(400, "System role not supported"),
    "quota": error(429, "pay first", code="insufficient_quota"),
    "no finish reason": Answer([chunk("a"), DONE]),
    "unknown finish reason": Answer([chunk("a", "dunno"), DONE]),
    "error with status 200": Answer([b'{"error": "no"}'], content_type="application/json"),
    "page with status 200": Answer([b"<html>hi</html>"], content_type="text/html"),
    "empty": Answer([chunk(finish="stop"), DONE]),
    "blank": Answer([chunk(" \n"), chunk(finish="stop"), DONE]),
    "only reasoning": Answer([chunk(reasoning_content="hm"), chunk(finish="length"), DONE]),
}


@pytest.mark.parametrize("answer", BROKEN.values(), ids=BROKEN)
async def test_three_broken_replies_in_a_row_take_a_model_out_and_a_short_chat_brings_it_back(
    answer: Answer,
) -> None:
    clock = VirtualClock()
    async with fake_openai_server() as server, pooled(server, clock) as pool:
        server.respond = says(answer)
        await fail(pool, 2)
        assert state_of(pool) is READY
        await fail(pool)
        assert state_of(pool) is FAILED
        assert pool.ready_keys() == frozenset()
        server.respond = recital
        asked = len(server.requests)
        await wait(clock, 2.0)
        await until(lambda: state_of(pool) is READY)
        (chat,) = server.requests[asked:]
        assert chat["messages"] == [
            {"role": "user", "content": "Please say hello in one short sentence."}
        ]
        assert (chat["temperature"], chat["max_tokens"]) == (0.3, 77)
        assert status_of(pool).failure is None


async def test_a_list_of_models_brings_nobody_back() -> None:
    clock = VirtualClock()
    async with fake_openai_server(says(OOPS)) as server, pooled(server, clock) as pool:
        await fail(pool, 3)
        for number, pause in enumerate((2.0, 4.0, 8.0), start=1):
            await wait(clock, pause)
            await until(partial(has_asked, server, 3 + number))
            assert state_of(pool) is FAILED
        assert server.probes == 1


def has_asked(server: FakeOpenAIServer, times: int) -> bool:
    return len(server.requests) == times and server.active == 0


async def test_short_chats_become_ever_rarer_up_to_the_longest_wait() -> None:
    clock = VirtualClock()
    timings = BreakerTimings(backoff=Backoff(2.0, 5.0))
    async with (
        fake_openai_server(says(OOPS)) as server,
        pooled(server, clock, timings=timings) as pool,
    ):
        await fail(pool, 3)
        for number, pause in enumerate([2.0, 4.0, 5.0, 5.0], start=3):
            assert f"every {pause:.0f} s" in status_of(pool).progress
            await wait(clock, pause - 0.1)
            assert len(server.requests) == number
            await clock.advance(0.1)
            await until(partial(has_failed, pool, number + 1))


def has_failed(pool: ModelPool, times: int) -> bool:
    failure = status_of(pool).failure
    return failure is not None and failure.in_a_row == times


async def test_a_model_that_only_answers_short_chats_is_drawn_ever_more_seldom() -> None:
    clock = VirtualClock()
    async with fake_openai_server() as server, pooled(server, clock) as pool:
        for pause in (2, 4, 8):
            server.respond = says(OOPS)
            await fail(pool, 3)
            assert f"every {pause} s" in status_of(pool).progress
            server.respond = recital
            await wait(clock, pause)
            await until(lambda: state_of(pool) is READY)
        await reply(pool)
        server.respond = says(OOPS)
        await fail(pool, 3)
        assert "every 2 s" in status_of(pool).progress


@pytest.mark.parametrize(
    "answer",
    [
        error(400, "too long", code="context_length_exceeded"),
        error(429, "slow down"),
        error(503, "busy"),
        Answer([chunk(finish="content_filter"), DONE]),
        Answer([chunk(finish="SAFETY"), DONE]),
        error(400, "filtered", code="content_filter"),
    ],
)
async def test_what_is_due_to_a_prompt_or_a_busy_hour_takes_no_model_out(answer: Answer) -> None:
    async with fake_openai_server() as server, pooled(server, VirtualClock()) as pool:
        server.respond = says(answer)
        await fail(pool, 5)
        assert state_of(pool) is READY
        assert has_failed(pool, 5)


async def test_a_good_reply_between_failures_keeps_a_model_and_wipes_its_failure() -> None:
    async with fake_openai_server() as server, pooled(server, VirtualClock()) as pool:
        for _ in range(3):
            server.respond = says(OOPS)
            await fail(pool, 2)
            server.respond = recital
            await reply(pool)
            assert status_of(pool).failure is None
        assert state_of(pool) is READY


async def test_replies_that_fail_together_count_as_one_loss() -> None:
    async with fake_openai_server(says(OOPS)) as server, pooled(server, VirtualClock()) as pool:
        await asyncio.gather(*(fail(pool) for _ in range(10)))
        assert "every 2 s" in status_of(pool).progress
        assert has_failed(pool, 10)


async def test_a_reply_that_nobody_wants_any_more_is_neither_good_nor_broken() -> None:
    async with fake_openai_server() as server, pooled(server, VirtualClock()) as pool:
        server.respond = says(OOPS)
        await fail(pool, 2)
        server.respond = recital
        for _ in range(3):
            events = pool.stream(KEY, ask("hi"))
            await anext(events)
            await events.aclose()
        assert state_of(pool) is READY
        assert has_failed(pool, 2)


async def test_the_last_failure_is_kept_with_its_words_and_its_time() -> None:
    clock = VirtualClock()
    async with fake_openai_server() as server, pooled(server, clock) as pool:
        server.respond = says(error(402, "Insufficient credits"))
        await fail(pool)
        await clock.advance(60)
        at = clock.now()
        await fail(pool)
        failure = status_of(pool).failure
        assert failure is not None
        assert (failure.at, failure.in_a_row) == (at, 2)
        assert "HTTP 402: Insufficient credits" in failure.sentence
        assert "no credit left" in failure.sentence


async def test_a_budget_spent_on_reasoning_says_what_to_change() -> None:
    async with fake_openai_server() as server, pooled(server, VirtualClock()) as pool:
        server.respond = says(BROKEN["only reasoning"])
        await fail(pool)
        failure = status_of(pool).failure
    assert failure is not None
    assert failure.sentence == (
        "model: the budget of 64 tokens was spent on reasoning: raise max_new_tokens"
    )


async def test_a_continuation_that_adds_nothing_is_no_empty_reply() -> None:
    async with fake_openai_server() as server, pooled(server, VirtualClock()) as pool:
        server.respond = says(BROKEN["empty"])
        async for _ in pool.stream(KEY, ask("hi", partial="So far")):
            pass
        assert status_of(pool).failure is None


async def test_control_tokens_in_replies_are_counted_with_the_last_time() -> None:
    clock = VirtualClock()
    leaking = Answer([chunk("Yes.<|im_"), chunk("end|>\n[INST]"), chunk(finish="stop"), DONE])
    async with fake_openai_server() as server, pooled(server, clock) as pool:
        await reply(pool)
        assert status_of(pool).control_tokens is None
        server.respond = says(leaking)
        await reply(pool)
        await clock.advance(60)
        await reply(pool)
        found = status_of(pool).control_tokens
    assert found is not None
    assert (found.replies, found.at) == (2, clock.now())
    assert found.tokens == ("<|im_end|>", "[INST]")


async def test_closing_the_pool_ends_the_short_chats() -> None:
    clock = VirtualClock()
    async with fake_openai_server(says(OOPS)) as server:
        async with pooled(server, clock) as pool:
            await fail(pool, 3)
        await wait(clock, 1000)
        assert len(server.requests) == 3
