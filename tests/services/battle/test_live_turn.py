"""One turn in virtual time: together from the start, together on the screen, closed at the end."""

import asyncio
from contextlib import suppress
from typing import Any

import pytest

from arena.domain.conversation import FinishReason, Message, ModelKey, Role, Sampling
from arena.domain.reply import ReplyEnd
from arena.inference.backend import Delta, Finished
from arena.inference.pacing import LeastWait
from arena.services.battle.contestants import Contestant
from arena.services.battle.live_turn import LiveTurn, SlotJob, SlotResult
from tests.fakes.loop import VIRTUAL_TIME, FakeClock
from tests.fakes.models import ScriptedModels

pytestmark = pytest.mark.anyio
FRAME_S = 0.125
ASKED = (Message(Role.USER, "Why?"),)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


@pytest.fixture
def models() -> ScriptedModels:
    return ScriptedModels("slow", "fast")


def job(position: int, key: str, prefix: str = "") -> SlotJob:
    contestant = Contestant(ModelKey(key), position + 1, 1.0, Sampling(seed=5), ())
    return SlotJob(position, contestant, ASKED, prefix=prefix)


def turn(models: ScriptedModels, *jobs: SlotJob, hold: bool = False) -> LiveTurn:
    return LiveTurn(
        jobs or (job(0, "slow"), job(1, "fast")),
        stream=models.stream,
        clock=FakeClock(),
        interval=lambda: FRAME_S,
        hold=hold,
    )


def slow_frames(models: ScriptedModels, *, hold: bool = False) -> LiveTurn:
    """A turn whose regular frames come every seven seconds."""
    return LiveTurn(
        [job(0, "slow"), job(1, "fast")],
        stream=models.stream,
        clock=FakeClock(),
        interval=lambda: 7.0,
        hold=hold,
    )


async def watch(live: LiveTurn) -> list[tuple[float, dict[int, str]]]:
    """Every published frame with its time."""
    seen = []
    while not live.ended:
        version = live.version
        seen.append((asyncio.get_running_loop().time(), live.visible))
        await live.changed(version)
    return seen


async def play(live: LiveTurn) -> tuple[tuple[SlotResult, ...], list[tuple[float, dict[int, str]]]]:
    watching = asyncio.create_task(watch(live))
    results = await live.run()
    live.end()
    return results, await watching


def ends(results: tuple[SlotResult, ...]) -> list[ReplyEnd]:
    return [result.end for result in results]


async def test_all_slots_are_asked_at_the_same_instant(models: ScriptedModels) -> None:
    await play(turn(models))
    first, second = models.asked
    assert abs(first.at - second.at) <= 0.020
    assert {first.key, second.key} == {"slow", "fast"}
    assert first.request.messages == second.request.messages == ASKED
    assert first.request.sampling.seed == 5


async def test_nothing_shows_before_every_slot_has_a_first_character(
    models: ScriptedModels,
) -> None:
    models.script("slow", first_token_s=3.0)
    _, frames = await play(turn(models))
    assert all(shown == {0: "", 1: ""} for at, shown in frames if at < 3.0)


async def test_the_reasoning_of_a_model_is_stored_and_never_shown(models: ScriptedModels) -> None:
    models.script("slow", reasoning="The user wants to trick me.", first_token_s=3.0)
    results, frames = await play(turn(models))
    assert results[0].reasoning == "The user wants to trick me."
    assert all("trick" not in text for _, shown in frames for text in shown.values())
    assert all(shown == {0: "", 1: ""} for at, shown in frames if at < 3.0)


async def test_visible_columns_grow_equally_and_end_complete(models: ScriptedModels) -> None:
    models.script("slow", text="ss " * 30, tokens_per_second=10)
    models.script("fast", text="ff " * 80, tokens_per_second=100)
    results, frames = await play(turn(models))
    lengths = [(len(shown[0]), len(shown[1])) for _, shown in frames]
    assert all(a == b for a, b in lengths if a < 90)
    assert lengths[-1] == (90, 240)
    assert [result.text for result in results] == ["ss " * 30, "ff " * 80]
    assert ends(results) == [ReplyEnd.STOP, ReplyEnd.STOP]


async def test_growing_answers_end_with_whole_words_wherever_tokens_end(
    models: ScriptedModels,
) -> None:
    text = "Some words are longer than others, evidently so."
    models.script("slow", text=text, tokens_per_second=10, characters_per_token=3)
    models.script("fast", text=text, tokens_per_second=100, characters_per_token=5)
    _, frames = await play(turn(models))
    shown = {part for _, frame in frames for part in frame.values()}
    assert shown == {"", "Some words are", "Some words are longer than", text}


