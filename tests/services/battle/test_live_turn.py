"""One turn in virtual time: together from the start, together on the screen."""

import asyncio
from typing import Any

import pytest

from arena.domain.reply import ReplyEnd
from arena.services.battle.live_turn import LiveTurn
from tests.fakes.loop import VIRTUAL_TIME, FakeClock
from tests.fakes.models import ScriptedModels
from tests.services.battle.live_turns import ASKED, FRAME_S, ends, job, play, turn

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


@pytest.fixture
def models() -> ScriptedModels:
    return ScriptedModels("slow", "fast")


def slow_frames(models: ScriptedModels, *, hold: bool = False) -> LiveTurn:
    """A turn whose regular frames come every seven seconds."""
    return LiveTurn(
        [job(0, "slow"), job(1, "fast")],
        stream=models.stream,
        clock=FakeClock(),
        interval=lambda: 7.0,
        hold=hold,
    )


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


async def test_a_slow_answer_ends_with_whole_words_after_the_other_one_has_ended(
    models: ScriptedModels,
) -> None:
    text = "Some words are longer than others, evidently so."
    models.script("slow", text=text, tokens_per_second=1, characters_per_token=16)
    models.script("fast", text="Yes.")
    _, frames = await play(turn(models))
    shown = {frame[0] for _, frame in frames} - {""}
    assert "Some words are" in shown
    assert all(part == text or text[len(part)] == " " for part in shown)


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


async def test_the_first_words_of_a_busy_server_show_as_soon_as_a_pace_can_be_measured(
    models: ScriptedModels,
) -> None:
    models.script_all(text="Here they are. " * 20, characters_per_token=5, tokens_per_second=40)
    _, frames = await play(slow_frames(models))
    first = next(at for at, shown in frames if all(shown.values()))
    assert first == pytest.approx(1 / 40 + 0.25)


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
