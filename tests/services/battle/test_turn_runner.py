"""Generation belongs to the battle: watchers come and go, streams are closed in the end."""

import asyncio
from typing import Any

import pytest

from arena.domain.battle import BattleId
from arena.domain.conversation import Message, ModelKey, Role, Sampling
from arena.domain.errors import Refusal, Unavailable
from arena.domain.reply import ReplyEnd
from arena.services.battle.contestants import Contestant
from arena.services.battle.live_turn import LiveTurn, SlotJob, SlotResult
from arena.services.battle.turn_runner import TurnRunner
from tests.fakes.loop import VIRTUAL_TIME, FakeClock
from tests.fakes.models import ScriptedModels

pytestmark = pytest.mark.anyio
BATTLE = BattleId("battle")
REATTACH_S = 15.0


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


class Bench:
    """A generation whose results are kept in a list."""

    def __init__(self) -> None:
        self.models = ScriptedModels("a", "b")
        self.clock = FakeClock()
        self.generation = TurnRunner(clock=self.clock, reattach_s=REATTACH_S)
        self.finished: list[tuple[SlotResult, ...]] = []

    def turn(self) -> LiveTurn:
        jobs = [
            SlotJob(
                position,
                Contestant(ModelKey(key), position, 1.0, Sampling(), ()),
                (Message(Role.USER, "Why?"),),
            )
            for position, key in enumerate(("a", "b"))
        ]
        return LiveTurn(jobs, stream=self.models.stream, clock=self.clock, interval=lambda: 0.125)

    def begin(self, battle_id: BattleId = BATTLE) -> LiveTurn:
        live = self.turn()
        self.generation.begin(battle_id, live, self.keep)
        return live

    async def keep(self, results: tuple[SlotResult, ...]) -> None:
        self.finished.append(results)

    async def watch_for(self, seconds: float) -> None:
        with self.generation.watching(BATTLE):
            await asyncio.sleep(seconds)


@pytest.fixture
def bench() -> Bench:
    return Bench()


async def test_a_turn_that_nobody_watches_is_finished_and_stored(bench: Bench) -> None:
    live = bench.begin()
    await asyncio.sleep(2)
    assert live.ended
    assert [result.text for result in bench.finished[0]] == ["A short answer."] * 2
    assert len(bench.generation) == 0


async def test_a_turn_that_nobody_watches_is_stopped_after_the_wait(bench: Bench) -> None:
    bench.models.script_all(endless=True)
    live = bench.begin()
    await asyncio.sleep(REATTACH_S - 1)
    assert not bench.finished
    await asyncio.sleep(2)
    assert live.ended
    assert bench.models.open == 0


async def test_the_wait_begins_anew_when_the_last_watcher_leaves(bench: Bench) -> None:
    bench.models.script_all(endless=True)
    live = bench.begin()
    await bench.watch_for(60)
    await asyncio.sleep(REATTACH_S - 1)
    assert not bench.finished
    await bench.watch_for(60)
    assert not bench.finished
    await asyncio.sleep(REATTACH_S + 1)
    assert live.ended


async def test_one_of_two_watchers_is_enough(bench: Bench) -> None:
    bench.models.script_all(endless=True)
    bench.begin()
    staying = asyncio.create_task(bench.watch_for(60))
    await bench.watch_for(1)
    await asyncio.sleep(40)
    assert not bench.finished
    await staying


async def test_stop_returns_when_the_results_are_stored(bench: Bench) -> None:
    bench.models.script_all(endless=True)
    bench.begin()
    await bench.generation.stop(BATTLE)
    assert len(bench.finished) == 1
    assert bench.models.open == 0


async def test_stopping_what_does_not_run_does_nothing(bench: Bench) -> None:
    await bench.generation.stop(BattleId("unknown"))


async def test_watching_what_does_not_run_does_nothing(bench: Bench) -> None:
    with bench.generation.watching(BattleId("unknown")):
        assert len(bench.generation) == 0


async def test_close_stops_all_battles_at_once_and_stores_them(bench: Bench) -> None:
    bench.models.script_all(endless=True)
    for number in range(50):
        bench.begin(BattleId(f"battle-{number}"))
    await asyncio.sleep(1)
    await bench.generation.close()
    assert bench.clock.monotonic() < 2
    assert len(bench.finished) == 50
    assert bench.models.open == len(bench.generation) == 0


async def test_closing_nothing_does_nothing(bench: Bench) -> None:
    await bench.generation.close()


