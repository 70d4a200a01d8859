"""A battle begins: for whom, with what, and when it cannot."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from arena.domain.battle import BattleState
from arena.domain.errors import ArenaError, BadInput, Refusal
from arena.domain.mode import Mode
from arena.services.battle.eligibility import BattleRules
from arena.services.battle.opening import Opening
from arena.storage.database import Database
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import Playground
from tests.services.battle.in_play import replies

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


class TestStart:
    async def test_a_battle_generates_and_is_complete(self, arena: Playground) -> None:
        battle_id = await arena.battles.start(arena.ada, Opening("Why?", category="reasoning"))
        frames = await arena.frames(battle_id)
        assert {frame.state for frame in frames[:-1]} == {BattleState.GENERATING}
        assert frames[-1].state is BattleState.COMPLETE
        assert replies(frames[-1]) == ("A short answer.",) * 2
        record = arena.record(battle_id)
        assert record.category == "reasoning"
        assert record.language == "en"
        assert record.completed_at is not None

    async def test_both_slots_are_asked_within_20_ms(self, arena: Playground) -> None:
        await arena.completed()
        times = [asked.at for asked in arena.models.asked]
        assert len(times) == 2
        assert max(times) - min(times) <= 0.020

    async def test_the_language_is_identified_unless_the_annotator_chose(
        self, arena: Playground
    ) -> None:
        detected = await arena.completed("天空为什么是蓝色的？")
        chosen = await arena.battles.start(arena.ada, Opening("Où?", language="fr"))
        assert arena.record(detected).language == "zh"
        assert arena.record(chosen).language == "fr"
        await arena.generation.close()

    async def test_what_is_told_of_a_new_battle_is_what_the_ledger_holds(
        self, arena: Playground
    ) -> None:
        opening = Opening("Why?", category="reasoning", language="fr")
        created, replaced = arena.store.create(arena.ada, opening, arena.choose)
        assert created == arena.record(created.id)
        assert (replaced, arena.store.open_battle(arena.ada)) == ((), created.id)
        _, replaced = arena.store.create(arena.ada, opening, arena.choose)
        assert replaced == (created.id,)

    async def test_the_chance_that_a_pair_had_is_stored(self, database: Database) -> None:
        arena = Playground(database, keys=("a", "b", "c"))
        await arena.completed()
        assert arena.rows("SELECT pair_probability FROM battles") == [(pytest.approx(1 / 3),)]

    async def test_characters_of_every_script_arrive_whole(self, arena: Playground) -> None:
        text = "天空是蓝色的，因为散射 🌈 é"
        arena.models.script_all(text=text, characters_per_token=1)
        battle_id = await arena.completed("天空为什么是蓝色的？")
        assert replies(await arena.rest(battle_id)) == (text, text)

    async def test_an_opaque_id_names_the_battle(self, arena: Playground) -> None:
        first, second = await arena.completed(), await arena.completed()
        assert first != second
        assert not set(arena.models.scripts) & {first, second}

    @pytest.mark.parametrize("prompt", ["", "  \n\t"])
    async def test_an_empty_prompt_is_refused(self, arena: Playground, prompt: str) -> None:
        with pytest.raises(BadInput) as caught:
            await arena.battles.start(arena.ada, Opening(prompt))
        assert caught.value.refusal is Refusal.EMPTY_PROMPT

    async def test_after_a_refusal_nothing_has_changed(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        with pytest.raises(BadInput):
            await arena.battles.start(arena.ada, Opening("x" * 201))
        assert arena.record(battle_id).state is BattleState.COMPLETE
        assert arena.rows("SELECT count(*) FROM battles") == [(1,)]
        assert arena.rows("SELECT sum(drawn) FROM draws") == [(1,)]

    async def test_the_sides_of_concurrent_starts_are_balanced(self, arena: Playground) -> None:
        callers = [arena.annotator(f"annotator-{number}") for number in range(40)]
        await asyncio.gather(*(arena.battles.start(caller, Opening("Why?")) for caller in callers))
        await arena.generation.close()
        assert arena.rows("SELECT sum(drawn) FROM draws") == [(40,)]
        assert arena.rows("SELECT max(drawn) - min(drawn) <= 10 FROM draws") == [(1,)]

    async def test_three_slots_are_as_good_as_two(self, database: Database) -> None:
        arena = Playground(database, keys=("a", "b", "c"), rules=BattleRules(mode=Mode(slots=3)))
        view = await arena.rest(await arena.completed())
        assert view.slots == 3
        assert len(replies(view)) == 3
        assert len({asked.key for asked in arena.models.asked}) == 3

    async def test_held_answers_come_together(self, database: Database) -> None:
        arena = Playground(database, rules=BattleRules(hold=True))
        text = "word " * 40
        arena.models.script_all(text=text)
        arena.models.script("kraken", tokens_per_second=10)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        shown = {replies(frame) for frame in await arena.frames(battle_id)}
        assert shown == {("", ""), (text, text)}


class TestNewBattle:
    async def test_it_abandons_the_open_one_and_stops_its_streams(self, arena: Playground) -> None:
        arena.models.script_all(endless=True)
        first = await arena.battles.start(arena.ada, Opening("Why?"))
        await asyncio.sleep(1)
        arena.models.script_all(endless=False)
        second = await arena.battles.start(arena.ada, Opening("How?"))
        assert arena.record(first).state is BattleState.ABANDONED
        assert (await arena.rest(second)).state is BattleState.COMPLETE
        assert arena.models.open == 0
        assert len(arena.generation) == 0

    async def test_the_replies_of_an_abandoned_battle_are_kept(self, arena: Playground) -> None:
        arena.models.script_all(endless=True)
        first = await arena.battles.start(arena.ada, Opening("Why?"))
        await asyncio.sleep(1)
        await arena.battles.abandon(arena.ada)
        record = arena.record(first)
        assert record.state is BattleState.ABANDONED
        assert all(reply.text for reply in record.turns[0].replies)

    async def test_the_watcher_of_an_abandoned_battle_learns_of_it(self, arena: Playground) -> None:
        arena.models.script_all(endless=True)
        first = await arena.battles.start(arena.ada, Opening("Why?"))
        watching = asyncio.create_task(arena.frames(first))
        await asyncio.sleep(1)
        await arena.battles.abandon(arena.ada)
        assert (await watching)[-1].state is BattleState.ABANDONED

    async def test_the_battles_of_others_go_on(self, arena: Playground) -> None:
        theirs = await arena.completed(caller=arena.bob)
        await arena.completed()
        assert arena.record(theirs).state is BattleState.COMPLETE

    async def test_abandoning_without_an_open_battle_does_nothing(self, arena: Playground) -> None:
        await arena.battles.abandon(arena.ada)

    async def test_battles_left_open_for_a_day_are_abandoned(self, arena: Playground) -> None:
        old = await arena.completed()
        arena.clock.let_pass(timedelta(hours=25))
        recent = await arena.completed(caller=arena.bob)
        assert await arena.battles.abandon_old() == 1
        assert arena.record(old).state is BattleState.ABANDONED
        assert arena.record(recent).state is BattleState.COMPLETE


async def test_refusals_never_carry_the_name_of_a_model(arena: Playground) -> None:
    arena.models.contexts = dict.fromkeys(arena.models.contexts, 3)
    for prompt in ("", "x" * 201, "Why is the sky blue?"):
        with pytest.raises(ArenaError) as caught:
            await arena.battles.start(arena.ada, Opening(prompt))
        assert not any(key in repr(caught.value.__dict__) for key in arena.contestants)
