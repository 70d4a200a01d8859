"""The OpenAI client waits and tries again where that helps, and not for ever."""

import pytest

from arena.inference.errors import ModelOverloaded, ModelTimeout, ModelUnavailable, RequestRefused
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.request import Endpoint
from arena.inference.remote.waits import Retries, Timeouts
from tests.fakes.chat_requests import ask, reply_of
from tests.fakes.clock import VirtualClock
from tests.fakes.openai_server import Answer, Cut, Stall, Step, chunk, error, in_turn
from tests.inference.remote.talking import GOOD, reply_to, talking_to

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("each_transport")]

SHORT = Timeouts(connect_s=5, first_token_s=0.2, between_tokens_s=0.2)


@pytest.mark.parametrize("steps", [[], [chunk("")], [chunk("a")]])
async def test_a_server_that_falls_silent_is_a_timeout(steps: list[bytes]) -> None:
    silent: list[Step] = [*steps, Stall()]
    with pytest.raises(ModelTimeout):
        await reply_to(Answer(silent), timeouts=SHORT)


async def test_silence_after_the_finish_reason_costs_only_the_usage() -> None:
    steps: list[Step] = [chunk("a"), chunk(finish="stop"), Stall()]
    reply = await reply_to(Answer(steps), timeouts=SHORT)
    assert (reply.text, reply.finished.reply_tokens) == ("a", None)


async def test_a_server_that_is_not_there_is_unavailable() -> None:
    async with talking_to() as (_, server):
        port = server.port
    endpoint = Endpoint(f"http://127.0.0.1:{port}/v1", "some-model")
    backend = OpenAIBackend(endpoint, clock=VirtualClock(), retries=Retries(count=0))
    with pytest.raises(ModelUnavailable):
        await reply_of(backend, ask("hi"))
    await backend.close()


async def test_a_passing_error_before_the_first_delta_is_tried_again() -> None:
    reply = await reply_to(error(500, "oops"), Answer([Cut()]), GOOD, retries=2)
    assert reply.text == "fine"


async def test_nothing_is_tried_again_after_the_first_delta() -> None:
    cut = Answer([chunk("a"), Cut()])
    async with talking_to(in_turn(cut, GOOD), retries=2) as (backend, server):
        with pytest.raises(ModelUnavailable):
            await reply_of(backend, ask("hi"))
        assert len(server.requests) == 1


async def test_trying_again_does_not_outlast_the_patience_for_the_first_text() -> None:
    answers = in_turn(error(500, "oops"), GOOD)
    async with talking_to(answers, retries=2, timeouts=SHORT) as (backend, server):
        with pytest.raises(ModelUnavailable):
            await reply_of(backend, ask("hi"))
        assert len(server.requests) == 1


async def test_a_lasting_error_is_not_tried_again() -> None:
    async with talking_to(in_turn(error(401, "wrong key"), GOOD), retries=2) as (backend, server):
        with pytest.raises(RequestRefused):
            await reply_of(backend, ask("hi"))
        assert len(server.requests) == 1


async def test_retry_after_is_waited_for() -> None:
    clock = VirtualClock(automatic=True)
    busy = in_turn(error(429, "later", retry_after="3"), GOOD)
    async with talking_to(busy, retries=1, clock=clock) as (backend, _):
        await reply_of(backend, ask("hi"))
    assert clock.monotonic() == 3.0


async def test_a_server_that_wants_too_much_patience_is_given_up() -> None:
    clock = VirtualClock(automatic=True)
    busy = in_turn(error(429, "later", retry_after="3600"), GOOD)
    async with talking_to(busy, retries=1, clock=clock) as (backend, _):
        with pytest.raises(ModelOverloaded):
            await reply_of(backend, ask("hi"))
    assert clock.monotonic() == 0.0


async def test_an_exhausted_quota_is_not_tried_again() -> None:
    poor = in_turn(error(429, "pay", code="insufficient_quota"), GOOD)
    async with talking_to(poor, retries=2) as (backend, server):
        with pytest.raises(ModelOverloaded):
            await reply_of(backend, ask("hi"))
        assert len(server.requests) == 1


async def test_the_other_name_of_the_budget_is_learned_once() -> None:
    refusal = error(400, "Unsupported 'max_tokens'. Use 'max_completion_tokens' instead.")
    async with talking_to(in_turn(refusal, GOOD)) as (backend, server):
        await reply_of(backend, ask("hi", tokens=5))
        await reply_of(backend, ask("hi", tokens=6))
    budgets = [(r.get("max_tokens"), r.get("max_completion_tokens")) for r in server.requests]
    assert budgets == [(5, None), (None, 5), (None, 6)]
