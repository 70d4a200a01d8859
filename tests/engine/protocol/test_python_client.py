"""The official Python client gets from an engine what OpenAI's protocol says."""

from collections.abc import Iterator
from typing import Any

import openai
import pytest
from openai.types.chat import ChatCompletion, ChatCompletionChunk

from tests.engine.protocol.asking import QUESTION
from tests.engine.protocol.refusals import REFUSALS
from tests.fakes.engine_processes import TOKEN, RunningEngine
from tests.fakes.waiting import wait_until

RAMBLING = {"ignore_eos": True}
"""The model writes up to its budget, so that there is text enough to cut."""


@pytest.fixture(scope="module")
def client(engine: RunningEngine) -> Iterator[openai.OpenAI]:
    with client_with(engine, TOKEN) as client:
        yield client


def client_with(engine: RunningEngine, key: str) -> openai.OpenAI:
    http = openai.DefaultHttpxClient(trust_env=False)
    address = f"{engine.base_url}/v1"
    return openai.OpenAI(base_url=address, api_key=key, max_retries=0, http_client=http)


def ask(client: openai.OpenAI, **fields: Any) -> ChatCompletion:
    asked = {"model": "tiny", "messages": [QUESTION], "max_tokens": 16, "temperature": 0, **fields}
    reply: ChatCompletion = client.chat.completions.create(**asked)
    return reply


def text_of(reply: ChatCompletion) -> str:
    return reply.choices[0].message.content or ""


def chunks_of(client: openai.OpenAI, **fields: Any) -> list[ChatCompletionChunk]:
    stream: Any = ask(client, stream=True, **fields)
    return list(stream)


def streamed_text(chunks: list[ChatCompletionChunk]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def test_a_whole_reply_has_every_field_of_the_protocol(client: openai.OpenAI) -> None:
    reply = ask(client, max_tokens=5, extra_body=RAMBLING)
    choice, usage = reply.choices[0], reply.usage
    assert (reply.object, reply.model, len(reply.choices)) == ("chat.completion", "tiny", 1)
    assert (choice.index, choice.finish_reason, choice.logprobs) == (0, "length", None)
    assert (choice.message.role, choice.message.refusal) == ("assistant", None)
    assert usage is not None
    assert usage.completion_tokens == 5
    assert usage.total_tokens == usage.prompt_tokens + 5


def test_a_stream_has_the_text_of_the_whole_reply_and_no_usage(client: openai.OpenAI) -> None:
    chunks = chunks_of(client)
    reasons = [chunk.choices[0].finish_reason for chunk in chunks]
    assert chunks[0].choices[0].delta.role == "assistant"
    assert {chunk.object for chunk in chunks} == {"chat.completion.chunk"}
    assert len({chunk.id for chunk in chunks}) == 1
    assert streamed_text(chunks) == text_of(ask(client))
    assert [reason for reason in reasons if reason] == [reasons[-1]]
    assert all(chunk.usage is None for chunk in chunks)


def test_a_stream_that_is_asked_for_usage_ends_with_it(client: openai.OpenAI) -> None:
    *chunks, last = chunks_of(client, stream_options={"include_usage": True})
    assert last.choices == []
    assert last.usage == ask(client).usage
    assert all("usage" in chunk.model_fields_set and chunk.usage is None for chunk in chunks)


def test_the_clients_own_reader_of_streams_puts_a_reply_together(client: openai.OpenAI) -> None:
    asked: Any = {"model": "tiny", "messages": [QUESTION], "max_tokens": 16, "temperature": 0}
    with client.chat.completions.stream(**asked) as stream:
        whole = stream.get_final_completion()
    assert whole.choices[0].message.content == text_of(ask(client))


def test_a_reply_can_be_sent_back_as_it_came(client: openai.OpenAI) -> None:
    first = ask(client).choices[0].message
    again = ask(client, messages=[QUESTION, first, QUESTION])
    by_hand = {"role": "assistant", "content": first.content}
    assert text_of(again) == text_of(ask(client, messages=[QUESTION, by_hand, QUESTION]))


@pytest.mark.parametrize("length", [1, 2, 5, 9])
def test_a_stop_string_ends_a_reply_and_is_never_in_it(client: openai.OpenAI, length: int) -> None:
    asked: dict[str, Any] = {"max_tokens": 32, "extra_body": RAMBLING}
    whole = text_of(ask(client, **asked))
    assert len(whole) > 12
    stop = whole[3 : 3 + length]
    shown = whole[: whole.index(stop)]
    for stops in (stop, [stop], ["never \u2603", stop]):
        reply = ask(client, stop=stops, **asked)
        assert (text_of(reply), reply.choices[0].finish_reason) == (shown, "stop")
        chunks = chunks_of(client, stop=stops, **asked)
        assert (streamed_text(chunks), chunks[-1].choices[0].finish_reason) == (shown, "stop")


@pytest.mark.parametrize("budget", ["max_tokens", "max_completion_tokens"])
def test_both_names_of_the_budget_are_understood(client: openai.OpenAI, budget: str) -> None:
    asked: dict[str, Any] = {"max_tokens": openai.omit, budget: 3, "extra_body": RAMBLING}
    reply = ask(client, **asked)
    assert reply.usage is not None
    assert (reply.usage.completion_tokens, reply.choices[0].finish_reason) == (3, "length")


def test_text_parts_are_one_text(client: openai.OpenAI) -> None:
    halves = [{"type": "text", "text": "What is "}, {"type": "text", "text": "12 + 7?"}]
    asked = {"role": "user", "content": halves}
    assert text_of(ask(client, messages=[asked])) == text_of(ask(client))


def test_developer_is_another_name_for_system(client: openai.OpenAI) -> None:
    prompts = [
        ask(
            client,
            messages=[{"role": role, "content": "Be brief."}, QUESTION],
            extra_body={"return_rendered_prompt": True},
        ).model_extra
        for role in ("system", "developer")
    ]
    assert prompts[0] == prompts[1]
    assert "Be brief." in str(prompts[0])


def test_a_begun_reply_is_continued(client: openai.OpenAI) -> None:
    begun = {"role": "assistant", "content": "The answer"}
    continued = {"continue_final_message": True, "add_generation_prompt": False}
    reply = ask(
        client,
        messages=[QUESTION, begun],
        extra_body={**continued, "return_rendered_prompt": True},
    )
    assert (reply.model_extra or {})["rendered_prompt"].endswith("The answer")
    assert not text_of(reply).startswith("The answer")


def test_a_seed_gives_the_same_reply_again(client: openai.OpenAI) -> None:
    asked: dict[str, Any] = {"temperature": 1.5, "max_tokens": 24, "extra_body": RAMBLING}
    texts = [text_of(ask(client, seed=seed, **asked)) for seed in (5, 5, 6)]
    assert texts[0] == texts[1] != texts[2]


def test_fields_that_change_no_word_are_accepted(client: openai.OpenAI) -> None:
    reply = ask(
        client,
        user="somebody",
        metadata={"study": "1"},
        store=True,
        service_tier="auto",
        parallel_tool_calls=False,
        n=1,
        logprobs=False,
        presence_penalty=0,
        frequency_penalty=0,
        logit_bias={},
        response_format={"type": "text"},
        tool_choice="none",
        extra_body={
            "repetition_penalty": 1.0,
            "top_k": -1,
            "min_p": 0,
            "skip_special_tokens": True,
        },
    )
    assert text_of(reply) == text_of(ask(client))


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("fields", "code", "param"), REFUSALS, ids=lambda value: str(value)[:40])
def test_what_cannot_be_done_is_a_bad_request_before_any_text(
    client: openai.OpenAI, fields: dict[str, Any], code: str, param: str, *, stream: bool
) -> None:
    with pytest.raises(openai.BadRequestError) as refused:
        ask(client, stream=stream, extra_body=fields)
    error = refused.value
    assert (error.type, error.code, error.param) == ("invalid_request_error", code, param)


