"""The ways in which a server misbehaves; what becomes of a reply, its connection, a battle."""

import traceback
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import pytest

from arena.domain.battle import BattleState
from arena.domain.conversation import ModelKey
from arena.inference.backend import ChatBackend
from arena.inference.errors import (
    BrokenReply,
    ContentFiltered,
    InferenceError,
    ModelOverloaded,
    ModelTimeout,
    ModelUnavailable,
    RequestRefused,
)
from arena.inference.pool import ModelPool
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.request import Endpoint
from arena.inference.remote.waits import Retries, Timeouts
from arena.services.battle.opening import Opening
from arena.storage.database import Database
from tests.fakes.chat_requests import ask, reply_of
from tests.fakes.clock import VirtualClock
from tests.fakes.openai_server import (
    DONE,
    Answer,
    Cut,
    FakeOpenAIServer,
    Pause,
    Stall,
    chunk,
    error,
    fake_openai_server,
    in_turn,
    split_bytes,
    sse,
    usage_chunk,
)
from tests.fakes.playground import Playground
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio

KEY: Final = "0123456789abcdef-the-key"
STRANGER: Final = "words-of-a-strange-server"
LAST: Final = (chunk(finish="stop"), usage_chunk(3, 1), DONE)
GOOD: Final = Answer([chunk("fine"), *LAST])
SHORT: Final = Timeouts(first_token_s=0.4, between_tokens_s=0.4)
LONG: Final = Timeouts(first_token_s=60, between_tokens_s=60)
HTML: Final = b"<html>" + STRANGER.encode() + b"</html>"


@dataclass(frozen=True, slots=True)
class Way:
    """How a server answers; what comes of it is a text, or an error. `asked`: requests in all."""

    answer: Answer
    text: str | None = None
    error: type[InferenceError] | None = None
    asked: int = 1

    @property
    def timeouts(self) -> Timeouts:
        """Short where the waiting is the point."""
        return SHORT if self.error is ModelTimeout else LONG


WAYS: Final = {
    "slow first byte": Way(Answer(GOOD.steps, before=[Pause(0.05)]), text="fine"),
    "no first byte": Way(Answer([], before=[Stall()]), error=ModelTimeout),
    "headers and no first byte": Way(Answer([Stall()]), error=ModelTimeout),
    "stall mid-stream": Way(Answer([chunk("a"), Stall()]), error=ModelTimeout),
    "cut before the first byte": Way(Answer([], before=[Cut()]), error=ModelUnavailable, asked=3),
    "cut mid-stream": Way(Answer([chunk("a"), Cut()]), error=ModelUnavailable),
    "429 with Retry-After": Way(
        error(429, STRANGER, retry_after="2"), error=ModelOverloaded, asked=3
    ),
    "429 with a far Retry-After": Way(
        error(429, STRANGER, retry_after="3600"), error=ModelOverloaded
    ),
    "500": Way(error(500, STRANGER), error=ModelUnavailable, asked=3),
    "HTML with status 200": Way(Answer([HTML], content_type="text/html"), error=BrokenReply),
    "HTML with status 502": Way(Answer([HTML], 502, "text/html"), error=ModelUnavailable, asked=3),
    "empty choices": Way(
        Answer([sse({"id": "1", "choices": []}), chunk("fine"), *LAST]), text="fine"
    ),
    "nothing but empty choices": Way(
        Answer([sse({"id": "1", "choices": []}), DONE]), error=BrokenReply
    ),
    "no usage": Way(Answer([chunk("fine"), chunk(finish="stop"), DONE]), text="fine"),
    "wrong model": Way(Answer([chunk("fine", model=STRANGER), *LAST]), text="fine"),
    "huge delta": Way(Answer([chunk("x" * 1_000_000), *LAST]), text="x" * 1_000_000),
    "split UTF-8": Way(Answer(split_bytes(chunk("你好，世界"), *LAST)), text="你好，世界"),
    "late error event": Way(
        Answer([chunk("a"), sse({"error": {"message": STRANGER}})]), error=BrokenReply
    ),
    "late error of vLLM's": Way(
        Answer([chunk("a"), sse({"object": "error", "message": STRANGER})]), error=BrokenReply
    ),
    "late error of its own kind": Way(
        Answer([chunk("a"), b"event: error\n" + sse({"message": STRANGER})]), error=BrokenReply
    ),
    "no finish reason": Way(Answer([chunk("a"), DONE]), error=BrokenReply),
    "broken JSON": Way(
        Answer([chunk("a"), b"data: {" + STRANGER.encode() + b"\n\n"]), error=BrokenReply
    ),
    "content filter": Way(
        Answer([chunk("a"), chunk(finish="content_filter"), DONE]), error=ContentFiltered
    ),
    "tool calls": Way(Answer([chunk(finish="tool_calls"), DONE]), error=BrokenReply),
    "unknown finish reason": Way(
        Answer([chunk("a"), chunk(finish=STRANGER), DONE]), error=BrokenReply
    ),
    "finish reason of another type": Way(
        Answer([chunk("a"), sse({"choices": [{"delta": {}, "finish_reason": {"a": 1}}]}), DONE]),
        error=BrokenReply,
    ),
    "redirect": Way(
        Answer([b""], 307, headers={"location": f"http://127.0.0.1:1/{STRANGER}"}),
        error=RequestRefused,
    ),
    "wrong key": Way(error(401, f"Incorrect API key: {KEY}"), error=RequestRefused),
}
BROKEN: Final = {name: way for name, way in WAYS.items() if way.error is not None}


