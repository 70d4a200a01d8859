"""The OpenAI client copes with everything that a server may say."""

import asyncio
from contextlib import aclosing

import pytest

from arena.catalog.dialects import VLLM
from arena.domain.conversation import FinishReason, Message, Role, Sampling
from arena.inference.backend import ChatRequest, Delta
from arena.inference.errors import (
    BrokenReply,
    ContentFiltered,
    ContextExceeded,
    InferenceError,
    ModelOverloaded,
    ModelUnavailable,
    RequestRefused,
)
from tests.fakes.chat_requests import ask, reply_of, user
from tests.fakes.openai_server import (
    DONE,
    REPLY,
    Answer,
    Cut,
    Stall,
    chunk,
    error,
    in_turn,
    split_bytes,
    sse,
)
from tests.fakes.waiting import until
from tests.inference.remote.talking import GOOD, reply_to, talking_to

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("each_transport")]


async def test_a_reply_comes_with_text_reason_and_usage() -> None:
    reply = await reply_to(GOOD)
    assert (reply.text, reply.finished.reason) == ("fine", FinishReason.STOP)
    assert (reply.finished.prompt_tokens, reply.finished.reply_tokens) == (3, 1)


async def test_a_server_without_usage_leaves_the_counts_unknown() -> None:
    reply = await reply_to(Answer([chunk("a"), chunk(finish="length"), DONE]))
    assert reply.finished.reason is FinishReason.LENGTH
    assert reply.finished.reply_tokens is None


async def test_characters_cut_between_packets_arrive_whole() -> None:
    events = [chunk("你好，"), chunk("世界"), chunk(finish="stop"), DONE]
    assert (await reply_to(Answer(split_bytes(*events)))).text == "你好，世界"


async def test_a_huge_delta_is_no_problem() -> None:
    reply = await reply_to(Answer([chunk("x" * 2_000_000), chunk(finish="stop"), DONE]))
    assert len(reply.text) == 2_000_000


async def test_empty_choices_and_unknown_fields_are_skipped() -> None:
    odd = sse({"id": "1", "choices": [], "prompt_filter_results": [{"index": 0}]})
    null = sse({"id": "1", "choices": None})
    assert (await reply_to(Answer([odd, null, chunk("a"), chunk(finish="stop"), DONE]))).text == "a"


async def test_comments_that_keep_the_connection_alive_are_no_events() -> None:
    assert (await reply_to(Answer([b": ping\n\n", *GOOD.steps]))).text == "fine"


async def test_reasoning_in_its_own_field_is_kept_apart() -> None:
    steps = [chunk(reasoning_content="why"), chunk("a"), chunk(finish="stop"), DONE]
    reply = await reply_to(Answer(steps))
    assert (reply.text, reply.reasoning) == ("a", "why")


async def test_reasoning_in_tags_is_kept_apart() -> None:
    steps = [chunk("<thi"), chunk("nk>why</th"), chunk("ink>\n\na"), chunk(finish="stop"), DONE]
    reply = await reply_to(Answer(steps))
    assert (reply.text, reply.reasoning) == ("a", "why")


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (Answer([chunk("a"), DONE]), BrokenReply),
        (Answer([chunk("a")]), BrokenReply),
        (Answer([]), BrokenReply),
        (Answer([chunk("a"), Cut()]), ModelUnavailable),
        (Answer([Cut()]), ModelUnavailable),
        (Answer([b"<html>welcome</html>"], content_type="text/html"), BrokenReply),
        (Answer([b'{"choices": []}'], content_type="application/json"), BrokenReply),
        (Answer([chunk("a"), b"data: {broken\n\n"]), BrokenReply),
        (Answer([b"data: \xff\xfe\n\n"]), BrokenReply),
        (Answer([chunk("a"), sse({"error": {"message": "late"}})]), BrokenReply),
        (Answer([chunk(finish="content_filter"), DONE]), ContentFiltered),
        (Answer([sse({"choices": [{"delta": {"content": 7}}]})]), BrokenReply),
        (Answer([sse({"choices": ["text"]}), DONE]), BrokenReply),
        (error(400, "bad parameter"), RequestRefused),
        (error(401, "wrong key"), RequestRefused),
        (error(404, "no such model"), RequestRefused),
        (error(400, "too long", code="context_length_exceeded"), ContextExceeded),
        (error(400, "This model's maximum context length is 4096 tokens"), ContextExceeded),
        (error(429, "slow down"), ModelOverloaded),
        (error(503, "busy"), ModelOverloaded),
        (error(500, "oops"), ModelUnavailable),
        (Answer([b"<html>502</html>"], 502, "text/html"), ModelUnavailable),
    ],
)
async def test_everything_that_goes_wrong_is_an_inference_error(
    answer: Answer, expected: type[InferenceError]
) -> None:
    with pytest.raises(expected) as caught:
        await reply_to(answer)
    assert type(caught.value) is expected


