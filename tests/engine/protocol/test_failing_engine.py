"""What fails in an engine reaches OpenAI's client as the error that it knows how to treat."""

from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from typing import Any

import httpx2
import openai
import pytest

from arena.engine.batching.generator import BatchLost, GenerationFailed
from arena.engine.protocol.server import create_app
from arena.engine.service import Engine
from tests.fakes.letters import LetterModel
from tests.fakes.loaded_models import row_of

pytestmark = pytest.mark.anyio


@pytest.fixture
def model() -> LetterModel:
    model = LetterModel()
    model.letters.released.set()
    return model


@pytest.fixture
async def engine(tmp_path: Path, model: LetterModel) -> AsyncGenerator[Engine, None]:
    def assemble(report: Callable[[str], None]) -> LetterModel:
        return model

    (tmp_path / "w").mkdir()
    engine = Engine(row_of(tmp_path, tmp_path / "w"), assemble, max_open=1)
    yield engine
    await engine.close()


@pytest.fixture
async def client(engine: Engine) -> AsyncGenerator[openai.AsyncOpenAI, None]:
    transport = httpx2.ASGITransport(create_app(engine, token=None), raise_app_exceptions=False)
    http = openai.DefaultAsyncHttpxClient(transport=transport)
    address = "http://engine/v1"
    async with openai.AsyncOpenAI(
        base_url=address, api_key="none", max_retries=0, http_client=http
    ) as client:
        yield client


async def ask(client: openai.AsyncOpenAI, *, stream: bool = False) -> Any:
    messages: Any = [{"role": "user", "content": "hi"}]
    return await client.chat.completions.create(
        model="tiny", messages=messages, max_tokens=8, stream=stream
    )


async def read(stream: Any, texts: list[str]) -> None:
    async for chunk in stream:
        texts.append(chunk.choices[0].delta.content or "")  # noqa: PERF401  (a failure keeps them)


async def refusal(client: openai.AsyncOpenAI, *, stream: bool) -> openai.APIStatusError:
    with pytest.raises(openai.APIStatusError) as refused:
        await ask(client, stream=stream)
    return refused.value


@pytest.mark.parametrize("stream", [False, True])
async def test_an_engine_that_loads_is_an_internal_server_error_to_come_back_to(
    client: openai.AsyncOpenAI, *, stream: bool
) -> None:
    error = await refusal(client, stream=stream)
    assert isinstance(error, openai.InternalServerError)
    assert (error.status_code, error.type, error.code) == (503, "server_error", "engine_loading")
    assert error.response.headers["retry-after"] == "2"


@pytest.mark.parametrize("stream", [False, True])
async def test_a_full_engine_is_a_rate_limit_error_to_come_back_to(
    engine: Engine, client: openai.AsyncOpenAI, *, stream: bool
) -> None:
    await engine.load()
    leave = engine.enter()
    error = await refusal(client, stream=stream)
    leave()
    assert isinstance(error, openai.RateLimitError)
    assert (error.type, error.code) == ("server_error", "queue_full")
    assert error.response.headers["retry-after"] == "2"


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("loss", "status", "code"),
    [(BatchLost("gone"), 503, "batch_lost"), (GenerationFailed("gone"), 500, "generation_failed")],
)
async def test_a_reply_that_fails_before_its_first_word_is_an_internal_server_error(
    engine: Engine,
    model: LetterModel,
    client: openai.AsyncOpenAI,
    loss: GenerationFailed,
    status: int,
    code: str,
    *,
    stream: bool,
) -> None:
    await engine.load()
    model.letters.loss = loss
    error = await refusal(client, stream=stream)
    assert isinstance(error, openai.InternalServerError)
    assert (error.status_code, error.type, error.code) == (status, "server_error", code)
    assert engine.active == 0


async def test_a_reply_that_fails_on_its_way_is_an_error_of_its_stream(
    engine: Engine, model: LetterModel, client: openai.AsyncOpenAI
) -> None:
    await engine.load()
    model.letters.loss, model.letters.letters_before_loss = BatchLost("the batch died"), 3
    texts: list[str] = []
    with pytest.raises(openai.APIError, match="the batch died") as failed:
        await read(await ask(client, stream=True), texts)
    assert "".join(texts) == "aaa"
    assert (failed.value.type, failed.value.code) == ("server_error", "batch_lost")
    assert engine.active == 0