@asynccontextmanager
async def talking_to(
    answer: Answer, *, timeouts: Timeouts = LONG
) -> AsyncGenerator[tuple[OpenAIBackend, FakeOpenAIServer], None]:
    async with fake_openai_server(in_turn(answer)) as server:
        backend = OpenAIBackend(
            Endpoint(server.base_url, "some-model", KEY),
            clock=VirtualClock(automatic=True),
            timeouts=timeouts,
        )
        await backend.start()
        try:
            yield backend, server
        finally:
            await backend.close()


async def failure_of(backend: ChatBackend) -> InferenceError:
    with pytest.raises(InferenceError) as caught:
        await reply_of(backend, ask("hi"))
    return caught.value


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
async def test_every_way_ends_in_a_right_reply_or_in_its_error(way: Way) -> None:
    async with talking_to(way.answer, timeouts=way.timeouts) as (backend, server):
        if way.error is None:
            assert (await reply_of(backend, ask("hi"))).text == way.text
        else:
            assert type(await failure_of(backend)) is way.error
        assert len(server.requests) == way.asked
        await until(lambda: server.active == 0)


@pytest.mark.parametrize("way", BROKEN.values(), ids=BROKEN)
async def test_no_error_holds_the_key_or_a_long_text(
    way: Way, caplog: pytest.LogCaptureFixture
) -> None:
    async with talking_to(way.answer, timeouts=way.timeouts) as (backend, _):
        failed = await failure_of(backend)
    printed = "".join(traceback.format_exception(failed))
    assert KEY not in printed + repr(failed) + caplog.text
    assert len(str(failed)) < 500
    assert "some-model" in str(failed)


@pytest.mark.parametrize(
    "key", [KEY, "sk-proj-abcdEFGH1234", "sk-abc***********wxyz", "hf_abcdefghij"]
)
async def test_keys_of_any_kind_are_taken_out_of_what_a_server_says(key: str) -> None:
    async with talking_to(error(401, f"Incorrect API key provided: {key}. See")) as (backend, _):
        said = str(await failure_of(backend))
    assert key not in said
    assert "Incorrect API key provided: [key]" in said


@pytest.mark.parametrize(
    ("wished", "waited"), [("2", 4.0), ("0", 1.5), ("-7", 1.5), ("nan", 1.5), ("soon", 1.5)]
)
async def test_retry_after_is_waited_for_each_time_or_the_arenas_own_delay(
    wished: str, waited: float
) -> None:
    clock = VirtualClock(automatic=True)
    patient = Timeouts(first_token_s=60)
    async with fake_openai_server(in_turn(error(429, "x", retry_after=wished))) as server:
        endpoint = Endpoint(server.base_url, "some-model")
        backend = OpenAIBackend(endpoint, clock=clock, timeouts=patient, retries=Retries())
        await failure_of(backend)
        await backend.close()
    assert clock.monotonic() == waited


async def test_a_redirect_is_not_followed_and_names_its_target() -> None:
    async with fake_openai_server() as elsewhere:
        target = f"{elsewhere.base_url}/chat/completions"
        moved = Answer([b""], 308, headers={"location": target})
        async with talking_to(moved) as (backend, _):
            assert target in str(await failure_of(backend))
        assert elsewhere.targets == []


@pytest.mark.parametrize("way", BROKEN.values(), ids=BROKEN)
async def test_a_battle_is_void_without_a_word_of_the_server(
    way: Way, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    arena = Playground(database, keys=("sphinx", "kraken"), frame_s=0.02)
    arena.models.script("kraken", tokens_per_second=1000)
    async with talking_to(way.answer, timeouts=way.timeouts) as (backend, _):
        pool = ModelPool({ModelKey("sphinx"): backend})
        scripted = arena.models.stream
        monkeypatch.setattr(
            arena.models,
            "stream",
            lambda key, request: (pool.stream if key == "sphinx" else scripted)(key, request),
        )
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        frames = await arena.frames(battle_id)
    assert frames[-1].state is BattleState.VOID
    shown = repr(frames[-1])
    for secret in (STRANGER, KEY, "some-model", "sphinx", "HTTP", "timeout"):
        assert secret not in shown
    ((reason,),) = arena.rows("SELECT error FROM replies WHERE error IS NOT NULL")
    assert reason.startswith(f"{way.error.__name__ if way.error else ''}: some-model")
    assert KEY not in reason
