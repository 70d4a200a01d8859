"""What servers send, by kind (streams.md): what becomes of it at the client."""

import json
from collections.abc import AsyncGenerator, Iterable
from contextlib import aclosing, asynccontextmanager
from typing import Any

import pytest

from arena.catalog.dialects import ENGINE, OPENAI, VLLM, Dialect
from arena.domain.conversation import FinishReason, Message, Role, Sampling
from arena.domain.reasoning_tags import Tags
from arena.inference.backend import ChatRequest, Delta
from arena.inference.errors import (
    BrokenReply,
    ContentFiltered,
    InferenceError,
    ModelTimeout,
    RequestRefused,
)
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.reasoning import UnopenedReasoning
from arena.inference.remote.request import Endpoint
from arena.inference.remote.waits import Retries, Timeouts
from tests.fakes.chat_requests import Reply, ask, reply_of
from tests.fakes.clock import VirtualClock
from tests.fakes.openai_server import (
    DONE,
    Answer,
    FakeOpenAIServer,
    Pause,
    Respond,
    Stall,
    Step,
    chunk,
    error,
    fake_openai_server,
    in_turn,
    sse,
)

pytestmark = pytest.mark.anyio

KEY = "sk-0123456789abcdef"
SHORT = Timeouts(first_token_s=0.3, between_tokens_s=0.3)
STOP = chunk(finish="stop")
PLAIN = Answer([chunk("A plain answer."), STOP, DONE])


@asynccontextmanager
async def talking_to(
    respond: Respond, *, timeouts: Timeouts | None = None, dialect: Dialect = OPENAI, **row: Any
) -> AsyncGenerator[tuple[OpenAIBackend, FakeOpenAIServer], None]:
    async with fake_openai_server(respond) as server:
        backend = OpenAIBackend(
            Endpoint(server.base_url, "some-model", KEY, dialect, **row),
            clock=VirtualClock(automatic=True),
            timeouts=timeouts,
            retries=Retries(count=0),
        )
        await backend.start()
        try:
            yield backend, server
        finally:
            await backend.close()


async def reply_to(*steps: Step, timeouts: Timeouts | None = None, **row: Any) -> Reply:
    answer = in_turn(Answer(steps))
    async with talking_to(answer, timeouts=timeouts, **row) as (backend, _):
        return await reply_of(backend, ask("What is 2 + 2?"))


async def failure_of(answer: Answer, timeouts: Timeouts | None = None) -> InferenceError:
    async with talking_to(in_turn(answer), timeouts=timeouts) as (backend, _):
        with pytest.raises(InferenceError) as caught:
            await reply_of(backend, ask("hi"))
    return caught.value


def said(*pieces: str) -> list[bytes]:
    return [*map(chunk, pieces), STOP, DONE]


def choice(**fields: Any) -> bytes:
    """A chunk whose one choice has just these fields."""
    return sse({"id": "1", "object": "chat.completion.chunk", "choices": [fields]})


