"""Bodies of requests are read or refused whole, before a model is asked."""

import json
from typing import Any

import pytest

from arena.domain.conversation import Message, Role, Sampling
from arena.engine.requests import ChatBody, CompletionBody, RefusedRequest, TokenizeBody, parse
from arena.engine.unsupported import IGNORED, UNSUPPORTED

QUESTION = {"role": "user", "content": "hi"}


def chat(**fields: Any) -> ChatBody:
    return parse(ChatBody, json.dumps({"messages": [QUESTION], **fields}).encode())


def refusal(**fields: Any) -> RefusedRequest:
    with pytest.raises(RefusedRequest) as refused:
        chat(**fields)
    return refused.value


@pytest.mark.parametrize("field", sorted({*ChatBody.model_fields, *UNSUPPORTED, "unknown"}))
def test_null_is_as_good_as_a_field_left_out(field: str) -> None:
    if field == "messages":
        assert refusal(messages=None).param == "messages"
    else:
        assert chat(**{field: None}) == chat()


@pytest.mark.parametrize("field", sorted(IGNORED))
@pytest.mark.parametrize("value", [True, 7, "x", {"a": 1}])
def test_an_ignored_field_may_hold_anything(field: str, value: Any) -> None:
    assert chat(**{field: value}) == chat()


@pytest.mark.parametrize("field", ["temprature", "", "mirostat", "\ud83d", "x" * 9000])
def test_a_field_that_nobody_knows_is_refused(field: str) -> None:
    error = refusal(**{field: 0})
    assert error.code == "unknown_parameter"
    assert len(str(error)) < 200
    str(error).encode()
    (error.param or "").encode()


def test_all_faults_are_told_and_the_first_is_blamed() -> None:
    error = refusal(temperature="hot", top_p=0, messages=[QUESTION, {"role": "user"}])
    assert error.param == "temperature"
    for fault in ("temperature: ", "top_p: ", "messages[1].content: Field required"):
        assert fault in str(error)


@pytest.mark.parametrize("stop", ["a", ["a"], None, []])
def test_stop_is_a_text_or_a_list_of_texts(stop: Any) -> None:
    sampling = chat(stop=stop).sampling(Sampling(stop=("the row's own",)))
    assert sampling.stop == (("a",) if stop else ())


def test_the_same_budget_under_both_names_is_one_budget() -> None:
    both = chat(max_tokens=3, max_completion_tokens=3)
    assert both.sampling(Sampling()).max_new_tokens == 3
    assert refusal(max_tokens=3, max_completion_tokens=4).param == "max_completion_tokens"


@pytest.mark.parametrize("field", ["logprobs", "prompt_logprobs", "thinking_token_budget"])
def test_zero_of_some_fields_asks_for_something(field: str) -> None:
    assert refusal(**{field: 0}).param == field


def test_a_begun_reply_stands_apart_from_the_conversation() -> None:
    begun = {"role": "assistant", "content": "It"}
    body = chat(messages=[QUESTION, begun], continue_final_message=True)
    assert body.conversation() == ([Message(Role.USER, "hi")], "It")


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"messages": [{"role": "user", "content": [{"text": "a"}, {"type": "text"}]}]}, "content"),
        ({"messages": [{"role": "user", "content": [["a"]]}]}, "content"),
        ({"messages": [{"role": "user", "content": [{"type": "\ud83d"}]}]}, "content"),
        ({"messages": [{"role": "user", "content": [{"type": ["text"]}]}]}, "content"),
        ({"messages": [QUESTION | {"\ud83d": 1}]}, "messages[0]"),
        ({"stream": True, "stream_options": {"\ud83d": 1}}, "stream_options"),
    ],
)
def test_a_part_that_is_not_understood_is_never_left_out(
    fields: dict[str, Any], param: str
) -> None:
    error = refusal(**fields)
    assert param in str(error.param)
    str(error).encode()
    str(error.param).encode()


def test_what_servers_add_to_a_reply_may_come_back_with_it() -> None:
    reply: dict[str, Any] = {
        "role": "assistant",
        "content": "hi",
        "refusal": None,
        "tool_calls": [],
    }
    added = {"annotations": [{"type": "url_citation"}], "reasoning_content": "hm"}
    plain = {"role": "assistant", "content": "hi"}
    sent, wanted = ([QUESTION, one, QUESTION] for one in (reply | added, plain))
    assert chat(messages=sent) == chat(messages=wanted)


@pytest.mark.parametrize("prompt", [["a", "b"], [], [1, 2], [[1]], 7, {"a": 1}])
def test_a_continuation_is_of_one_text(prompt: Any) -> None:
    with pytest.raises(RefusedRequest, match="prompt: "):
        parse(CompletionBody, json.dumps({"prompt": prompt}).encode())
    assert parse(CompletionBody, b'{"prompt": ["Once"]}').prompt == "Once"


@pytest.mark.parametrize("body", [{}, {"prompt": "a", "messages": [QUESTION]}])
def test_tokens_are_counted_of_a_conversation_or_a_text(body: dict[str, Any]) -> None:
    with pytest.raises(RefusedRequest, match="either messages or a prompt"):
        parse(TokenizeBody, json.dumps(body).encode())
