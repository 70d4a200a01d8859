"""How streams end (streams.md): finish reasons, silence, and the server's own words."""

import json
from collections.abc import Iterable

import pytest

from arena.domain.conversation import FinishReason
from arena.inference.errors import (
    BrokenReply,
    ContentFiltered,
    InferenceError,
    ModelTimeout,
    RequestRefused,
)
from arena.inference.remote.waits import Timeouts
from tests.fakes.chat_requests import ask, reply_of
from tests.fakes.openai_server import DONE, Answer, Pause, Step, chunk, error, in_turn, sse
from tests.inference.remote.streams import KEY, STOP, choice, reply_to, said, talking_to

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("each_transport")]

SHORT = Timeouts(first_token_s=0.3, between_tokens_s=0.3)


async def failure_of(answer: Answer, timeouts: Timeouts | None = None) -> InferenceError:
    async with talking_to(in_turn(answer), timeouts=timeouts) as (backend, _):
        with pytest.raises(InferenceError) as caught:
            await reply_of(backend, ask("hi"))
    return caught.value


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
