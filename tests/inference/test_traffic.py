"""Every request is counted once: while it is open, and by the way in which it ends."""

import asyncio
from contextlib import aclosing

import pytest

from arena.catalog import Script
from arena.domain.conversation import ModelKey
from arena.inference.backend import Delta
from arena.inference.errors import InferenceError
from arena.inference.pool import ModelPool
from arena.inference.scripted_backend import ScriptedBackend
from arena.inference.traffic import Outcome, Phase, Traffic
from tests.fakes.chat_requests import ask
from tests.fakes.clock import VirtualClock

pytestmark = pytest.mark.anyio

KEY = ModelKey("told")
WORDS = "one two three four five six seven eight"


class Watched:
    """A pool with one model, ten words a second after a second of thought, and its traffic."""

    def __init__(self, **script: int) -> None:
        self.clock = VirtualClock(automatic=True)
        self.first: list[float] = []
        self.whole: list[float] = []
        self.traffic = Traffic(
            clock=self.clock,
            first_text=lambda _, seconds: self.first.append(round(seconds, 1)),
            whole=lambda _, seconds: self.whole.append(round(seconds, 1)),
        )
        told = Script(replies=(WORDS,), tokens_per_second=10, first_token_delay_s=1.0, **script)
        backend = ScriptedBackend(told, clock=self.clock, max_context=50)
        self.pool = ModelPool({KEY: backend}, traffic=self.traffic)

    async def reply(self, prompt: str = "hi") -> None:
        """Read a whole reply."""
        async for _ in self.pool.stream(KEY, ask(prompt)):
            pass

    @property
    def open(self) -> dict[Phase, int]:
        return {phase: count for (_, phase), count in self.traffic.open.items() if count}

    @property
    def ended(self) -> dict[Outcome, int]:
        return {outcome: count for (_, outcome), count in self.traffic.ended.items() if count}


@pytest.fixture
async def watched() -> Watched:
    made = Watched()
    await made.pool.start()
    return made


async def test_a_reply_waits_answers_and_is_complete(watched: Watched) -> None:
    async with aclosing(watched.pool.stream(KEY, ask("hi"))) as events:
        opening = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        assert watched.open == {Phase.WAITING: 1}
        assert isinstance(await opening, Delta)
        assert watched.open == {Phase.ANSWERING: 1}
        async for _ in events:
            assert watched.open == {Phase.ANSWERING: 1}
    assert (watched.open, watched.ended) == ({}, {Outcome.COMPLETE: 1})
    assert watched.first == [1.0]
    assert watched.whole == [1.7]


async def test_a_reader_who_leaves_has_cancelled(watched: Watched) -> None:
    async with aclosing(watched.pool.stream(KEY, ask("hi"))) as events:
        await anext(events)
    assert (watched.open, watched.ended) == ({}, {Outcome.CANCELLED: 1})
    assert watched.whole == []


async def test_a_reader_who_leaves_after_the_end_has_got_a_complete_reply(
    watched: Watched,
) -> None:
    async with aclosing(watched.pool.stream(KEY, ask("hi"))) as events:
        async for event in events:
            if not isinstance(event, Delta):
                break
    assert watched.ended == {Outcome.COMPLETE: 1}


async def test_a_cancelled_task_has_cancelled(watched: Watched) -> None:
    asked = asyncio.Event()

    async def read() -> None:
        async for _ in watched.pool.stream(KEY, ask("hi")):
            asked.set()

    reading = asyncio.create_task(read())
    await asked.wait()
    reading.cancel()
    await asyncio.gather(reading, return_exceptions=True)
    assert (watched.open, watched.ended) == ({}, {Outcome.CANCELLED: 1})


@pytest.mark.parametrize("breaks_at", [0, 3])
async def test_a_model_that_breaks_has_failed(breaks_at: int) -> None:
    watched = Watched(fail_at_token=breaks_at)
    await watched.pool.start()
    with pytest.raises(InferenceError):
        await watched.reply()
    assert (watched.open, watched.ended) == ({}, {Outcome.FAILED: 1})
    assert (len(watched.first), watched.whole) == (min(breaks_at, 1), [])


async def test_a_refused_prompt_has_failed_and_an_unknown_model_is_not_counted(
    watched: Watched,
) -> None:
    with pytest.raises(InferenceError):
        await watched.reply("long " * 1000)
    with pytest.raises(InferenceError):
        await anext(watched.pool.stream(ModelKey("nobody"), ask("hi")))
    assert (watched.open, watched.ended) == ({}, {Outcome.FAILED: 1})
