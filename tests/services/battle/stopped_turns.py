"""Battles that were stopped in a turn of one's choice."""

import asyncio

from arena.domain.battle import BattleId, BattleState
from arena.domain.verdict import Verdict
from arena.services.battle.opening import Opening
from arena.services.battle.voting import Ballot
from tests.fakes.playground import Playground

TIE = Ballot(verdict=Verdict.TIE)


async def stop(arena: Playground, battle_id: BattleId) -> None:
    """Stop a battle whose answers do not end by themselves; later ones do."""
    await asyncio.sleep(1)
    await arena.battles.stop(arena.ada, battle_id)
    arena.models.script_all(endless=False)
    assert arena.record(battle_id).state is BattleState.STOPPED


async def stopped(arena: Playground, *prompts: str) -> BattleId:
    """A battle that was stopped in the turn of the last prompt."""
    first, *later = prompts or ("Why?", "And then?")
    arena.models.script_all(endless=not later)
    battle_id = await arena.battles.start(arena.ada, Opening(first))
    for prompt in later:
        await arena.rest(battle_id)
        arena.models.script_all(endless=prompt is later[-1])
        await arena.next_turn(arena.ada, battle_id, prompt)
    await stop(arena, battle_id)
    return battle_id
