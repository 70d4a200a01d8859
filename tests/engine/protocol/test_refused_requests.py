"""A request that cannot be answered as it stands is refused in a sentence and harms nobody."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.engine.protocol.asking import CHAT, QUESTION, ask, text_of
from tests.engine.protocol.odd_bodies import check_answer, odd_bodies
from tests.fakes.engine_processes import RunningEngine
from tests.fakes.waiting import wait_until

BODIES = 500


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"temperature": float("nan")}, "temperature"),
        ({"temperature": float("inf")}, "temperature"),
        ({"temperature": -1}, "temperature"),
        ({"stream_interval": -1}, "stream_interval"),
        ({"stream_interval": 61}, "stream_interval"),
        ({"temperature": "hot"}, "temperature"),
        ({"top_p": 0}, "top_p"),
        ({"top_p": float("nan")}, "top_p"),
        ({"repetition_penalty": 0}, "repetition_penalty"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 2.5}, "max_tokens"),
        ({"messages": []}, "messages"),
        ({"messages": "hi"}, "messages"),
        ({"messages": [{"role": "wizard", "content": "hi"}]}, "role"),
        ({"messages": [{"role": "user", "content": None}]}, "content"),
        ({"messages": [{"role": "assistant", "content": "hi"}]}, "user message"),
        ({"messages": [{"role": "user", "content": "half a pair: \ud83d"}]}, "content"),
        ({"n": 2}, "n"),
        ({"stop": ["x"] * 17}, "stop"),
        ({"stop": "x" * 257}, "stop"),
    ],
)
def test_a_bad_request_is_refused_and_harms_nobody(
    engine: RunningEngine, fields: dict[str, Any], named: str
) -> None:
    before = text_of(ask(engine))
    refused = ask(engine, **fields)
    assert refused.status_code == 400
    assert named in refused.json()["error"]["message"]
    assert text_of(ask(engine)) == before


PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,"}}


@pytest.mark.parametrize(
    "fields",
    [
        {"logprobs": True},
        {"top_logprobs": 3},
        {"response_format": {"type": "json_object"}},
        {"response_format": {"type": "json_schema", "json_schema": {"name": "x"}}},
        {"tools": [{"type": "function", "function": {"name": "f"}}]},
        {"tool_choice": "required"},
        {"functions": [{"name": "f"}]},
        {"presence_penalty": 0.5},
        {"frequency_penalty": -1},
        {"logit_bias": {"5": 10}},
        {"min_p": 0.1},
        {"best_of": 2},
        {"modalities": ["text", "audio"]},
        {"suffix": "the end"},
    ],
    ids=str,
)
def test_what_the_engine_cannot_do_is_refused_in_a_sentence(
    engine: RunningEngine, fields: dict[str, Any]
) -> None:
    refused = ask(engine, **fields)
    (field,) = fields
    error = refused.json()["error"]
    assert refused.status_code == 400
    assert (error["type"], error["code"]) == ("invalid_request_error", "unsupported_parameter")
    assert error["param"] == field
    assert error["message"].startswith(f"{field} is not supported here: ")


def test_pictures_are_refused_and_not_left_out_of_the_prompt(engine: RunningEngine) -> None:
    parts = [{"type": "text", "text": "What is this?"}, PICTURE]
    refused = ask(engine, messages=[{"role": "user", "content": parts}])
    assert refused.status_code == 400
    assert "'image_url' are not supported" in refused.json()["error"]["message"]


def test_a_seed_gives_the_same_answer_again(engine: RunningEngine) -> None:
    asked = {"temperature": 1.5, "max_tokens": 24, "ignore_eos": True}
    answers = [text_of(ask(engine, seed=seed, **asked)) for seed in (5, 5, 6)]
    assert answers[0] == answers[1] != answers[2]


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b'"text"', b"[" * 100_000, b"\xff"])
def test_a_body_that_is_no_request_is_refused(engine: RunningEngine, body: bytes) -> None:
    assert engine.client.post(CHAT, content=body).status_code == 400


@pytest.mark.parametrize(
    "fields",
    [
        {"top_k": 0},
        {"top_k": -1},
        {"top_k": 10**9},
        {"top_k": 1, "temperature": 1.5},
        {"temperature": 1e-9},
        {"temperature": 5, "top_p": 1e-6},
        {"max_tokens": 10**6},
        {"repetition_penalty": 1.3},
        {"seed": 7, "logprobs": False, "user": "x", "model": "tiny"},
        {"response_format": {"type": "text"}, "tools": [], "tool_choice": "none", "best_of": 1},
        {"presence_penalty": 0.0, "frequency_penalty": 0, "logit_bias": {}, "top_logprobs": None},
        {"messages": [{"role": "user", "content": ""}]},
        {"messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}]},
        {"messages": [{"role": "developer", "content": "be brief"}, QUESTION]},
        {"messages": [{"role": "user", "content": "\x00\u200d\ufffd"}]},
    ],
)
def test_an_odd_request_is_answered(engine: RunningEngine, fields: dict[str, Any]) -> None:
    assert ask(engine, **{"max_tokens": 8, **fields}).status_code == 200


def test_five_hundred_odd_bodies_are_answered_or_refused(engine: RunningEngine) -> None:
    truth = text_of(ask(engine))
    statuses: list[int] = []

    def send(request: tuple[str, bytes]) -> None:
        path, body = request
        answer = engine.client.post(path, content=body)
        try:
            check_answer(path, answer)
        except Exception as error:
            error.add_note(f"{path} {body[:600]!r} {answer.status_code} {answer.text[:600]}")
            raise
        statuses.append(answer.status_code)

    with ThreadPoolExecutor(8) as threads:
        list(threads.map(send, odd_bodies(seed=7, count=BODIES)))
    assert len(statuses) == BODIES
    assert min(statuses.count(200), statuses.count(400)) > BODIES / 10
    wait_until(engine.is_idle)
    health = engine.health()
    assert health["status"] == "ready"
    assert all(not batch["rebuilds"] for batch in health["batches"].values())
    assert text_of(ask(engine)) == truth