async def test_the_last_frame_of_held_texts_does_not_wait_for_the_next_regular_one(
    models: ScriptedModels,
) -> None:
    models.script_all(text="x" * 400, tokens_per_second=10)
    results, frames = await play(slow_frames(hold=True, models=models))
    assert ends(results) == [ReplyEnd.STOP, ReplyEnd.STOP]
    assert frames[-1][0] == pytest.approx(max(result.total_s or 0.0 for result in results))


async def test_the_last_frame_comes_when_it_is_due_and_not_at_the_next_regular_one(
    models: ScriptedModels,
) -> None:
    models.script("slow", text="Paris.", tokens_per_second=1000)
    models.script("fast", text="x" * 300, tokens_per_second=1000)
    _, frames = await play(slow_frames(models=models))
    assert frames[-1][0] == pytest.approx((300 - 6) / 150, abs=0.1)


async def test_the_first_words_wait_until_a_pace_can_be_measured(models: ScriptedModels) -> None:
    models.script_all(text="Here they are. " * 20, characters_per_token=5, tokens_per_second=40)
    _, frames = await play(turn(models))
    first = next(at for at, shown in frames if all(shown.values()))
    assert first == pytest.approx(1 / 40 + 2 * FRAME_S)


@pytest.mark.parametrize("text", ["是" + "\n" * 1000, "\n" * 1000 + "是", " \n是" + " \n" * 500])
async def test_white_space_around_an_answer_is_not_waited_for_and_stored(
    models: ScriptedModels, text: str
) -> None:
    models.script("slow", text=text, tokens_per_second=1e5)
    models.script("fast", text="不" + "\n" * 3, tokens_per_second=1e5)
    results, frames = await play(turn(models))
    assert frames[-1][0] < 3 * FRAME_S
    assert frames[-1][1] == {0: text, 1: "不\n\n\n"}
    assert [result.text for result in results] == [text, "不\n\n\n"]


async def test_white_space_before_an_answer_does_not_count_as_its_first_words(
    models: ScriptedModels,
) -> None:
    words = "The quick brown fox jumps over the lazy dog. " * 8
    models.script("slow", text="\n" * 100 + words, tokens_per_second=100)
    models.script("fast", text=words, tokens_per_second=100)
    _, frames = await play(turn(models))
    assert all(
        shown[0].lstrip() == shown[1] for _, shown in frames if shown[1].strip() != words.strip()
    )


async def test_one_word_against_a_long_answer_that_is_ready_takes_ten_seconds(
    models: ScriptedModels,
) -> None:
    models.script("slow", text="Paris.", tokens_per_second=1e5)
    models.script("fast", text="f " * 5000, tokens_per_second=1e5)
    _, frames = await play(turn(models))
    assert frames[-1][0] == pytest.approx(10, abs=0.3)


async def test_the_reading_pace_is_the_least_pace_after_one_answer_has_ended(
    models: ScriptedModels,
) -> None:
    models.script("slow", text="Paris.", tokens_per_second=1000)
    models.script("fast", text="f " * 150, tokens_per_second=1000)
    live = LiveTurn(
        [job(0, "slow"), job(1, "fast")],
        stream=models.stream,
        clock=FakeClock(),
        interval=lambda: FRAME_S,
        reading_pace=75.0,
    )
    _, frames = await play(live)
    assert frames[-1][0] == pytest.approx(294 / 75, abs=0.2)


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


async def test_the_end_of_one_slot_alone_shows_nothing(models: ScriptedModels) -> None:
    models.script("fast", text="f" * 56, tokens_per_second=100)
    models.script("slow", text="s" * 200, tokens_per_second=10)
    results, frames = await play(turn(models))
    end = results[1].total_s
    assert end is not None
    assert all(at != pytest.approx(end) for at, _ in frames)


async def test_with_hold_both_texts_come_in_one_frame(models: ScriptedModels) -> None:
    models.script("slow", text="ss " * 30, tokens_per_second=10)
    models.script("fast", text="ff " * 80, tokens_per_second=100)
    _, frames = await play(turn(models, hold=True))
    whole = {0: "ss " * 30, 1: "ff " * 80}
    assert [shown for _, shown in frames] == [{0: "", 1: ""}, whole]


async def test_held_texts_wait_no_longer_in_an_arena_that_has_run_for_long(
    models: ScriptedModels,
) -> None:
    waits = []
    for _ in range(2):
        began = asyncio.get_running_loop().time()
        _, frames = await play(turn(models, hold=True))
        waits.append(frames[-1][0] - began)
        await asyncio.sleep(1000)
    assert waits == pytest.approx([1.0, 1.0])


async def test_times_are_measured_from_the_request(models: ScriptedModels) -> None:
    models.script("slow", text="abcdefgh", first_token_s=3.0, tokens_per_second=2)
    await asyncio.sleep(100)
    results, _ = await play(turn(models))
    assert results[0].first_token_s == pytest.approx(3.0)
    assert results[0].total_s == pytest.approx(3.5)


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
