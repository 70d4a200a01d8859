"""A scripted model says what its script says, when its script says."""

import asyncio
from contextlib import aclosing

import pytest

from arena.catalog import Script
from arena.domain.conversation import FinishReason, Message, Role, Sampling
from arena.inference.backend import ChatRequest, Delta
from arena.inference.errors import BrokenReply, ModelUnavailable
from arena.inference.scripted_backend import ScriptedBackend, scripted_reply, scripted_tokens
from tests.fakes.chat_requests import ask, reply_of, user
from tests.fakes.clock import VirtualClock

pytestmark = pytest.mark.anyio

MARKDOWN = "# Titel\n\n- one\n- 两个字\n\n```python\nprint(1)\n```\n"


async def started(script: Script, clock: VirtualClock | None = None) -> ScriptedBackend:
    backend = ScriptedBackend(script, clock=clock or VirtualClock(automatic=True))
    await backend.start()
    return backend


@pytest.mark.parametrize(
    "text", ["one two", MARKDOWN, "你好，世界。", " leading and trailing ", ""]
)
async def test_the_tokens_of_a_text_join_to_the_same_text(text: str) -> None:
    assert "".join(scripted_tokens(text)) == text


async def test_every_chinese_sign_is_a_token() -> None:
    assert scripted_tokens("你好 abc") == ["你", "好", " abc"]


async def test_a_reply_is_recited_whole_with_markdown() -> None:
    backend = await started(Script(replies=(MARKDOWN,)))
    reply = await reply_of(backend, ask("hi"))
    assert reply.text == MARKDOWN
    assert reply.finished.reason is FinishReason.STOP
    assert reply.finished.reply_tokens == len(reply.deltas)


async def test_the_same_prompt_in_the_next_turn_gets_the_next_reply() -> None:
    first = user("hi")
    second = (*first, Message(Role.ASSISTANT, "x"), *user("hi"))
    third = (*second, Message(Role.ASSISTANT, "y"), *user("hi"))
    replies = [scripted_reply(("a", "b", "c"), turn) for turn in (first, second, third)]
    assert sorted(replies) == ["a", "b", "c"]
    assert scripted_reply(("a", "b", "c"), first) == replies[0]


async def test_tokens_come_at_the_pace_of_the_script_in_virtual_time() -> None:
    clock = VirtualClock(automatic=True)
    script = Script(replies=("a b c d",), tokens_per_second=10, first_token_delay_s=2)
    backend = await started(script, clock)
    times = [
        round(clock.monotonic(), 6)
        async for event in backend.stream(ask("hi"))
        if isinstance(event, Delta)
    ]
    assert times == [2.0, 2.1, 2.2, 2.3]


async def test_two_streams_at_once_keep_their_own_pace() -> None:
    clock = VirtualClock(automatic=True)
    fast = await started(Script(replies=("a " * 100,), tokens_per_second=100), clock)
    slow = await started(Script(replies=("a " * 10,), tokens_per_second=10), clock)
    await asyncio.gather(reply_of(fast, ask("hi")), reply_of(slow, ask("hi")))
    assert clock.monotonic() == pytest.approx(1.0, abs=0.11)


async def test_a_failure_comes_after_exactly_k_tokens() -> None:
    backend = await started(Script(replies=("a b c d",), fail_at_token=2))
    events = backend.stream(ask("hi"))
    assert [await anext(events), await anext(events)] == [Delta("a"), Delta(" b")]
    with pytest.raises(BrokenReply):
        await anext(events)


async def test_only_every_nth_reply_fails() -> None:
    backend = await started(Script(replies=("a b",), fail_at_token=0, fail_every=3))
    outcomes = []
    for _ in range(6):
        try:
            outcomes.append((await reply_of(backend, ask("hi"))).text)
        except BrokenReply:
            outcomes.append("failed")
    assert outcomes == ["a b", "a b", "failed"] * 2


async def test_a_truncated_reply_says_so_and_its_continuation_says_the_rest() -> None:
    backend = await started(Script(replies=("a b c d e",), truncate_at_token=3))
    cut = await reply_of(backend, ask("hi"))
    rest = await reply_of(backend, ask("hi", partial=cut.text))
    assert (cut.text, cut.finished.reason) == ("a b c", FinishReason.LENGTH)
    assert (rest.text, rest.finished.reason) == (" d e", FinishReason.STOP)


async def test_the_budget_of_the_request_cuts_too() -> None:
    backend = await started(Script(replies=("a b c",)))
    request = ChatRequest(user("hi"), Sampling(max_new_tokens=1))
    assert (await reply_of(backend, request)).finished.reason is FinishReason.LENGTH


async def test_a_closed_stream_counts_no_more() -> None:
    backend = await started(Script(replies=("a b c",), tokens_per_second=1))
    async with aclosing(backend.stream(ask("hi"))) as events:
        await anext(events)
        assert backend.active == 1
    assert backend.active == 0


async def test_a_model_that_was_not_started_is_unavailable() -> None:
    backend = ScriptedBackend(Script(replies=("a",)), clock=VirtualClock())
    with pytest.raises(ModelUnavailable):
        await reply_of(backend, ask("hi"))


async def test_a_long_conversation_does_not_fit_a_short_context() -> None:
    backend = ScriptedBackend(Script(replies=("a",)), clock=VirtualClock(), max_context=100)
    assert await backend.fits(user("short"))
    assert not await backend.fits(user("long " * 100))
