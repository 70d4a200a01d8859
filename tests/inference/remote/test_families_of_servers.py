"""What vLLM, SGLang, TGI, Ollama, llama.cpp and LiteLLM answer in their own ways.

The shapes are those of their documentation and source. docs/servers.md says which were tried.
"""

import json
from typing import Any

import pytest

from arena.domain.conversation import FinishReason
from arena.inference.errors import (
    BrokenReply,
    ContextExceeded,
    InferenceError,
    ModelOverloaded,
    RequestRefused,
)
from tests.fakes.chat_requests import ask, reply_of
from tests.fakes.openai_server import DONE, Answer, chunk, in_turn, sse, usage_chunk
from tests.inference.remote.streams import reply_to, talking_to

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("each_transport")]

GOOD = Answer([chunk("fine"), chunk(finish="stop"), DONE])


def refusal(status: int, body: object) -> Answer:
    return Answer([json.dumps(body).encode()], status, "application/json")


def in_error(message: str, **more: object) -> dict[str, object]:
    return {"error": {"message": message, **more}}


TOO_LONG: dict[str, Answer] = {
    "vLLM": refusal(
        400,
        in_error(
            "This model's maximum context length is 4096 tokens. However, you requested more",
            type="BadRequestError",
            param="input_tokens",
            code=400,
        ),
    ),
    "SGLang": refusal(
        400,
        {
            "object": "error",
            "message": "The input (5000 tokens) is longer than the model's context length "
            "(4096 tokens).",
            "type": "BadRequestError",
            "code": 400,
        },
    ),
    "SGLang, with the reply": refusal(
        400,
        {
            "message": "Requested token count exceeds the model's maximum context length of 4096 "
            "tokens. You requested a total of 5000 tokens",
        },
    ),
    "TGI": refusal(
        422,
        {
            "error": "Input validation error: `inputs` tokens + `max_new_tokens` must be <= 4096. "
            "Given: 4000 `inputs` tokens and 512 `max_new_tokens`",
            "error_type": "validation",
        },
    ),
    "TGI, the prompt alone": refusal(
        422,
        {
            "error": "Input validation error: `inputs` must have less than 4096 tokens. Given: 9",
            "error_type": "validation",
        },
    ),
    "llama.cpp": refusal(
        400,
        in_error(
            "request (5000 tokens) exceeds the available context size (4096 tokens), try "
            "increasing it",
            type="exceed_context_size_error",
            code=400,
            n_ctx=4096,
        ),
    ),
    "llama-cpp-python": refusal(
        400,
        in_error(
            "This model's maximum context length is 4096 tokens. However, you requested more",
            type="invalid_request_error",
            code="context_length_exceeded",
        ),
    ),
    "LiteLLM": refusal(
        400,
        in_error(
            "litellm.ContextWindowExceededError: litellm.BadRequestError: "
            "ContextWindowExceededError: OpenAIException - too long. Received Model Group=m",
            type=None,
            code="400",
        ),
    ),
    "Anthropic": refusal(
        400, in_error("prompt is too long: 215000 tokens > 200000 maximum", type="invalid_request")
    ),
    "Gemini": refusal(
        400,
        in_error(
            "The input token count (13000) exceeds the maximum number of tokens allowed (9000)."
        ),
    ),
}


@pytest.mark.parametrize("server", TOO_LONG)
async def test_a_prompt_that_is_too_long_is_no_fault_of_the_model(server: str) -> None:
    async with talking_to(in_turn(TOO_LONG[server])) as (backend, fake):
        with pytest.raises(ContextExceeded):
            await reply_of(backend, ask("long"))
        assert len(fake.requests) == 1


@pytest.mark.parametrize(
    "message",
    [
        "the context of this conversation is odd",
        "max_tokens exceeds the limit of your plan",
        "Input validation error: `stop` supports up to 4 stop sequences. Given: 5",
    ],
)
async def test_another_refusal_is_not_taken_for_a_long_prompt(message: str) -> None:
    async with talking_to(in_turn(refusal(400, in_error(message)))) as (backend, _):
        with pytest.raises(RequestRefused):
            await reply_of(backend, ask("hi"))


