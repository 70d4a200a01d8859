"""How a turn ends: stopped, failed, cut or cancelled, and what is kept of it."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from arena.domain.conversation import FinishReason, ModelKey
from arena.domain.reply import ReplyEnd
from arena.inference.backend import Delta, Finished
from arena.inference.pacing import LeastWait
from arena.services.battle.live_turn import LiveTurn
from tests.fakes.loop import VIRTUAL_TIME, FakeClock
from tests.fakes.models import ScriptedModels
from tests.services.battle.live_turns import FRAME_S, ends, job, play, turn

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


@pytest.fixture
def models() -> ScriptedModels:
    return ScriptedModels("slow", "fast")


async def test_a_stop_does_not_wait_until_a_held_text_may_show(models: ScriptedModels) -> None:
    live = LiveTurn(
        [job(0, "slow")],
        stream=models.stream,
        clock=FakeClock(),
        interval=lambda: FRAME_S,
        hold=True,
        least_wait=LeastWait(first_s=60),
    )
    running = asyncio.create_task(live.run())
    await asyncio.sleep(5)
    assert not running.done()
    live.stop()
    (result,) = await running
    assert asyncio.get_running_loop().time() == pytest.approx(5)
    assert (result.text, result.end) == ("", ReplyEnd.CANCELLED)


async def test_stop_keeps_what_is_visible_and_cancels_every_slot(models: ScriptedModels) -> None:
    models.script_all(endless=True)
    live = turn(models)
    running = asyncio.create_task(live.run())
    await asyncio.sleep(2.0)
    visible = live.visible
    live.stop()
    results = await running
    assert ends(results) == [ReplyEnd.CANCELLED, ReplyEnd.CANCELLED]
    assert {result.job.position: result.text for result in results}[0].startswith(visible[0])
    assert len(results[0].text) - len(visible[0]) <= 4 * 100 * FRAME_S
    assert [result.total_s for result in results] == [None, None]
    assert models.open == 0


async def test_a_finished_slot_whose_text_is_not_shown_yet_counts_as_cancelled_by_a_stop(
    models: ScriptedModels,
) -> None:
    models.script("slow", endless=True, tokens_per_second=1)
    live = turn(models)
    running = asyncio.create_task(live.run())
    await asyncio.sleep(2.2)
    live.stop()
    results = await running
    assert ends(results) == [ReplyEnd.CANCELLED, ReplyEnd.CANCELLED]
    assert len(results[1].text) == len(results[0].text) < len("A short answer.")


@pytest.mark.parametrize("token", [0, 3])
async def test_a_failing_slot_ends_the_turn_for_all(models: ScriptedModels, token: int) -> None:
    models.script("slow", fails_at=token)
    models.script("fast", endless=True)
    results, _ = await play(turn(models))
    assert ends(results) == [ReplyEnd.ERROR, ReplyEnd.CANCELLED]
    assert results[0].error == "InferenceError: the engine went away"
    assert models.open == 0


async def test_a_failure_that_nobody_foresaw_ends_the_turn_and_is_logged_once(
    models: ScriptedModels, caplog: pytest.LogCaptureFixture
) -> None:
    models.script("slow", fails_at=1, error=KeyError("choices"))
    results, _ = await play(turn(models))
    assert ends(results)[0] is ReplyEnd.ERROR
    assert [record.message for record in caplog.records] == ["a slot failed in an unforeseen way"]
    assert "KeyError: 'choices'" in caplog.text


@pytest.mark.parametrize("text", ["", " \n "])
async def test_an_empty_reply_is_a_failure(models: ScriptedModels, text: str) -> None:
    models.script("fast", text=text)
    results, _ = await play(turn(models))
    assert ends(results)[1] is ReplyEnd.ERROR
    assert results[1].error == "BrokenReply: the reply is empty"


async def test_a_stream_without_a_finish_reason_is_a_failure(models: ScriptedModels) -> None:
    async def unfinished(_key: ModelKey, _request: object) -> Any:
        yield Delta("half an ans")

    live = LiveTurn(
        [job(0, "slow")], stream=unfinished, clock=FakeClock(), interval=lambda: FRAME_S
    )
    results = await live.run()
    assert ends(results) == [ReplyEnd.ERROR]
    assert results[0].error == "BrokenReply: the stream ended without a finish reason"


async def test_reasoning_and_figures_of_a_reply_are_kept_as_they_came(
    models: ScriptedModels,
) -> None:
    figures = Finished(FinishReason.STOP, prompt_tokens=7, reply_tokens=2)

    async def thinking(_key: ModelKey, _request: object) -> Any:
        thoughts = (Delta(reasoning="Hm. "), Delta(reasoning="Yes."))
        for event in (*thoughts, Delta("So it is."), figures):
            await asyncio.sleep(1)
            yield event

    live = LiveTurn([job(0, "slow")], stream=thinking, clock=FakeClock(), interval=lambda: FRAME_S)
    (result,) = await live.run()
    assert (result.reasoning, result.text) == ("Hm. Yes.", "So it is.")
    assert result.finished == figures
    assert result.first_token_s == pytest.approx(1)
    assert result.total_s == pytest.approx(4)


async def test_a_cut_reply_says_so(models: ScriptedModels) -> None:
    models.script("fast", text="x" * 100, budget=40)
    results, _ = await play(turn(models))
    assert ends(results) == [ReplyEnd.STOP, ReplyEnd.LENGTH]


async def test_a_continued_reply_keeps_its_prefix_from_the_first_frame(
    models: ScriptedModels,
) -> None:
    models.script("fast", text="abcdefghijkl", budget=4)
    results, frames = await play(turn(models, job(1, "fast", prefix="abcd")))
    assert models.asked[0].request.partial_reply == "abcd"
    assert all(shown[1].startswith("abcd") for _, shown in frames)
    assert results[0].text == "abcdefgh"
    assert ends(results) == [ReplyEnd.LENGTH]


async def test_a_model_with_nothing_to_add_to_its_cut_reply_ends_it(models: ScriptedModels) -> None:
    models.script("fast", text="abcd")
    results, _ = await play(turn(models, job(1, "fast", prefix="abcd")))
    assert (results[0].text, results[0].end) == ("abcd", ReplyEnd.STOP)


@pytest.mark.parametrize("after", [0.0, 0.05, 1.0])
async def test_cancelling_a_turn_closes_every_stream(models: ScriptedModels, after: float) -> None:
    models.script_all(endless=True)
    before = asyncio.all_tasks()
    running = asyncio.create_task(turn(models).run())
    await asyncio.sleep(after)
    running.cancel()
    with suppress(asyncio.CancelledError):
        await running
    assert models.open == 0
    assert asyncio.all_tasks() == before
