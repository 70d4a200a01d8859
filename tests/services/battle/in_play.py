"""What tests of battles do in a playground, and what they look at."""

import asyncio

from arena.domain.battle import BattleView
from arena.services.battle.opening import Opening
from tests.fakes.playground import Playground


def replies(view: BattleView) -> tuple[str, ...]:
    return view.turns[-1].replies


async def stopped(arena: Playground) -> str:
    """A battle that was stopped in the middle of its answers."""
    arena.models.script_all(endless=True)
    battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
    await asyncio.sleep(1)
    await arena.battles.stop(arena.ada, battle_id)
    arena.models.script_all(endless=False)
    return battle_id


async def answered(arena: Playground, prompt: str = "Why?") -> BattleView:
    """The last view of a new battle, whatever it is; everybody who watches sees the same."""
    battle_id = await arena.battles.start(arena.ada, Opening(prompt))
    seen = await asyncio.gather(*(arena.rest(battle_id) for _ in range(3)))
    assert seen[0] == seen[1] == seen[2]
    return seen[0]
