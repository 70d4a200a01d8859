"""What servers send, by kind (streams.md): what becomes of it at the client."""

from contextlib import aclosing
from typing import Any

import pytest

from arena.catalog.dialects import ENGINE, OPENAI, VLLM
from arena.domain.conversation import FinishReason, Message, Role, Sampling
from arena.domain.reasoning_tags import Tags
from arena.inference.backend import ChatRequest, Delta
from arena.inference.remote.reasoning import UnopenedReasoning
from tests.fakes.chat_requests import ask, reply_of
from tests.fakes.openai_server import DONE, Answer, Stall, chunk, in_turn, sse
from tests.inference.remote.streams import STOP, choice, reply_to, said, talking_to

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("each_transport")]

PLAIN = Answer([chunk("A plain answer."), STOP, DONE])


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