async def test_a_turn_begun_while_the_last_one_was_being_stored_is_kept(bench: Bench) -> None:
    begun: list[LiveTurn] = []

    async def begin_the_next(_results: tuple[SlotResult, ...]) -> None:
        bench.models.script_all(endless=True)
        begun.append(bench.begin())

    bench.generation.begin(BATTLE, bench.turn(), begin_the_next)
    await asyncio.sleep(2)
    assert bench.generation.live(BATTLE) is begun[0]
    await bench.generation.close()
    assert bench.models.open == 0


async def test_a_turn_that_cannot_be_stored_releases_its_watchers(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    async def fail(_results: tuple[SlotResult, ...]) -> None:
        raise OSError("disk full")

    live = bench.turn()
    bench.generation.begin(BATTLE, live, fail)
    await bench.watch_for(2)
    assert live.ended
    assert len(bench.generation) == 0
    assert "could not be finished and stored" in caplog.text


async def test_the_cause_is_handed_on_before_the_watchers_are_told_of_the_end(
    bench: Bench,
) -> None:
    seen: list[tuple[BaseException, bool]] = []
    boom = OSError("disk full")

    async def fail(_results: tuple[SlotResult, ...]) -> None:
        raise boom

    async def note(error: BaseException) -> None:
        await asyncio.sleep(1)
        seen.append((error, live.ended))

    live = bench.turn()
    bench.generation.begin(BATTLE, live, fail, note)
    await bench.watch_for(3)
    assert seen == [(boom, False)]
    assert live.ended
    assert bench.generation.live(BATTLE) is None


class PanicException(BaseException):
    """As Rust code raises it in Python: no `Exception`."""


@pytest.mark.parametrize("boom", [PanicException("no"), asyncio.CancelledError(), MemoryError()])
async def test_what_is_no_exception_is_handed_on_like_any_other_failure(
    bench: Bench, boom: BaseException
) -> None:
    seen: list[BaseException] = []

    async def fail(_results: tuple[SlotResult, ...]) -> None:
        raise boom

    async def note(error: BaseException) -> None:
        seen.append(error)

    live = bench.turn()
    bench.generation.begin(BATTLE, live, fail, note)
    await bench.watch_for(2)
    assert seen == [boom]
    assert live.ended
    assert bench.generation.live(BATTLE) is None


async def test_a_turn_that_the_end_of_the_arena_cancels_has_not_failed(bench: Bench) -> None:
    seen: list[BaseException] = []

    async def stuck(_results: tuple[SlotResult, ...]) -> None:
        await asyncio.sleep(3600)

    async def note(error: BaseException) -> None:
        seen.append(error)

    bench.generation.begin(BATTLE, bench.turn(), stuck, note)
    await asyncio.sleep(1)
    await bench.generation.close()
    assert seen == []


async def test_a_turn_that_is_never_stored_keeps_the_end_of_the_arena_for_eight_seconds(
    bench: Bench,
) -> None:
    async def stuck(_results: tuple[SlotResult, ...]) -> None:
        await asyncio.sleep(3600)

    live = bench.turn()
    bench.generation.begin(BATTLE, live, stuck)
    await asyncio.sleep(1)
    await bench.generation.close()
    assert bench.clock.monotonic() == pytest.approx(9)
    assert live.ended
    assert len(bench.generation) == 0


async def test_the_end_of_the_arena_waits_for_replies_and_lets_no_turn_begin(bench: Bench) -> None:
    bench.begin()
    ending = asyncio.create_task(bench.generation.finish(within_s=20))
    await asyncio.sleep(0)
    with pytest.raises(Unavailable) as caught:
        bench.generation.require_open()
    assert caught.value.refusal is Refusal.ENDING
    await ending
    assert [result.end for result in bench.finished[0]] == [ReplyEnd.STOP] * 2
    assert len(bench.generation) == 0


async def test_the_end_of_the_arena_waits_no_longer_than_it_may(bench: Bench) -> None:
    bench.models.script_all(endless=True)
    bench.begin()
    with bench.generation.watching(BATTLE):
        await bench.generation.finish(within_s=20)
    assert bench.clock.monotonic() == pytest.approx(20, abs=0.2)
    assert not bench.finished
    await bench.generation.close()


async def test_an_arena_without_a_running_reply_ends_at_once(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    await bench.generation.finish(within_s=20)
    assert bench.clock.monotonic() == 0
    assert caplog.text == ""
