"""Every model family of the WizardLM-2 line-up runs in the engine, in the format of its row.

The rows are those of the shipped models.yaml, with tiny random checkpoints in place of the weights.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from typing import Any

import httpx
import pytest
import torch

from arena.catalog import ModelRow
from arena.domain.conversation import Message, Role
from arena.engine.assembly import ServedModel, assemble
from arena.engine.batching.dynamic import DynamicBatching
from arena.engine.prompts import PromptBuilder
from arena.engine.protocol.server import create_app
from arena.engine.service import Engine
from tests.fakes.line_up import FAMILIES, save_line_up_checkpoint, shipped_row

pytestmark = pytest.mark.anyio

TURNS = (
    Message(Role.USER, "Hi, 你好"),
    Message(Role.ASSISTANT, "Hello world"),
    Message(Role.USER, "Count: one, two 👍"),
)
WIZARD = ["<s>", "</s>"]
LLAMA_2 = ["<s>", "</s>", "<s>"]
BASE = ["<s>"]
CHATML = ["<|im_start|>", "<|im_end|>"] * 4 + ["<|im_start|>"]
FLAG_ALPHA = ["<s>", "</s>"] * 3 + ["<s>"]
COMMAND_R_USER = ["<|START_OF_TURN_TOKEN|>", "<|USER_TOKEN|>", "<|END_OF_TURN_TOKEN|>"]
COMMAND_R_REPLY = ["<|START_OF_TURN_TOKEN|>", "<|CHATBOT_TOKEN|>"]
COMMAND_R = [
    "<BOS_TOKEN>",
    *COMMAND_R_USER,
    *COMMAND_R_REPLY,
    "<|END_OF_TURN_TOKEN|>",
    *COMMAND_R_USER,
    *COMMAND_R_REPLY,
]
CONTROLS = {
    "wizardlm-2-7b": WIZARD,
    "wizardlm-2-70b": WIZARD,
    "wizardlm-2-8x22b": WIZARD,
    "starling-lm-7b-beta": ["<s>", *["<|end_of_turn|>"] * 3],
    "qwen1.5-14b-chat": CHATML,
    "qwen1.5-32b-chat": CHATML,
    "qwen1.5-72b-chat": CHATML,
    "command-r-plus": COMMAND_R,
    "llama-2-7b": BASE,
    "llama-2-13b": BASE,
    "llama-2-70b": BASE,
    "llama-2-7b-chat": LLAMA_2,
    "llama-2-13b-chat": LLAMA_2,
    "llama-2-70b-chat": LLAMA_2,
    "llama2-chinese-7b-chat": FLAG_ALPHA,
    "llama2-chinese-13b-chat": FLAG_ALPHA,
    "chinese-alpaca-7b": BASE,
    "chinese-alpaca-2-7b": LLAMA_2,
    "chatglm2-6b": ["[gMASK]", "sop"],
}
"""The control tokens, and no others, that `TURNS` must have as ids, in this order."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """A family's model at work, and its rows."""

    family: str
    served: ServedModel
    rows: Sequence[ModelRow]

    @property
    def model(self) -> Any:
        return self.served._loaded.model

    @property
    def tokenizer(self) -> Any:
        return self.served._loaded.tokenizer


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for the module: generators live on it."""
    return "asyncio"


@pytest.fixture(scope="module", params=FAMILIES)
async def loaded(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, anyio_backend: str
) -> AsyncIterator[Loaded]:
    """A family's checkpoint, assembled as an engine process does it."""
    folder = tmp_path_factory.mktemp("line-up") / request.param
    checkpoint = save_line_up_checkpoint(folder, request.param)
    rows = [shipped_row(key, checkpoint) for key in FAMILIES[request.param].rows]
    served = assemble(rows[0], threads=1, on_progress=lambda _: None)
    yield Loaded(request.param, served, rows)
    served.close()


@asynccontextmanager
async def client_of(loaded: Loaded, row: ModelRow) -> AsyncIterator[httpx.AsyncClient]:
    """The engine's HTTP face, with the model of the family in the format of the row."""
    loaded.served.prompts = PromptBuilder(row, loaded.tokenizer)
    engine = Engine(row, lambda _: loaded.served)
    await engine.load()
    transport = httpx.ASGITransport(create_app(engine, token=None))
    async with httpx.AsyncClient(transport=transport, base_url="http://engine") as client:
        yield client
    assert engine._watching is not None
    engine._watching.cancel()


async def answer(client: httpx.AsyncClient, *turns: Message, **fields: Any) -> dict[str, Any]:
    messages = [{"role": str(turn.role), "content": turn.content} for turn in turns]
    body = {"messages": messages, "temperature": 0, "max_tokens": 12, **fields}
    response = await client.post("/v1/chat/completions", json=body)
    assert response.status_code == 200, response.text
    document: dict[str, Any] = response.json()
    return document


def text_of(document: dict[str, Any]) -> str:
    return str(document["choices"][0]["message"]["content"])


def reason_of(document: dict[str, Any]) -> str:
    return str(document["choices"][0]["finish_reason"])


def forward_only(loaded: Loaded, prompt: Sequence[int], length: int) -> list[int]:
    """The likeliest token, one by one, each by a whole forward pass without a cache."""
    ids = list(prompt)
    with torch.inference_mode():
        for _ in range(length):
            logits = loaded.model(input_ids=torch.tensor([ids]), use_cache=False).logits
            ids.append(int(logits[0, -1].argmax()))
    return ids[len(prompt) :]