def test_stream_options_without_a_stream_are_refused(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="stream_options"):
        ask(client, stream_options={"include_usage": True})


def test_a_request_for_another_model_is_not_answered_by_this_one(client: openai.OpenAI) -> None:
    with pytest.raises(openai.NotFoundError) as refused:
        ask(client, model="gpt-4o")
    assert (refused.value.code, refused.value.param) == ("model_not_found", "model")
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4o")


def test_a_wrong_key_is_an_authentication_error(engine: RunningEngine) -> None:
    with client_with(engine, "wrong") as stranger:
        with pytest.raises(openai.AuthenticationError) as refused:
            ask(stranger)
        assert (refused.value.code, refused.value.status_code) == ("invalid_api_key", 401)


def test_wrong_addresses_methods_and_sizes_have_the_clients_own_errors(
    client: openai.OpenAI,
) -> None:
    with pytest.raises(openai.NotFoundError) as nowhere:
        client.embeddings.create(model="tiny", input="hi")
    with pytest.raises(openai.APIStatusError) as put:
        client.put("/models", cast_to=object)
    with pytest.raises(openai.APIStatusError) as huge:
        ask(client, messages=[QUESTION | {"content": "a" * 5_000_000}])
    found = [error.value for error in (nowhere, put, huge)]
    assert [error.status_code for error in found] == [404, 405, 413]
    assert [error.code for error in found] == ["invalid_route", "invalid_route", "invalid_size"]
    assert put.value.response.headers["allow"] == "GET"


def test_a_client_that_closes_its_stream_stops_the_generation(
    engine: RunningEngine, client: openai.OpenAI
) -> None:
    stream: Any = ask(client, stream=True, max_tokens=900, extra_body=RAMBLING)
    assert next(stream).choices[0].delta.role == "assistant"
    assert engine.active() == 1
    stream.close()
    wait_until(engine.is_idle)


def test_the_model_is_listed_and_described(client: openai.OpenAI) -> None:
    (listed,) = client.models.list().data
    assert (listed.id, listed.object, listed.owned_by) == ("tiny", "model", "arena")
    assert listed.created > 1_700_000_000
    assert client.models.retrieve("tiny") == listed


def test_a_text_is_continued(client: openai.OpenAI) -> None:
    asked: Any = {"model": "tiny", "max_tokens": 8, "temperature": 0}
    asked["extra_body"] = RAMBLING
    whole = client.completions.create(prompt="Once upon", **asked)
    listed = client.completions.create(prompt=["Once upon"], **asked)
    pieces = list(client.completions.create(prompt="Once upon", stream=True, **asked))
    assert (whole.object, whole.choices[0].finish_reason) == ("text_completion", "length")
    assert whole.choices[0].text == listed.choices[0].text
    assert whole.choices[0].text == "".join(piece.choices[0].text for piece in pieces)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"prompt": ["a", "b"]}, "prompt"),
        ({"prompt": [1, 2]}, "prompt"),
        ({"logprobs": 0}, "logprobs"),
        ({"echo": True}, "echo"),
        ({"suffix": "the end"}, "suffix"),
        ({"best_of": 3}, "best_of"),
    ],
    ids=str,
)
def test_what_a_continuation_cannot_do_is_refused(
    client: openai.OpenAI, fields: dict[str, Any], param: str
) -> None:
    asked: Any = {"model": "tiny", "prompt": "Once", "max_tokens": 4, **fields}
    with pytest.raises(openai.BadRequestError) as refused:
        client.completions.create(**asked)
    assert refused.value.param == param