class TestReasoning:
    @pytest.mark.parametrize(
        "pieces",
        [
            ["hm</think>Four."],
            ["hm", "</think>", "Four."],
            ["hm</th", "ink>\n\nFo", "ur."],
            list("hm</think>Four."),
        ],
    )
    async def test_a_closing_tag_that_nothing_opened(self, pieces: list[str]) -> None:
        reply = await reply_to(*said(*pieces))
        assert (reply.text, reply.reasoning.strip()) == ("Four.", "hm")

    async def test_a_row_may_say_that_replies_begin_in_reasoning(self) -> None:
        row: dict[str, Any] = {"reasoning": Tags("", "</think>")}
        reply = await reply_to(*said("hm", "</think>", "Four."), **row)
        assert (reply.text, reply.reasoning) == ("Four.", "hm")
        unclosed = await reply_to(*said("hm"), **row)
        assert (unclosed.text, unclosed.reasoning) == ("", "hm")

    async def test_a_row_may_say_its_tags(self) -> None:
        row: dict[str, Any] = {"reasoning": Tags("«", "»")}
        reply = await reply_to(*said("«hm", "»Four."), **row)
        assert (reply.text, reply.reasoning) == ("Four.", "hm")

    @pytest.mark.parametrize(
        "reply",
        [
            "<think>a</think>b",
            "[THINK]a[/THINK]b",
            "<thinking>a</thinking>b",
            "<reasoning>a</reasoning><answer>b</answer>",
            "<|channel|>analysis<|message|>a<|end|><|start|>assistant<|channel|>final<|message|>b",
            "<seed:think>a</seed:think>b",
            "\u25c1think\u25b7a\u25c1/think\u25b7b",
        ],
    )
    async def test_tags_and_channels_of_the_usual_families(self, reply: str) -> None:
        for pieces in ([reply], list(reply)):
            whole = await reply_to(*said(*pieces))
            assert (whole.text, whole.reasoning) == ("b", "a")

    async def test_reasoning_that_was_handed_on_as_an_answer_breaks_that_one_reply(self) -> None:
        thinks = Answer(said("hm, two and two", "</think>Four."))
        async with talking_to(in_turn(PLAIN, thinks)) as (backend, _):
            await reply_of(backend, ask("hi"))
            with pytest.raises(UnopenedReasoning, match="some-model"):
                await reply_of(backend, ask("What is 2 + 2?"))
            again = await reply_of(backend, ask("What is 2 + 2?"))
            assert (again.text, again.reasoning) == ("Four.", "hm, two and two")
            assert 'reasoning: {open: "", close: "</think>"}' in backend.status.progress

    async def test_after_one_plain_reply_text_is_handed_on_as_it_comes(self) -> None:
        slow = Answer([chunk("Some words"), Stall()])
        async with talking_to(in_turn(PLAIN, slow)) as (backend, _):
            await reply_of(backend, ask("hi"))
            async with aclosing(backend.stream(ask("hi"))) as events:
                assert await anext(events) == Delta("Some words")

    async def test_our_own_engine_tells_that_the_prompt_opens_reasoning(self) -> None:
        opening = {"object": "chat.completion.chunk", "choices": [{"delta": {"content": ""}}]}
        told = sse(opening | {"rendered_prompt": "user: hi\nassistant: <think>\n"})
        reply = await reply_to(told, *said("hm", "</think>Four."), dialect=ENGINE)
        assert (reply.text, reply.reasoning) == ("Four.", "hm")
        plain = sse(opening | {"rendered_prompt": "user: hi\nassistant:"})
        reply = await reply_to(plain, *said("so </think> it ", "is"), dialect=ENGINE)
        assert reply.text == "so </think> it is"

    async def test_a_reply_that_a_server_begins_anew_is_split_again(self) -> None:
        row: dict[str, Any] = {"reasoning": Tags("", "</think>")}
        request = ask("hi", partial="Four, ")
        for dialect, text in ((OPENAI, "and more"), (VLLM, "hm</think>and more")):
            respond = in_turn(Answer(said("hm</think>and more")))
            async with talking_to(respond, dialect=dialect, **row) as (backend, _):
                assert (await reply_of(backend, request)).text == text