def decoded(loaded: Loaded, prompt: Sequence[Message], ids: Sequence[int]) -> str:
    decoder = loaded.served.prompts.decoder(loaded.served.prompts.chat(prompt))
    return "".join(decoder.step(token) for token in ids)


@contextmanager
def ending_after(loaded: Loaded, prompt: Sequence[int], count: int) -> Iterator[int]:
    """Teach the output layer to end a reply to `prompt` after `count` tokens; yields the end id.

    The end token's row of the layer becomes the direction in which the hidden state points there.
    """
    vocabulary, end = loaded.served.vocabulary, min(loaded.served.end)
    layers = [m for m in loaded.model.modules() if isinstance(m, torch.nn.Linear)]
    head = next(layer for layer in layers if layer.out_features == vocabulary)
    seen: list[torch.Tensor] = []
    hook = head.register_forward_hook(lambda _, given, __: seen.append(given[0].flatten(0, -2)[-1]))
    before = head.weight.detach().clone()
    try:
        forward_only(loaded, prompt, count + 1)
        hook.remove()
        states = torch.stack(seen)
        others = torch.linalg.pinv(states[:-1]) @ states[:-1]  # what earlier places have in common
        own = states[-1] - states[-1] @ others
        with torch.no_grad():
            head.weight[end] = own / own.norm() ** 2 * 100
        yield end
    finally:
        with torch.no_grad():
            head.weight.copy_(before)


async def test_a_family_runs_in_the_way_that_suits_it(loaded: Loaded) -> None:
    generator = loaded.served.generator
    assert generator.name == FAMILIES[loaded.family].way
    if isinstance(generator, DynamicBatching):
        assert generator._strategy.name == "single steps with the model's own cache"
        assert generator._strategy.max_rows > 1


async def test_greedy_text_is_that_of_plain_forward_passes(loaded: Loaded) -> None:
    long = replace(TURNS[0], content="two, three, 你好 " * 12)
    async with client_of(loaded, loaded.rows[0]) as client:
        for turns in (TURNS, TURNS[:1], [long]):
            whole = await answer(client, *turns, max_tokens=24, ignore_eos=True)
            ids = loaded.served.prompts.chat(turns).ids
            assert text_of(whole) == decoded(loaded, turns, forward_only(loaded, ids, 24))


async def test_every_row_speaks_its_own_format_through_the_engine(loaded: Loaded) -> None:
    for row in loaded.rows:
        async with client_of(loaded, row) as client:
            whole = await answer(client, *TURNS)
            prompt = loaded.served.prompts.chat(TURNS)
            assert whole["usage"]["prompt_tokens"] == len(prompt.ids)
            places = [prompt.text.find(turn.content) for turn in TURNS]
            assert places == sorted(places)
            assert -1 not in places
            assert (row.system_prompt or "") in prompt.text
            control = loaded.tokenizer.convert_tokens_to_ids(sorted(set(CONTROLS[row.key])))
            found = [token for token in prompt.ids if token in control or token < 3]
            assert found == loaded.tokenizer.convert_tokens_to_ids(CONTROLS[row.key]), row.key


async def test_every_row_stops_at_its_stop_strings_and_end_tokens(loaded: Loaded) -> None:
    for row in loaded.rows:
        prompts = PromptBuilder(row, loaded.tokenizer)
        assert prompts.stops == row.sampling.stop
        assert prompts.end_tokens
        assert prompts.end_tokens <= loaded.served.end


async def test_a_reply_ends_where_the_model_ends_it(loaded: Loaded) -> None:
    async with client_of(loaded, loaded.rows[0]) as client:
        ids = loaded.served.prompts.chat(TURNS).ids
        expected = forward_only(loaded, ids, 5)
        with ending_after(loaded, ids, 5) as end:
            assert forward_only(loaded, ids, 6) == [*expected, end]
            ended = await answer(client, *TURNS, max_tokens=50)
        assert reason_of(ended) == "stop"
        assert ended["usage"]["completion_tokens"] == 6
        assert text_of(ended) == decoded(loaded, TURNS, expected)


async def test_a_reply_ends_at_a_stop_string_or_is_known_to_be_cut(loaded: Loaded) -> None:
    async with client_of(loaded, loaded.rows[0]) as client:
        cut = await answer(client, *TURNS, max_tokens=40, ignore_eos=True)
        assert (reason_of(cut), cut["usage"]["completion_tokens"]) == ("length", 40)
        text = text_of(cut)
        stop = text[len(text) // 2 :][:2]
        stopped = await answer(client, *TURNS, max_tokens=40, stop=[stop], ignore_eos=True)
        assert reason_of(stopped) == "stop"
        assert text_of(stopped) == text[: text.index(stop)]


async def test_requests_at_once_get_the_answers_that_they_get_alone(loaded: Loaded) -> None:
    questions = [Message(Role.USER, "counted: " * n + "世界") for n in (1, 2, 5, 11)]
    async with client_of(loaded, loaded.rows[0]) as client:
        alone = [text_of(await answer(client, question)) for question in questions]
        together = await asyncio.gather(*(answer(client, question) for question in questions))
        assert [text_of(document) for document in together] == alone