async def test_tgi_takes_a_top_p_of_one_for_out_of_range_and_gets_none() -> None:
    no_top_p = {
        "error": "Input validation error: `top_p` must be > 0.0 and < 1.0",
        "error_type": "validation",
    }
    async with talking_to(in_turn(refusal(422, no_top_p), GOOD)) as (backend, fake):
        assert (await reply_of(backend, ask("hi"))).text == "fine"
        assert (await reply_of(backend, ask("hi"))).text == "fine"
        assert "top_p" in backend.status.progress
    assert [body.get("top_p") for body in fake.requests] == [1.0, None, None]


async def test_tgi_writes_its_events_without_a_blank_and_ends_without_a_usage() -> None:
    said = [chunk("Paris", role="assistant"), chunk(".", finish="eos_token")]
    steps = [event.replace(b"data: ", b"data:") for event in said]
    reply = await reply_to(*steps, b"data: [DONE]\n\n")
    assert (reply.text, reply.finished.reason) == ("Paris.", FinishReason.STOP)


@pytest.mark.parametrize(
    "event",
    [
        {"error": "Request failed during generation: Server error: CUDA", "error_type": "gen"},
        {"error": {"message": "EngineCore encountered an issue.", "type": "InternalServerError"}},
        {"error": {"code": 500, "message": "Context size has been exceeded.", "type": "server"}},
        {"object": "error", "message": "The request queue is full.", "code": 503},
    ],
    ids=["TGI", "vLLM", "llama.cpp", "SGLang"],
)
async def test_an_error_in_mid_answer_breaks_the_reply_with_its_words(event: Any) -> None:
    words = event["error"] if isinstance(event.get("error"), str) else None
    words = words or event.get("message") or event["error"]["message"]
    with pytest.raises(BrokenReply) as broken:
        await reply_to(chunk("Pa"), sse(event), DONE)
    assert words in str(broken.value)


async def test_sglang_says_which_stop_was_met_beside_the_reason() -> None:
    choice = {"index": 0, "delta": {"content": None}, "finish_reason": "stop", "matched_stop": 2}
    last = sse({"id": "1", "object": "chat.completion.chunk", "choices": [choice]})
    reply = await reply_to(chunk("", role="assistant"), chunk("Paris."), last, usage_chunk(3, 2))
    assert (reply.text, reply.finished.reply_tokens) == ("Paris.", 2)


async def test_a_reply_that_sglang_aborts_is_no_reply() -> None:
    with pytest.raises(BrokenReply, match="abort"):
        await reply_to(chunk("Pa"), chunk(finish="abort"), DONE)


async def test_ollama_and_vllm_think_in_a_field_of_their_own() -> None:
    steps = [chunk("", reasoning="Let me see"), chunk("Paris."), chunk(finish="stop"), DONE]
    reply = await reply_to(*steps)
    assert (reply.text, reply.reasoning) == ("Paris.", "Let me see")


async def test_llama_cpp_adds_its_timings_to_the_last_chunk() -> None:
    choice = {"index": 0, "delta": {}, "finish_reason": "length"}
    usage = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}
    last = sse({"choices": [choice], "usage": usage, "timings": {"predicted_per_second": 9.5}})
    reply = await reply_to(chunk("Paris"), last, DONE)
    assert (reply.finished.reason, reply.finished.reply_tokens) == (FinishReason.LENGTH, 1)


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        (
            refusal(404, in_error("The model `m` does not exist.", type="NotFoundError", code=404)),
            RequestRefused,
            "The model `m` does not exist.",
        ),
        (
            refusal(404, in_error('model "m" not found, try pulling it first', type="api_error")),
            RequestRefused,
            "try pulling it first",
        ),
        (refusal(401, {"error": "Unauthorized"}), RequestRefused, "the server refuses the key"),
        (
            refusal(401, in_error("Invalid API Key", type="authentication_error", code=401)),
            RequestRefused,
            "the server refuses the key",
        ),
        (
            refusal(503, in_error("Loading model", type="unavailable_error", code=503)),
            ModelOverloaded,
            "Loading model",
        ),
        (
            refusal(429, {"error": "Model is overloaded", "error_type": "overloaded"}),
            ModelOverloaded,
            "Model is overloaded",
        ),
    ],
    ids=["vLLM", "Ollama", "vLLM's key", "llama.cpp's key", "llama.cpp loads", "TGI is full"],
)
async def test_a_refusal_is_told_in_the_server_s_words(
    answer: Answer, kind: type[InferenceError], words: str
) -> None:
    async with talking_to(in_turn(answer)) as (backend, _):
        with pytest.raises(kind) as refused:
            await reply_of(backend, ask("hi"))
        assert words in str(refused.value)
