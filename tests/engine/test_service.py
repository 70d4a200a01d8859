"""The engine apart from its model: places are counted, and a failed generator turns it red."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from pathlib import Path
from typing import Any, cast

import httpx
import pytest

from arena.engine.batching.coalescing_queue import Pause, no_pause
from arena.engine.batching.generator import BatchStatus, Generator, SamplingParams
from arena.engine.decoding import TokenDecoder
from arena.engine.prompts import PromptBuilder, TokenPrompt
from arena.engine.protocol.server import create_app
from arena.engine.requests import RefusedRequest
from arena.engine.service import Engine, EngineState
from tests.fakes.letters import LetterDecoder
from tests.fakes.loaded_models import row_of
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

END = 0
CHAT = "/v1/chat/completions"
BODY = {"messages": [{"role": "user", "content": "hi"}], "max_tokens": 8}


class LetterGenerator:
    """Yields a letter whenever it is told to; counts those who wait for one."""

    name = "letters"

    def __init__(self) -> None:
        self.failure: str | None = None
        self.released = asyncio.Event()
        self.open = 0

    @property
    def status(self) -> BatchStatus:
        """All that were let in run."""
        return BatchStatus(running=self.open, waiting=0)

    async def generate(
        self, prompt: Sequence[int], sampling: SamplingParams, pause: Pause = no_pause
    ) -> AsyncGenerator[list[int], None]:
        """Wait, then say `a` up to the budget."""
        self.open += 1
        try:
            await self.released.wait()
            for _ in range(sampling.max_new_tokens):
                yield [97]
        finally:
            self.open -= 1

    async def watch(self) -> None:
        """Nothing to look after."""

    def close(self) -> None:
        """Nothing to stop."""


class LetterPrompts:
    """Every letter is a token."""

    stops = ()

    def chat(self, messages: Sequence[Any], partial_reply: str = "") -> TokenPrompt:
        """Join all messages."""
        text = "".join(message.content for message in messages) + partial_reply
        return TokenPrompt(text, tuple(map(ord, text)), continues=False)

    def raw(self, text: str) -> TokenPrompt:
        """Take the text."""
        return TokenPrompt(text, tuple(map(ord, text)), continues=True)

    def decoder(self, prompt: TokenPrompt) -> TokenDecoder:
        """Return a decoder of letters."""
        return LetterDecoder()


class LetterModel:
    """A served model of letters with room for 100 tokens."""

    def __init__(self) -> None:
        self.letters = LetterGenerator()
        self.generator: Generator = self.letters
        self.prompts = cast("PromptBuilder", LetterPrompts())
        self.context = 100
        self.vocabulary = 128
        self.number_format = "float32"
        self.closed = False

    @property
    def end(self) -> frozenset[int]:
        """The end token."""
        return frozenset({END})

    @property
    def generators(self) -> tuple[Generator, ...]:
        """The one generator."""
        return (self.generator,)

    async def generator_for(self, sampling: SamplingParams) -> Generator:
        """Return the one generator."""
        return self.generator

    def close(self) -> None:
        """Note it."""
        self.closed = True


@pytest.fixture
def model() -> LetterModel:
    return LetterModel()


@pytest.fixture
async def engine(tmp_path: Path, model: LetterModel) -> AsyncGenerator[Engine, None]:
    def assemble(report: Callable[[str], None]) -> LetterModel:
        report("thinking of letters")
        return model

    (tmp_path / "w").mkdir()
    engine = Engine(row_of(tmp_path, tmp_path / "w"), assemble, max_open=2)
    yield engine
    await engine.close()


@pytest.fixture
async def client(engine: Engine) -> AsyncGenerator[httpx.AsyncClient, None]:
    transport = httpx.ASGITransport(create_app(engine, token=None))
    async with httpx.AsyncClient(transport=transport, base_url="http://engine") as client:
        yield client


async def test_a_full_engine_sends_clients_away_for_a_moment(
    engine: Engine, model: LetterModel, client: httpx.AsyncClient
) -> None:
    await engine.load()
    running = [asyncio.create_task(client.post(CHAT, json=BODY)) for _ in range(2)]
    await until(lambda: model.letters.open == 2)
    refused = await client.post(CHAT, json=BODY)
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "2")
    assert refused.json()["error"]["code"] == "queue_full"
    model.letters.released.set()
    assert [(await task).status_code for task in running] == [200, 200]
    assert (await client.post(CHAT, json=BODY)).status_code == 200
    assert engine.active == 0


async def test_a_reply_at_its_budget_was_cut(
    engine: Engine, model: LetterModel, client: httpx.AsyncClient
) -> None:
    await engine.load()
    model.letters.released.set()
    choice = (await client.post(CHAT, json=BODY)).json()["choices"][0]
    assert (choice["message"]["content"], choice["finish_reason"]) == ("a" * 8, "length")


async def test_a_prompt_that_fills_the_context_is_refused(
    engine: Engine, client: httpx.AsyncClient
) -> None:
    await engine.load()
    body = {"messages": [{"role": "user", "content": "x" * 100}]}
    error = (await client.post(CHAT, json=body)).json()["error"]
    assert (error["code"], error["length"], error["limit"]) == ("context_length_exceeded", 100, 100)


async def test_ids_that_the_model_does_not_know_are_refused(
    engine: Engine, client: httpx.AsyncClient
) -> None:
    await engine.load()
    body = {"messages": [{"role": "user", "content": "é"}]}
    assert (await client.post(CHAT, json=body)).json()["error"]["code"] == "invalid_prompt"


async def test_a_generator_that_gave_up_turns_the_engine_red(
    engine: Engine, model: LetterModel, client: httpx.AsyncClient
) -> None:
    await engine.load()
    assert (await client.get("/health")).status_code == 200
    model.letters.failure = "out of memory"
    health = await client.get("/health")
    assert (health.status_code, health.json()["detail"]) == (503, "out of memory")
    assert (await client.post(CHAT, json=BODY)).status_code == 503


async def test_draining_waits_for_open_replies_and_takes_no_new_ones(
    engine: Engine, model: LetterModel, client: httpx.AsyncClient
) -> None:
    await engine.load()
    running = asyncio.create_task(client.post(CHAT, json=BODY))
    await until(lambda: model.letters.open == 1)
    draining = asyncio.create_task(engine.drain(within_s=30))
    await until(lambda: engine.state is EngineState.DRAINING)
    assert (await client.post(CHAT, json=BODY)).status_code == 503
    model.letters.released.set()
    await draining
    assert (await running).status_code == 200


async def test_draining_does_not_wait_for_ever(engine: Engine) -> None:
    await engine.load()
    engine.enter()
    await engine.drain(within_s=0.01)
    assert engine.active == 1


async def test_a_place_is_given_back_once(engine: Engine) -> None:
    await engine.load()
    leave, _ = engine.enter(), engine.enter()
    leave()
    leave()
    assert engine.active == 1


async def test_a_load_that_fails_is_a_state_and_no_exception(tmp_path: Path) -> None:
    def assemble(report: Callable[[str], None]) -> LetterModel:
        raise RuntimeError("CUDA out of memory")

    (tmp_path / "w").mkdir()
    engine = Engine(row_of(tmp_path, tmp_path / "w"), assemble)
    await engine.load()
    assert (engine.state, engine.detail) == (
        EngineState.FAILED,
        "RuntimeError: CUDA out of memory",
    )
    with pytest.raises(RefusedRequest):
        engine.enter()
    await engine.close()
