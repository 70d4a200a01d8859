"""Battles that end early: stopped by the annotator, void by a failure or a removed model."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from arena.domain.accounts import Caller
from arena.domain.battle import Action, BattleState, Notice
from arena.domain.conversation import ModelKey
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


class TestStop:
    async def test_it_stores_only_what_was_visible(self, arena: Playground) -> None:
        arena.models.script("kraken", endless=True, tokens_per_second=10)
        arena.models.script("sphinx", endless=True, tokens_per_second=100)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        watching = asyncio.create_task(arena.frames(battle_id))
        await asyncio.sleep(2)
        await arena.battles.stop(arena.ada, battle_id)
        frames = await watching
        assert replies(frames[-1]) == replies(frames[-2])
        stored = [reply.text for reply in arena.record(battle_id).turns[0].replies]
        assert stored == list(replies(frames[-1]))
        assert len({len(text) for text in stored}) == 1

    async def test_a_stopped_battle_offers_retry_and_refuses_a_vote(
        self, arena: Playground
    ) -> None:
        battle_id = await stopped(arena)
        view = await arena.battles.view(arena.ada, battle_id)
        assert view.notice is Notice.STOPPED
        assert view.actions == {Action.RETRY}
        with pytest.raises(Conflict) as caught:
            arena.cast(arena.ada, battle_id, Ballot(verdict=Verdict.TIE))
        assert caught.value.refusal is Refusal.NOT_COMPLETE

    async def test_stopping_a_complete_battle_is_refused(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        with pytest.raises(Conflict) as caught:
            await arena.battles.stop(arena.ada, battle_id)
        assert caught.value.refusal is Refusal.NOTHING_TO_STOP

    async def test_stop_twice_at_once_is_one_stop(self, arena: Playground) -> None:
        arena.models.script_all(endless=True)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        await asyncio.gather(*(arena.battles.stop(arena.ada, battle_id) for _ in range(2)))
        assert arena.record(battle_id).state is BattleState.STOPPED

    async def test_a_battle_whose_generation_was_lost_can_be_stopped(
        self, arena: Playground
    ) -> None:
        created, _ = arena.store.create(arena.ada, Opening("Why?"), arena.choose)
        await arena.battles.stop(arena.ada, created.id)
        view = await arena.battles.view(arena.ada, created.id)
        assert (view.state, replies(view)) == (BattleState.STOPPED, ("", ""))


class TestVoid:
    @pytest.mark.parametrize("side", [0, 1])
    @pytest.mark.parametrize("failure", [{"fails_at": 0}, {"fails_at": 2}, {"text": ""}], ids=str)
    async def test_a_failing_or_empty_slot_voids_the_battle_in_the_same_words(
        self, arena: Playground, side: int, failure: dict[str, Any]
    ) -> None:
        arena.next_order("sphinx", "kraken")
        arena.models.script(("sphinx", "kraken")[side], **failure)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        view = await arena.rest(battle_id)
        assert view.state is BattleState.VOID
        assert view.notice is Notice.VOID
        assert view.actions == {Action.RETRY}
        assert view.turns[-1].prompt == "Why?"
        assert len({len(reply) for reply in replies(view)}) == 1
        assert "engine" not in repr(view)
        with pytest.raises(Conflict) as caught:
            arena.cast(arena.ada, battle_id, Ballot(verdict=Verdict.TIE))
        assert caught.value.refusal is Refusal.BATTLE_CLOSED

    async def test_the_cause_is_stored_and_logged_for_the_admin(
        self, arena: Playground, caplog: pytest.LogCaptureFixture
    ) -> None:
        arena.models.script("kraken", fails_at=1)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        await arena.rest(battle_id)
        causes = "SELECT finish_reason, error FROM replies ORDER BY finish_reason DESC"
        assert arena.rows(causes) == [
            ("error", "InferenceError: the engine went away"),
            ("cancelled", None),
        ]
        assert "kraken failed" in caplog.text

    async def test_a_retry_draws_a_fresh_pair_for_the_same_prompt(self, arena: Playground) -> None:
        arena.models.script("kraken", fails_at=1)
        void = await arena.battles.start(arena.ada, Opening("Why?", "coding", "fr"))
        await arena.rest(void)
        arena.models.script("kraken", fails_at=None)
        again = await arena.battles.retry(arena.ada, void)
        assert again != void
        assert (await arena.rest(again)).state is BattleState.COMPLETE
        record = arena.record(again)
        assert (record.turns[0].prompt, record.category, record.language) == (
            "Why?",
            "coding",
            "fr",
        )
        assert arena.record(void).state is BattleState.VOID
        assert arena.rows("SELECT sum(drawn) FROM draws") == [(2,)]


class TestRemovedModel:
    """The arena was restarted without a model of an open battle."""

    async def test_a_retry_is_refused_and_changes_nothing(self, arena: Playground) -> None:
        battle_id = await stopped(arena)
        await self.refused(arena, battle_id, arena.battles.retry)

    async def test_a_continuation_is_refused_and_changes_nothing(self, arena: Playground) -> None:
        arena.models.script_all(budget=4)
        battle_id = await arena.completed()
        await self.refused(arena, battle_id, arena.battles.continue_cut)

    async def test_a_next_turn_is_refused_and_changes_nothing(self, arena: Playground) -> None:
        battle_id = await arena.completed()

        async def next_turn(caller: Caller, battle_id: str) -> None:
            await arena.next_turn(caller, battle_id, "And?")

        await self.refused(arena, battle_id, next_turn)

    async def refused(
        self, arena: Playground, battle_id: str, use_case: Callable[[Caller, str], Awaitable[Any]]
    ) -> None:
        before = arena.record(battle_id)
        del arena.contestants[ModelKey("kraken")]
        with pytest.raises(Unavailable) as caught:
            await use_case(arena.ada, battle_id)
        assert caught.value.refusal is Refusal.TOO_FEW_MODELS
        assert "kraken" not in str(caught.value)
        assert arena.record(battle_id) == before
