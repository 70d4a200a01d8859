"""A stopped turn is left out, so that the complete turns before it get a vote."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest

from arena.domain.battle import Action, BattleId, BattleState
from arena.domain.conversation import ModelKey
from arena.domain.errors import Conflict, NotAllowed, Refusal
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import Playground
from tests.services.battle.stopped_turns import TIE, stop, stopped

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


async def refused(arena: Playground, battle_id: BattleId, refusal: Refusal) -> None:
    before = arena.record(battle_id)
    with pytest.raises(Conflict) as caught:
        await arena.battles.withdraw_turn(arena.ada, battle_id)
    assert caught.value.refusal is refusal
    assert arena.record(battle_id) == before
    assert arena.rows("SELECT * FROM withdrawn_turns") == []


class TestWithdrawing:
    async def test_the_battle_is_what_it_was_before_the_stopped_turn(
        self, arena: Playground
    ) -> None:
        battle_id = await arena.completed()
        record, view = arena.record(battle_id), await arena.battles.view(arena.ada, battle_id)
        arena.models.script_all(endless=True)
        await arena.next_turn(arena.ada, battle_id, "And then?")
        await stop(arena, battle_id)

        await arena.battles.withdraw_turn(arena.ada, battle_id)

        assert arena.record(battle_id) == record
        again = await arena.battles.view(arena.ada, battle_id)
        assert (again, again.shown) == (view, view.shown)
        assert again.actions == {Action.VOTE, Action.NEXT_TURN}
        assert await arena.battles.current(arena.ada) == view

    async def test_what_was_asked_and_shown_is_kept(self, arena: Playground) -> None:
        battle_id = await stopped(arena)
        last = arena.record(battle_id).turns[-1]
        await asyncio.sleep(5)
        await arena.battles.withdraw_turn(arena.ada, battle_id)
        turns = arena.rows("SELECT battle_id, number, prompt FROM withdrawn_turns")
        assert turns == [(battle_id, 2, "And then?")]
        kept = arena.rows(
            "SELECT reply_id, position, text FROM withdrawn_replies "
            "JOIN replies ON replies.id = reply_id ORDER BY position"
        )
        assert kept == [(reply.id, reply.position, reply.text) for reply in last.replies]
        assert all(reply.text for reply in last.replies)

    async def test_only_the_last_of_three_turns_goes(self, arena: Playground) -> None:
        battle_id = await stopped(arena, "Why?", "And then?", "And after that?")
        first_two = arena.record(battle_id).turns[:2]
        await arena.battles.withdraw_turn(arena.ada, battle_id)
        assert arena.record(battle_id).turns == first_two

    async def test_a_turn_that_a_crash_interrupted_goes_too(self, arena: Playground) -> None:
        record = arena.record(await arena.completed())
        arena.store.add_turn(record, "And then?")
        arena.leave_to_a_dead_server(record.id)
        arena.battles.recover()
        await arena.battles.withdraw_turn(arena.ada, record.id)
        assert arena.record(record.id) == record

    async def test_it_needs_no_model(self, arena: Playground) -> None:
        battle_id = await stopped(arena)
        del arena.contestants[ModelKey("kraken")]
        await arena.battles.withdraw_turn(arena.ada, battle_id)
        assert arena.record(battle_id).state is BattleState.COMPLETE


class TestRefusals:
    async def test_while_answers_are_written(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        await arena.next_turn(arena.ada, battle_id, "And then?")
        await refused(arena, battle_id, Refusal.STILL_GENERATING)
        await arena.generation.close()

    async def test_when_all_turns_are_complete(self, arena: Playground) -> None:
        await refused(arena, await arena.completed(), Refusal.NOTHING_TO_WITHDRAW)

    async def test_when_the_stopped_turn_is_the_only_one(self, arena: Playground) -> None:
        await refused(arena, await stopped(arena, "Why?"), Refusal.NOTHING_TO_WITHDRAW)

    async def test_after_the_vote(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        arena.cast(arena.ada, battle_id, TIE)
        await refused(arena, battle_id, Refusal.ALREADY_VOTED)

    async def test_after_the_battle_was_skipped(self, arena: Playground) -> None:
        battle_id = await stopped(arena)
        await arena.battles.abandon(arena.ada)
        await refused(arena, battle_id, Refusal.BATTLE_CLOSED)

    async def test_when_a_model_failed(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        arena.models.script("kraken", fails_at=0)
        await arena.next_turn(arena.ada, battle_id, "And then?")
        await arena.rest(battle_id)
        await refused(arena, battle_id, Refusal.BATTLE_CLOSED)

    async def test_a_second_click_changes_nothing_more(self, arena: Playground) -> None:
        battle_id = await stopped(arena, "Why?", "And then?", "And after that?")
        await arena.battles.withdraw_turn(arena.ada, battle_id)
        with pytest.raises(Conflict) as caught:
            await arena.battles.withdraw_turn(arena.ada, battle_id)
        assert caught.value.refusal is Refusal.NOTHING_TO_WITHDRAW
        assert arena.record(battle_id).user_texts == ("Why?", "And then?")

    async def test_to_everybody_else(self, arena: Playground) -> None:
        battle_id = await stopped(arena)
        before = arena.record(battle_id)
        with pytest.raises(NotAllowed) as caught:
            await arena.battles.withdraw_turn(arena.bob, battle_id)
        assert caught.value.refusal is Refusal.NOT_YOUR_BATTLE
        with pytest.raises(NotAllowed):
            arena.store.withdraw_turn(arena.bob, battle_id)
        assert arena.record(battle_id) == before


class TestRaces:
    """Somebody else was faster between reading a battle and changing it."""

    async def test_a_retry_after_it_is_told_that_its_page_is_outdated(
        self, arena: Playground
    ) -> None:
        read_before = arena.record(await stopped(arena))
        await arena.battles.withdraw_turn(arena.ada, read_before.id)
        with pytest.raises(Conflict) as caught:
            arena.store.reopen(read_before)
        assert caught.value.refusal is Refusal.PAGE_OUTDATED
        assert arena.record(read_before.id).state is BattleState.COMPLETE

    async def test_so_is_one_that_would_answer_a_withdrawn_prompt_in_a_new_turn(
        self, arena: Playground
    ) -> None:
        read_before = arena.record(await stopped(arena))
        await arena.battles.withdraw_turn(arena.ada, read_before.id)
        arena.models.script_all(endless=True)
        await arena.next_turn(arena.ada, read_before.id, "What else?")
        await stop(arena, read_before.id)
        with pytest.raises(Conflict) as caught:
            arena.store.reopen(read_before)
        assert caught.value.refusal is Refusal.PAGE_OUTDATED
        assert arena.record(read_before.id).state is BattleState.STOPPED

    async def test_after_a_retry_the_answers_are_being_written(self, arena: Playground) -> None:
        record = arena.record(await stopped(arena))
        arena.store.reopen(record)
        with pytest.raises(Conflict) as caught:
            arena.store.withdraw_turn(arena.ada, record.id)
        assert caught.value.refusal is Refusal.STILL_GENERATING
        assert arena.record(record.id).turns == record.turns

    async def test_after_a_skip_the_battle_is_closed(self, arena: Playground) -> None:
        record = arena.record(await stopped(arena))
        arena.store.abandon_open(arena.ada)
        with pytest.raises(Conflict) as caught:
            arena.store.withdraw_turn(arena.ada, record.id)
        assert caught.value.refusal is Refusal.BATTLE_CLOSED
        assert arena.record(record.id).turns == record.turns

    @pytest.mark.parametrize("round_number", range(5))
    async def test_of_withdrawals_and_retries_at_once_one_wins(
        self, arena: Playground, round_number: int
    ) -> None:
        record = arena.record(await stopped(arena))
        ways: list[Callable[[], None]] = [
            lambda: arena.store.withdraw_turn(arena.ada, record.id),
            lambda: arena.store.reopen(record),
        ] * 4
        together = Barrier(len(ways))

        def attempt(way: Callable[[], None]) -> Refusal | None:
            together.wait()
            try:
                way()
            except Conflict as conflict:
                return conflict.refusal
            return None

        with ThreadPoolExecutor(len(ways)) as pool:
            ends = list(pool.map(attempt, ways))

        assert ends.count(None) == 1
        withdrawn = len(arena.rows("SELECT * FROM withdrawn_turns"))
        if arena.record(record.id).state is BattleState.COMPLETE:
            assert withdrawn == 1
            assert set(ends) == {None, Refusal.NOTHING_TO_WITHDRAW, Refusal.PAGE_OUTDATED}
        else:
            assert withdrawn == 0
            assert set(ends) == {None, Refusal.STILL_GENERATING}