class TestParts:
    async def test_content_as_a_list_of_parts(self) -> None:
        parts = [{"type": "text", "text": "x"}, {"type": "thinking", "thinking": "hm"}]
        reply = await reply_to(choice(delta={"content": parts}), STOP, DONE)
        assert (reply.text, reply.reasoning) == ("x", "hm")

    @pytest.mark.parametrize(
        ("content", "text", "reasoning"),
        [
            ([{"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]}], "", "hm"),
            (["x", "y"], "xy", ""),
            ({"type": "text", "text": "x"}, "x", ""),
            ([{"type": "output_text", "text": {"value": "x"}}], "x", ""),
            ([{"type": "reasoning", "text": "hm"}, {"type": "text", "text": "x"}], "x", "hm"),
            ([{"type": "image_url", "image_url": {"url": "y"}}, "x"], "x", ""),
            ([{"type": "text", "text": "<think>hm</think>x"}], "x", "hm"),
            ([{"type": "text", "text": None}, None, "x"], "x", ""),
        ],
    )
    async def test_parts_of_every_shape(self, content: Any, text: str, reasoning: str) -> None:
        reply = await reply_to(choice(delta={"content": content}), STOP, DONE)
        assert (reply.text, reply.reasoning) == (text, reasoning)

    @pytest.mark.parametrize(
        "field", ["reasoning_content", "reasoning", "thinking", "reasoning_details"]
    )
    async def test_reasoning_in_a_field_of_any_name(self, field: str) -> None:
        words: Any = [{"type": "reasoning.text", "text": "hm"}] if "details" in field else "hm"
        reply = await reply_to(choice(delta={field: words}), *said("x"))
        assert (reply.text, reply.reasoning) == ("x", "hm")

    async def test_reasoning_under_two_names_counts_once(self) -> None:
        delta = {"reasoning": "hm", "reasoning_content": "hm"}
        assert (await reply_to(choice(delta=delta), *said("x"))).reasoning == "hm"

    async def test_a_refusal_is_what_the_model_says(self) -> None:
        reply = await reply_to(choice(delta={"content": None, "refusal": "No."}), STOP, DONE)
        assert reply.text == "No."

    async def test_only_reasoning_and_then_the_limit_is_a_reply_without_text(self) -> None:
        steps = chunk(reasoning_content="hm"), chunk(finish="length"), DONE
        reply = await reply_to(*steps)
        assert (reply.text, reply.reasoning) == ("", "hm")
        assert reply.finished.reason is FinishReason.LENGTH

    @pytest.mark.parametrize("count", ["many", -1, 2**70, {"a": 1}, 1.5, True])
    async def test_counts_that_are_none_cost_no_reply(self, count: Any) -> None:
        usage = sse({"choices": [], "usage": {"prompt_tokens": count, "completion_tokens": count}})
        reply = await reply_to(chunk("x"), STOP, usage, DONE)
        assert (reply.finished.prompt_tokens, reply.finished.reply_tokens) == (None, None)

    async def test_names_and_prompts_of_another_type_cost_no_reply(self) -> None:
        odd = {"model": 7, "rendered_prompt": {"a": 1}, "choices": [{"delta": {"content": "x"}}]}
        reply = await reply_to(sse(odd), STOP, DONE)
        assert (reply.text, reply.finished.rendered_prompt) == ("x", None)


STOPS = (
    *("stop", "STOP", "Stop", "stop_sequence", "STOP_SEQUENCE", "end_turn", "END_TURN", "endTurn"),
    *("eos", "EOS", "eos_token", "complete", "COMPLETE", "FINISH_REASON_STOP", "FinishReason.STOP"),
)
LIMITS = (
    *("length", "LENGTH", "max_tokens", "MAX_TOKENS", "maxTokens", "max_new_tokens"),
    *("MAX_OUTPUT_TOKENS", "model_length", "FINISH_REASON_MAX_TOKENS"),
)
FILTERS = ("content_filter", "CONTENT_FILTER", "SAFETY", "safety", "PROHIBITED_CONTENT", "refusal")


class TestFinishReasons:
    @pytest.mark.parametrize(
        ("told", "reason"),
        [*((s, FinishReason.STOP) for s in STOPS), *((s, FinishReason.LENGTH) for s in LIMITS)],
    )
    async def test_every_spelling_is_accepted(self, told: str, reason: FinishReason) -> None:
        assert (await reply_to(chunk("x", told), DONE)).finished.reason is reason

    @pytest.mark.parametrize("field", ["finishReason", "stop_reason", "stopReason", "done_reason"])
    async def test_every_name_of_the_field_is_accepted(self, field: str) -> None:
        at_choice = choice(delta={"content": "x"}, **{field: "STOP"})
        assert (await reply_to(at_choice, DONE)).finished.reason is FinishReason.STOP
        at_chunk = sse({"choices": [{"delta": {"content": "x"}}], field: "max_tokens"})
        assert (await reply_to(at_chunk, DONE)).finished.reason is FinishReason.LENGTH

    async def test_the_stop_string_that_vllm_tells_is_no_reason(self) -> None:
        steps = choice(delta={"content": "x"}, stop_reason="USER:"), chunk(finish="length"), DONE
        assert (await reply_to(*steps)).finished.reason is FinishReason.LENGTH

    @pytest.mark.parametrize("nothing", ["", "null", "FINISH_REASON_UNSPECIFIED", None])
    async def test_a_reason_that_says_nothing_is_none(self, nothing: str | None) -> None:
        reply = await reply_to(chunk("x", nothing), chunk(" y", nothing), STOP, DONE)
        assert reply.text == "x y"
        assert isinstance(await failure_of(Answer([chunk("x", nothing), DONE])), BrokenReply)

    @pytest.mark.parametrize("told", FILTERS)
    async def test_a_filter_is_a_failure_with_its_own_words(self, told: str) -> None:
        failed = await failure_of(Answer([chunk("x", told), DONE]))
        assert isinstance(failed, ContentFiltered)
        assert "content filter" in str(failed)

    async def test_no_reason_at_all_is_a_failure(self) -> None:
        failed = await failure_of(Answer([chunk("x"), DONE]))
        assert str(failed) == "some-model: the stream ended without a finish reason"

    async def test_a_tool_call_is_a_failure_that_says_so(self) -> None:
        failed = await failure_of(Answer([chunk(finish="tool_calls"), DONE]))
        assert "called a tool" in str(failed)


def without_end(step: bytes) -> list[Step]:
    """One text, and then this every 50 ms for longer than anybody waits."""
    again: Iterable[Step] = (step, Pause(0.05))
    return [chunk("x"), *(one for _ in range(40) for one in again), STOP, DONE]


class TestNothingNew:
    @pytest.mark.parametrize(
        "step",
        [
            b": ping\n\n",
            chunk(""),
            chunk(),
            choice(delta={"content": None}),
            choice(delta={"content": []}),
            choice(delta={"reasoning_content": ""}),
            choice(delta={"role": "assistant"}),
            sse({"choices": []}),
            sse({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}}),
        ],
    )
    async def test_what_brings_no_text_keeps_no_reply_alive(self, step: bytes) -> None:
        before = Answer(without_end(step)[1:])
        assert isinstance(await failure_of(before, SHORT), ModelTimeout)
        between = Answer(without_end(step))
        assert isinstance(await failure_of(between, SHORT), ModelTimeout)

    async def test_pings_before_and_between_text_are_no_trouble(self) -> None:
        reply = await reply_to(b": ping\n\n", chunk(""), chunk("x"), b": ping\n\n", *said("y"))
        assert reply.text == "xy"

    async def test_a_slow_text_between_pings_is_whole(self) -> None:
        steps = [step for n in range(4) for step in (chunk(f"{n}"), Pause(0.2), b": p\n\n")]
        assert (await reply_to(*steps, STOP, DONE, timeouts=SHORT)).text == "0123"


def document(body: str, kind: str = "application/json") -> Answer:
    return Answer([body.encode()], content_type=kind)


NO_CREDIT = {"error": {"message": f"No credit left on {KEY}", "code": 402}}


class TestTheServersOwnWords:
    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (error(400, "System role not supported"), "HTTP 400: System role not supported"),
            (error(402, "Insufficient credits"), "HTTP 402: Insufficient credits"),
            (document(json.dumps(NO_CREDIT)), "No credit left on [key]"),
            (document('{"error": "model not found"}'), "model not found"),
            (document('{"detail": [{"msg": "field required"}]}'), "field required"),
            (document("<html><title>Log in</title></html>", "text/html"), "a web page: Log in"),
            (document("<script>x</script><h1>502</h1>Bad &amp; gone", "text/html"), "502 Bad & g"),
            (document(""), "a document came instead of a stream of events: nothing"),
            (Answer([sse(NO_CREDIT)]), "No credit left on [key]"),
            (Answer([sse({"error": "model not found"})]), "model not found"),
            (Answer([sse({"object": "error", "message": "out of memory"})]), "out of memory"),
            (Answer([sse({"detail": "not allowed"}), DONE]), "not allowed"),
            (Answer([b'{"detail": "Not Found"}'], 404, "application/json"), "HTTP 404: Not Found"),
            (Answer([b"<h1>Gone</h1>"], 410, "text/html"), "HTTP 410: a web page: Gone"),
        ],
    )
    async def test_the_words_are_kept_and_keys_are_not(self, answer: Answer, words: str) -> None:
        failed = str(await failure_of(answer))
        assert words in failed
        assert failed.startswith("some-model: ")
        assert KEY not in failed
        assert len(failed) < 500

    async def test_a_refused_system_role_comes_with_what_to_write(self) -> None:
        failed = await failure_of(error(400, "System role not supported"))
        assert isinstance(failed, RequestRefused)
        assert "write `system_prompt_role: user` in its row" in str(failed)

    async def test_an_error_that_is_none_costs_no_reply(self) -> None:
        fine = {"error": None, "detail": None, "choices": [{"delta": {"content": "x"}}]}
        assert (await reply_to(sse(fine), STOP, DONE)).text == "x"

    async def test_a_filter_that_refuses_a_prompt_is_no_fault_of_the_model(self) -> None:
        filtered = error(400, "The prompt was filtered", code="content_filter")
        assert isinstance(await failure_of(filtered), ContentFiltered)

    async def test_events_under_the_type_of_a_document_are_read_all_the_same(self) -> None:
        body = b"".join(said("x"))
        async with talking_to(in_turn(document(body.decode()))) as (backend, _):
            assert (await reply_of(backend, ask("hi"))).text == "x"


class TestSystemPrompt:
    async def test_the_system_prompt_can_begin_the_first_user_message(self) -> None:
        row: dict[str, Any] = {"system_prompt": "Be brief.", "folds_system_prompt": True}
        turns = ("Hi", "Hello!", "And you?")
        roles = (Role.USER, Role.ASSISTANT, Role.USER)
        request = ChatRequest(tuple(map(Message, roles, turns)), Sampling())
        async with talking_to(in_turn(PLAIN), **row) as (backend, server):
            await reply_of(backend, request)
        assert server.requests[0]["messages"] == [
            {"role": "user", "content": "Be brief.\n\nHi"},
            {"role": "assistant", "content": "Hello!"},
            {"role": "user", "content": "And you?"},
        ]
