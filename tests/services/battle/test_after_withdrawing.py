"""What comes after a turn was left out: another one, or the vote."""

import asyncio
from typing import Any

import pytest

from arena.domain.battle import Action, BattleState
from arena.domain.conversation import Message, Role
from arena.domain.errors import Conflict, Refusal
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import Playground
from tests.services.battle.stopped_turns import TIE, stop, stopped

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


class TestGoingOn:
    async def test_the_next_turn_takes_the_number_and_models_know_only_complete_turns(
        self, arena: Playground
    ) -> None:
        battle_id = await stopped(arena)
        await arena.battles.withdraw_turn(arena.ada, battle_id)
        await arena.next_turn(arena.ada, battle_id, "What else?")
        last = await arena.rest(battle_id)

        assert last.state is BattleState.COMPLETE
        record = arena.record(battle_id)
        assert [turn.number for turn in record.turns] == [1, 2]
        assert record.user_texts == ("Why?", "What else?")
        assert {asked.request.messages for asked in arena.models.asked[-2:]} == {
            (
                Message(Role.USER, "Why?"),
                Message(Role.ASSISTANT, record.turns[0].replies[0].text),
                Message(Role.USER, "What else?"),
            )
        }

    async def test_the_new_turn_can_be_stopped_and_withdrawn_as_well(
        self, arena: Playground
    ) -> None:
        battle_id = await stopped(arena)
        await arena.battles.withdraw_turn(arena.ada, battle_id)
        arena.models.script_all(endless=True)
        await arena.next_turn(arena.ada, battle_id, "What else?")
        await stop(arena, battle_id)
        await arena.battles.withdraw_turn(arena.ada, battle_id)
        assert arena.record(battle_id).user_texts == ("Why?",)
        prompts = arena.rows("SELECT number, prompt FROM withdrawn_turns ORDER BY id")
        assert prompts == [(2, "And then?"), (2, "What else?")]

    async def test_cut_answers_of_the_turn_before_can_be_continued(self, arena: Playground) -> None:
        arena.models.script("sphinx", text="s" * 60)
        arena.models.script("kraken", text="k" * 100, budget=40)
        battle_id = await arena.completed()
        arena.models.script_all(endless=True)
        await arena.next_turn(arena.ada, battle_id, "And then?")
        await stop(arena, battle_id)
        await arena.battles.withdraw_turn(arena.ada, battle_id)
        view = await arena.battles.view(arena.ada, battle_id)
        assert Action.CONTINUE in view.actions
        await arena.battles.continue_cut(arena.ada, battle_id)
        last = await arena.rest(battle_id)
        assert sorted(map(len, last.turns[0].replies)) == [60, 80]


class TestVoting:
    async def test_a_vote_is_on_the_complete_turns(self, arena: Playground) -> None:
        battle_id = await stopped(arena)
        await arena.battles.withdraw_turn(arena.ada, battle_id)
        view = await arena.battles.view(arena.ada, battle_id)
        arena.voting.cast(arena.ada, view.shown, TIE)
        assert arena.record(battle_id).state is BattleState.VOTED
        (item,) = arena.rows("SELECT item_hash FROM outcomes")
        hashes = arena.rows(
            "SELECT SUM(answer_hash) FROM slot_replies JOIN replies ON replies.id = reply_id"
        )
        assert hashes == [item]

    async def test_a_page_that_still_shows_the_stopped_turn_votes_on_nothing(
        self, arena: Playground
    ) -> None:
        battle_id = await stopped(arena)
        outdated = arena.shown(battle_id)
        await arena.battles.withdraw_turn(arena.ada, battle_id)
        with pytest.raises(Conflict) as caught:
            arena.voting.cast(arena.ada, outdated, TIE)
        assert caught.value.refusal is Refusal.PAGE_OUTDATED
        assert arena.rows("SELECT * FROM votes") == []

    async def test_reading_began_when_the_complete_turns_were_complete(
        self, arena: Playground
    ) -> None:
        battle_id = await arena.completed()
        complete = arena.record(battle_id).completed_at
        assert complete is not None
        await asyncio.sleep(30)
        arena.models.script_all(endless=True)
        await arena.next_turn(arena.ada, battle_id, "And then?")
        await stop(arena, battle_id)
        await arena.battles.withdraw_turn(arena.ada, battle_id)
        arena.cast(arena.ada, battle_id, TIE)
        ((reading_s,),) = arena.rows("SELECT reading_s FROM votes")
        assert reading_s == pytest.approx((arena.clock.now() - complete).total_seconds())
        assert reading_s > 30

    async def test_also_where_the_withdrawn_turn_had_been_complete_before_it_was_continued(
        self, arena: Playground
    ) -> None:
        battle_id = await arena.completed()
        complete = arena.record(battle_id).completed_at
        arena.models.script_all(budget=4)
        await arena.next_turn(arena.ada, battle_id, "And then?")
        await arena.rest(battle_id)
        assert arena.record(battle_id).completed_at != complete
        arena.models.script_all(endless=True)
        await arena.battles.continue_cut(arena.ada, battle_id)
        await stop(arena, battle_id)
        await arena.battles.withdraw_turn(arena.ada, battle_id)
        assert arena.record(battle_id).completed_at == complete