HALF, OTHER_HALF = "\\ud83d", "\\ude00"


def escaped(*pieces: str, field: str = "content") -> Answer:
    """A reply as servers write it that escape what is not ASCII, halves of characters alike."""
    deltas = [
        f'data: {{"choices": [{{"delta": {{"{field}": "{piece}"}}}}]}}\n\n'.encode()
        for piece in pieces
    ]
    return Answer([*deltas, chunk(finish="stop"), DONE])


@pytest.mark.parametrize(
    ("pieces", "text"),
    [
        ((HALF, OTHER_HALF), "\N{GRINNING FACE}"),
        (("a" + HALF, OTHER_HALF + "b"), "a\N{GRINNING FACE}b"),
        ((HALF, "", OTHER_HALF), "\N{GRINNING FACE}"),
        ((HALF, "a"), "\ufffda"),
        (("a", HALF), "a\ufffd"),
        ((OTHER_HALF, "a"), "\ufffda"),
        ((HALF + OTHER_HALF,), "\N{GRINNING FACE}"),
        (("<think>" + HALF, OTHER_HALF + "</think>b"), "b"),
    ],
)
async def test_halves_of_characters_are_joined_across_deltas_and_lone_ones_replaced(
    pieces: tuple[str, ...], text: str
) -> None:
    assert (await reply_to(escaped(*pieces))).text == text


async def test_halves_in_reasoning_are_joined_too() -> None:
    reasoned = await reply_to(escaped(HALF, OTHER_HALF, HALF, field="reasoning_content"))
    assert reasoned.reasoning == "\N{GRINNING FACE}\ufffd"
    inline = await reply_to(escaped("<think>", HALF, OTHER_HALF, "</think>b"))
    assert inline.reasoning == "\N{GRINNING FACE}"


async def test_halves_in_an_error_are_replaced() -> None:
    wrong = Answer([b'data: {"error": {"message": "no \\ud83d"}}\n\n'])
    with pytest.raises(BrokenReply) as caught:
        await reply_to(wrong)
    str(caught.value).encode()


async def test_the_request_carries_key_system_prompt_and_sampling() -> None:
    sampling = Sampling(temperature=0.5, top_p=0.9, top_k=3, max_new_tokens=9, stop=("X",), seed=1)
    async with talking_to(system_prompt="Be brief.") as (backend, server):
        await reply_of(backend, ChatRequest(user("hi"), sampling))
    body = server.requests[0]
    assert server.authorizations == ["bearer secret"]
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    given = {name: body[name] for name in ("temperature", "top_p", "max_tokens", "stop", "seed")}
    assert given == {"temperature": 0.5, "top_p": 0.9, "max_tokens": 9, "stop": ["X"], "seed": 1}
    assert "top_k" not in body


async def test_extras_go_only_to_servers_that_know_them() -> None:
    request = ChatRequest(user("hi"), Sampling(top_k=3, repetition_penalty=1.1), "Once")
    async with talking_to(dialect=VLLM) as (backend, server):
        await reply_of(backend, request)
    body = server.requests[0]
    assert (body["top_k"], body["repetition_penalty"]) == (3, 1.1)
    assert (body["continue_final_message"], body["add_generation_prompt"]) == (True, False)
    assert body["messages"][-1] == {"role": "assistant", "content": "Once"}


async def test_a_continuation_is_not_searched_for_reasoning() -> None:
    steps = [chunk("<think>"), chunk(finish="stop"), DONE]
    async with talking_to(in_turn(Answer(steps))) as (backend, _):
        reply = await reply_of(backend, ask("hi", partial="The tag is "))
    assert (reply.text, reply.reasoning) == ("<think>", "")


async def test_closing_the_stream_closes_the_connection() -> None:
    async with talking_to(in_turn(GOOD, Answer([chunk("a"), Stall()]))) as (backend, server):
        await reply_of(backend, ask("hi"))
        async with aclosing(backend.stream(ask("hi"))) as events:
            assert await anext(events) == Delta("a")
            assert server.active == 1
        await until(lambda: server.active == 0)


async def test_cancelling_the_reader_closes_the_connection() -> None:
    async with talking_to(in_turn(Answer([chunk("a"), Stall()]))) as (backend, server):
        task = asyncio.create_task(reply_of(backend, ask("hi")))
        await until(lambda: server.active == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await until(lambda: server.active == 0)


async def test_a_conversation_is_measured_by_its_bytes() -> None:
    long = (Message(Role.USER, "字" * 4000),)
    async with talking_to() as (backend, _):
        assert await backend.fits(user("short"))
        assert not await backend.fits(long)


async def test_many_replies_leave_no_connection_open() -> None:
    async with talking_to() as (backend, server):
        replies = await asyncio.gather(*(reply_of(backend, ask("hi")) for _ in range(50)))
        await until(lambda: server.active == 0)
    assert {reply.text for reply in replies} == {REPLY}
