"""Further turns: the conversation continues, and a turn that was stopped is run again."""

import asyncio
from typing import Any

import pytest

from arena.domain.battle import Action, BattleState
from arena.domain.conversation import Message, Role
from arena.domain.errors import Conflict, Refusal, Unavailable
from arena.domain.verdict import Verdict
from arena.services.battle.opening import Opening
from arena.services.battle.voting import Ballot
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import Playground
from tests.services.battle.in_play import replies, stopped

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


class TestNextTurn:
    async def test_it_carries_the_history_of_each_slot(self, arena: Playground) -> None:
        arena.next_order("sphinx", "kraken")
        arena.models.script("sphinx", text="Riddle.")
        arena.models.script("kraken", text="Storm.")
        battle_id = await arena.completed("Who?")
        await arena.next_turn(arena.ada, battle_id, "And then?")
        view = await arena.rest(battle_id)
        assert [turn.prompt for turn in view.turns] == ["Who?", "And then?"]
        assert [turn.number for turn in arena.record(battle_id).turns] == [1, 2]
        assert view.turns[0].replies == ("Riddle.", "Storm.")
        for asked in arena.models.asked[2:]:
            answer = {"sphinx": "Riddle.", "kraken": "Storm."}[asked.key]
            assert asked.request.messages == (
                Message(Role.USER, "Who?"),
                Message(Role.ASSISTANT, answer),
                Message(Role.USER, "And then?"),
            )

    async def test_every_turn_is_shown_once_and_in_order(self, arena: Playground) -> None:
        battle_id = await arena.completed("One?")
        prompts = ["One?"]
        assert [turn.prompt for turn in (await arena.rest(battle_id)).turns] == prompts
        for prompt in ("Two?", "Three?"):
            prompts.append(prompt)
            await arena.next_turn(arena.ada, battle_id, prompt)
            assert [turn.prompt for turn in (await arena.rest(battle_id)).turns] == prompts

    async def test_earlier_turns_stay_on_the_screen_while_the_next_generates(
        self, arena: Playground
    ) -> None:
        battle_id = await arena.completed("Who?")
        await arena.next_turn(arena.ada, battle_id, "And then?")
        frames = await arena.frames(battle_id)
        assert all(frame.turns[0].replies == ("A short answer.",) * 2 for frame in frames)
        assert replies(frames[0]) == ("", "")

    async def test_a_battle_stays_with_its_models(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        before = arena.record(battle_id).slots
        await arena.next_turn(arena.ada, battle_id, "And then?")
        await arena.rest(battle_id)
        assert arena.record(battle_id).slots == before
        assert arena.rows("SELECT sum(drawn) FROM draws") == [(1,)]

    async def test_it_is_refused_while_answers_are_written(self, arena: Playground) -> None:
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        with pytest.raises(Conflict) as caught:
            await arena.next_turn(arena.ada, battle_id, "And?")
        assert caught.value.refusal is Refusal.STILL_GENERATING
        await arena.generation.close()

    async def test_it_is_refused_on_a_stopped_battle(self, arena: Playground) -> None:
        battle_id = await stopped(arena)
        with pytest.raises(Conflict) as caught:
            await arena.next_turn(arena.ada, battle_id, "And?")
        assert caught.value.refusal is Refusal.NOT_COMPLETE

    async def test_it_is_refused_after_the_vote(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        arena.cast(arena.ada, battle_id, Ballot(verdict=Verdict.TIE))
        with pytest.raises(Conflict) as caught:
            await arena.next_turn(arena.ada, battle_id, "And?")
        assert caught.value.refusal is Refusal.ALREADY_VOTED

    async def test_a_history_that_fits_no_more_is_refused_and_can_still_be_voted_on(
        self, arena: Playground
    ) -> None:
        battle_id = await arena.completed("Why? " * 40)
        with pytest.raises(Conflict) as caught:
            await arena.next_turn(arena.ada, battle_id, "And then what? " * 10)
        assert caught.value.refusal is Refusal.CONVERSATION_FULL
        assert Action.VOTE in (await arena.battles.view(arena.ada, battle_id)).actions
        assert len(arena.record(battle_id).turns) == 1

    async def test_it_waits_for_models_that_must_be_brought_back_into_memory(
        self, arena: Playground
    ) -> None:
        battle_id = await arena.completed()
        arena.models.in_memory = False
        with pytest.raises(Unavailable) as caught:
            await arena.next_turn(arena.ada, battle_id, "And?")
        assert caught.value.refusal is Refusal.MODELS_LOADING
        assert len(arena.record(battle_id).turns) == 1
        arena.models.in_memory = True
        await arena.next_turn(arena.ada, battle_id, "And?")
        assert (await arena.rest(battle_id)).state is BattleState.COMPLETE

    async def test_two_next_turns_at_once_are_one(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        outcomes = await asyncio.gather(
            *(arena.next_turn(arena.ada, battle_id, "And?") for _ in range(5)),
            return_exceptions=True,
        )
        assert sum(outcome is None for outcome in outcomes) == 1
        assert sum(isinstance(outcome, Conflict) for outcome in outcomes) == 4
        assert len((await arena.rest(battle_id)).turns) == 2


class TestRetry:
    async def test_it_regenerates_every_slot_and_keeps_the_earlier_attempts(
        self, arena: Playground
    ) -> None:
        battle_id = await stopped(arena)
        assert await arena.battles.retry(arena.ada, battle_id) == battle_id
        frames = await arena.frames(battle_id)
        assert replies(frames[0]) == ("", "")
        assert replies(frames[-1]) == ("A short answer.",) * 2
        assert frames[-1].state is BattleState.COMPLETE
        attempts = "SELECT position, attempt FROM slot_replies ORDER BY position, attempt"
        assert arena.rows(attempts) == [(0, 1), (0, 2), (1, 1), (1, 2)]

    async def test_a_complete_battle_has_nothing_to_retry(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        with pytest.raises(Conflict) as caught:
            await arena.battles.retry(arena.ada, battle_id)
        assert caught.value.refusal is Refusal.NOTHING_TO_RETRY

    async def test_two_retries_at_once_are_one(self, arena: Playground) -> None:
        battle_id = await stopped(arena)
        outcomes = await asyncio.gather(
            *(arena.battles.retry(arena.ada, battle_id) for _ in range(3)), return_exceptions=True
        )
        assert sum(outcome == battle_id for outcome in outcomes) == 1
        await arena.rest(battle_id)
        assert arena.rows("SELECT max(attempt) FROM slot_replies") == [(2,)]
