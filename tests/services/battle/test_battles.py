"""Battles that are reloaded, asked for by others, raced for, and many."""

import asyncio
from contextlib import aclosing
from typing import Any

import pytest

from arena.domain.accounts import Caller
from arena.domain.battle import BattleId, BattleState, Shown
from arena.domain.errors import Conflict, NotAllowed, NotFound, Refusal
from arena.domain.verdict import Verdict
from arena.services.battle.opening import Opening
from arena.services.battle.voting import Ballot
from arena.storage.battles import count_battles
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import REATTACH_S, Playground
from tests.services.battle.in_play import replies, stopped

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


class TestReload:
    async def test_it_brings_the_open_battle_back(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        current = await arena.battles.current(arena.ada)
        assert current == await arena.battles.view(arena.ada, battle_id)
        assert await arena.battles.current(arena.bob) is None

    async def test_it_brings_back_that_a_model_was_recognised(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        await arena.battles.recognise(arena.ada, battle_id, recognised=True)
        with pytest.raises(NotAllowed):
            await arena.battles.recognise(arena.bob, battle_id, recognised=False)
        await arena.next_turn(arena.ada, battle_id, "And then?")
        await arena.rest(battle_id)
        current = await arena.battles.current(arena.ada)
        assert current is not None
        assert current.recognised

    async def test_within_15_s_it_re_attaches_to_the_running_answers(
        self, arena: Playground
    ) -> None:
        arena.models.script_all(text="x" * 8000)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        await self.leave_after_two_frames(arena, battle_id)
        await asyncio.sleep(REATTACH_S - 2)
        current = await arena.battles.current(arena.ada)
        assert current is not None
        assert current.state is BattleState.GENERATING
        assert 4000 < len(replies(current)[0]) < 8000
        last = await arena.rest(battle_id)
        assert last.state is BattleState.COMPLETE
        assert replies(last) == ("x" * 8000,) * 2

    async def test_after_15_s_the_battle_is_stopped(self, arena: Playground) -> None:
        arena.models.script_all(endless=True)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        await self.leave_after_two_frames(arena, battle_id)
        await asyncio.sleep(REATTACH_S + 1)
        current = await arena.battles.current(arena.ada)
        assert current is not None
        assert current.state is BattleState.STOPPED
        assert arena.models.open == 0

    async def leave_after_two_frames(self, arena: Playground, battle_id: str) -> None:
        async with aclosing(arena.battles.frames(arena.ada, battle_id)) as frames:
            await anext(frames)
            await anext(frames)

    async def test_frames_of_a_battle_at_rest_are_one_view(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        assert await arena.frames(battle_id) == [await arena.battles.view(arena.ada, battle_id)]

    async def test_two_tabs_see_the_same_end(self, arena: Playground) -> None:
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        first, second = await asyncio.gather(arena.rest(battle_id), arena.rest(battle_id))
        assert first == second

    async def test_after_a_crash_interrupted_battles_are_stopped_and_can_be_retried(
        self, arena: Playground
    ) -> None:
        created, _ = arena.store.create(arena.ada, Opening("Why?"), arena.choose)
        complete = await arena.completed(caller=arena.bob)
        arena.battles.recover()
        assert arena.record(created.id).state is BattleState.GENERATING
        arena.leave_to_a_dead_server(created.id)
        arena.battles.recover()
        assert arena.record(created.id).state is BattleState.STOPPED
        assert arena.record(complete).state is BattleState.COMPLETE
        await arena.battles.retry(arena.ada, created.id)
        assert (await arena.rest(created.id)).state is BattleState.COMPLETE


class TestOthers:
    @pytest.mark.parametrize(
        "use_case",
        ["next_turn", "stop", "retry", "withdraw_turn", "continue_cut", "view", "frames"],
    )
    @pytest.mark.parametrize("moment", ["generating", "complete", "voted"])
    async def test_nobody_else_may_do_or_see_anything(
        self, arena: Playground, use_case: str, moment: str
    ) -> None:
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        if moment != "generating":
            await arena.rest(battle_id)
        if moment == "voted":
            arena.cast(arena.ada, battle_id, Ballot(verdict=Verdict.TIE))
        before = arena.record(battle_id)
        with pytest.raises(NotAllowed) as caught:
            await self.call(arena, use_case, arena.bob, battle_id)
        assert caught.value.refusal is Refusal.NOT_YOUR_BATTLE
        assert arena.record(battle_id) == before
        await arena.generation.close()

    @pytest.mark.parametrize(
        "use_case",
        ["next_turn", "stop", "retry", "withdraw_turn", "continue_cut", "view", "frames"],
    )
    async def test_an_unknown_battle_is_not_found(self, arena: Playground, use_case: str) -> None:
        if use_case == "next_turn":
            unknown = Shown(BattleId("no-such-battle"), "")
            asked = arena.battles.next_turn(arena.ada, unknown, "And?")
        else:
            asked = self.call(arena, use_case, arena.ada, "no-such-battle")
        with pytest.raises(NotFound):
            await asked

    async def call(self, arena: Playground, use_case: str, caller: Caller, battle_id: str) -> None:
        if use_case == "frames":
            await arena.frames(battle_id, caller)
        elif use_case == "next_turn":
            await arena.next_turn(caller, battle_id, "And?")
        else:
            await getattr(arena.battles, use_case)(caller, battle_id)


class TestRaces:
    """Somebody else was faster between reading a battle and changing it."""

    async def test_a_next_turn_after_a_vote_in_another_tab_is_told_so(
        self, arena: Playground
    ) -> None:
        read_before = arena.record(await arena.completed())
        arena.cast(arena.ada, read_before.id, Ballot(verdict=Verdict.TIE))
        with pytest.raises(Conflict) as caught:
            arena.store.add_turn(read_before, "And?")
        assert caught.value.refusal is Refusal.ALREADY_VOTED

    async def test_a_retry_of_a_battle_that_was_abandoned_meanwhile_is_told_so(
        self, arena: Playground
    ) -> None:
        read_before = arena.record(await stopped(arena))
        await arena.battles.abandon(arena.ada)
        with pytest.raises(Conflict) as caught:
            arena.store.reopen(read_before)
        assert caught.value.refusal is Refusal.BATTLE_CLOSED

    async def test_a_next_turn_after_a_continuation_was_stopped_in_another_tab_is_refused(
        self, arena: Playground
    ) -> None:
        read_before = arena.record(await arena.completed())
        arena.store.reopen(read_before)
        arena.store.stop_lost(read_before)
        with pytest.raises(Conflict) as caught:
            arena.store.add_turn(read_before, "And?")
        assert caught.value.refusal is Refusal.PAGE_OUTDATED
        found = arena.record(read_before.id)
        assert (found.state, found.turns) == (BattleState.STOPPED, read_before.turns)

    async def test_a_stop_that_comes_when_all_is_written_has_nothing_to_stop(
        self, arena: Playground
    ) -> None:
        read_before = arena.record(await arena.battles.start(arena.ada, Opening("Why?")))
        await arena.rest(read_before.id)
        with pytest.raises(Conflict) as caught:
            arena.store.stop_lost(read_before)
        assert caught.value.refusal is Refusal.NOTHING_TO_STOP


async def test_two_hundred_battles_leave_nothing_behind(arena: Playground) -> None:
    tasks_before = len(asyncio.all_tasks())
    for number in range(200):
        arena.models.script_all(fails_at=1 if number % 5 == 1 else None, endless=number % 5 == 2)
        caller = (arena.ada, arena.bob)[number % 2]
        battle_id = await arena.battles.start(caller, Opening("Why?"))
        match number % 5:
            case 0 | 1:
                await arena.frames(battle_id, caller)
            case 2:
                await arena.battles.stop(caller, battle_id)
            case 3:
                await arena.battles.abandon(caller)
    await arena.generation.close()
    assert len(asyncio.all_tasks()) == tasks_before
    assert len(arena.generation) == 0
    assert arena.models.open == 0
    with arena.database.reading() as connection:
        counts = count_battles(connection)
    assert BattleState.GENERATING not in counts
    assert sum(counts.values()) == 200
