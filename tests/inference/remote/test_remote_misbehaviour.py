"""The ways in which a server misbehaves; what becomes of a reply, its connection, a battle."""

import traceback

import pytest

from arena.domain.battle import BattleState
from arena.domain.conversation import ModelKey
from arena.inference.pool import ModelPool
from arena.inference.remote.backend import OpenAIBackend
from arena.inference.remote.request import Endpoint
from arena.inference.remote.waits import Retries, Timeouts
from arena.services.battle.opening import Opening
from arena.storage.database import Database
from tests.fakes.chat_requests import ask, reply_of
from tests.fakes.clock import VirtualClock
from tests.fakes.openai_server import Answer, error, fake_openai_server, in_turn
from tests.fakes.playground import Playground
from tests.fakes.waiting import until
from tests.inference.remote.misbehaviour import (
    BROKEN,
    KEY,
    STRANGER,
    WAYS,
    Way,
    failure_of,
    talking_to,
)

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("each_transport")]


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
