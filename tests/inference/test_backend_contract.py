"""What every backend promises, tried on each: scripted, remote, a real engine, and vLLM."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path

import pytest

from arena.domain.conversation import FinishReason
from arena.inference.backend import Delta, ModelState
from arena.inference.engines.backend import EngineBackend
from arena.inference.errors import ContextExceeded, InferenceError
from tests.fakes.catalogs import EMBEDDED
from tests.fakes.chat_requests import ask, reply_of, user
from tests.fakes.real_models import RealModel
from tests.fakes.waiting import until
from tests.inference import subjects
from tests.inference.subjects import Subject

pytestmark = pytest.mark.anyio

QUESTIONS = (
    "What is 12 + 7?",
    "用中文介绍一下你自己。",
    "¿Cuál es la capital de España?",
    "Write a haiku about the sea.",
)


@pytest.fixture(scope="module")
def anyio_backend() -> str:
    """One event loop for all tests here: an engine process lives on it."""
    return "asyncio"


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory, real_model: RealModel) -> Path:
    """The catalog of the engine; the other backends have models of their own."""
    return real_model.catalog(tmp_path_factory.mktemp("contract"))


@pytest.fixture(scope="module", params=["scripted", "remote", "engine", "vllm"])
async def subject(
    request: pytest.FixtureRequest, catalog: Path, anyio_backend: str
) -> AsyncGenerator[Subject, None]:
    """Each backend in turn, started once."""
    async with getattr(subjects, request.param)(catalog) as started:
        yield started


async def test_a_started_backend_is_ready(subject: Subject) -> None:
    assert subject.backend.state is ModelState.READY


async def test_a_ready_backend_has_the_status_of_its_state_and_no_trouble(
    subject: Subject,
) -> None:
    status = subject.backend.status
    assert status.state is subject.backend.state
    assert (status.last_error, status.recovering, status.restarts) == (None, False, 0)


@pytest.mark.parametrize("question", QUESTIONS)
async def test_deltas_come_and_then_exactly_one_ending(subject: Subject, question: str) -> None:
    reply = await reply_of(subject.backend, ask(question))
    assert all(delta.text or delta.reasoning for delta in reply.deltas)
    assert reply.finished.reply_tokens is not None


@pytest.mark.parametrize("question", QUESTIONS)
async def test_no_half_character_is_ever_shown(subject: Subject, question: str) -> None:
    reply = await reply_of(subject.backend, ask(question))
    assert "\ufffd" not in reply.text


async def test_a_cut_reply_says_that_it_is_cut(subject: Subject) -> None:
    reply = await reply_of(subject.backend, ask(QUESTIONS[0], tokens=3))
    assert reply.finished.reason is FinishReason.LENGTH
    assert reply.finished.reply_tokens == 3


async def test_a_continuation_goes_on_where_the_reply_was_cut(subject: Subject) -> None:
    if isinstance(subject.backend, EngineBackend) and not EMBEDDED.is_dir():
        pytest.skip("random weights write no text that could be continued")
    whole = await reply_of(subject.backend, ask(QUESTIONS[3], tokens=12))
    cut = await reply_of(subject.backend, ask(QUESTIONS[3], tokens=6))
    rest = await reply_of(subject.backend, ask(QUESTIONS[3], tokens=6, partial=cut.text))
    assert rest.text
    assert cut.text + rest.text == whole.text


async def test_closing_a_stream_frees_its_slot(subject: Subject) -> None:
    async with aclosing(subject.backend.stream(ask(QUESTIONS[0], tokens=400))) as events:
        assert isinstance(await anext(events), Delta)
    await until(lambda: _is_idle(subject))


async def test_cancelling_the_reader_frees_the_slot(subject: Subject) -> None:
    started = asyncio.Event()

    async def read() -> None:
        async with aclosing(subject.backend.stream(ask(QUESTIONS[0], tokens=400))) as events:
            async for _ in events:
                started.set()

    task = asyncio.create_task(read())
    await started.wait()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await until(lambda: _is_idle(subject))


async def test_streams_at_once_are_independent(subject: Subject) -> None:
    alone = [(await reply_of(subject.backend, ask(q, tokens=24))).text for q in QUESTIONS]
    together = await asyncio.gather(
        *(reply_of(subject.backend, ask(q, tokens=24)) for q in QUESTIONS)
    )
    assert [reply.text for reply in together] == alone


async def test_a_short_prompt_fits_and_an_endless_one_does_not(subject: Subject) -> None:
    assert await subject.backend.fits(user("A short one."))
    assert not await subject.backend.fits(user("很长 and long. " * 2000))


async def test_a_prompt_beyond_the_context_is_refused_as_such(subject: Subject) -> None:
    with pytest.raises(ContextExceeded):
        await reply_of(subject.backend, ask("word " * 5000))


async def test_a_closed_backend_raises_an_inference_error(
    request: pytest.FixtureRequest, catalog: Path
) -> None:
    for kind in ("scripted", "remote"):
        async with getattr(subjects, kind)(catalog) as subject:
            await subject.backend.close()
            await subject.backend.close()
            assert subject.backend.state is ModelState.STOPPED
            assert subject.backend.status.state is ModelState.STOPPED
            with pytest.raises(InferenceError):
                await reply_of(subject.backend, ask("hi"))


async def _is_idle(subject: Subject) -> bool:
    return await subject.active() == 0
