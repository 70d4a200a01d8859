"""A battle holds its models in memory while it is open: no longer, and no less."""

from typing import Any

import pytest

from arena.domain.battle import BattleId, BattleState
from arena.domain.errors import ArenaError, Conflict, Unavailable
from arena.domain.verdict import Verdict
from arena.services.battle.opening import Opening
from arena.services.battle.voting import Ballot
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import Playground
from tests.fakes.triggers import refuse

pytestmark = pytest.mark.anyio

BOTH = frozenset({"sphinx", "kraken"})
TIE = Ballot(verdict=Verdict.TIE)


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


async def test_a_battle_holds_its_models_from_the_draw_until_the_vote(arena: Playground) -> None:
    battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
    assert arena.models.held == {battle_id: BOTH}
    await arena.rest(battle_id)
    assert arena.models.held == {battle_id: BOTH}

    arena.cast(arena.ada, battle_id, TIE)

    assert arena.models.held == {}


async def test_a_further_turn_renews_the_hold(arena: Playground) -> None:
    battle_id = await arena.completed()
    arena.models.release(battle_id)  # as after half an hour of reading
    await arena.next_turn(arena.ada, battle_id, "And then?")
    assert arena.models.held == {battle_id: BOTH}
    await arena.rest(battle_id)
    assert arena.models.held == {battle_id: BOTH}


async def test_a_refused_vote_leaves_the_hold_alone(arena: Playground) -> None:
    battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
    for caller, ballot in ((arena.ada, TIE), (arena.bob, TIE), (arena.ada, Ballot())):
        with pytest.raises(ArenaError):
            arena.cast(caller, battle_id, ballot)
    await arena.rest(battle_id)
    with pytest.raises(ArenaError):
        arena.cast(arena.bob, battle_id, TIE)
    assert arena.models.held == {battle_id: BOTH}


async def test_a_vote_that_could_not_be_saved_leaves_the_hold_alone(arena: Playground) -> None:
    battle_id = await arena.completed()
    with arena.database.writing() as connection:
        refuse(connection, "AFTER INSERT ON votes", "full")
    with pytest.raises(Unavailable):
        arena.cast(arena.ada, battle_id, TIE)
    assert arena.models.held == {battle_id: BOTH}


async def test_a_failure_ends_the_hold_and_the_retry_holds_its_own_models(
    arena: Playground,
) -> None:
    arena.models.script("kraken", fails_at=1)
    failed = await arena.battles.start(arena.ada, Opening("Why?"))
    assert (await arena.rest(failed)).state is BattleState.VOID
    assert arena.models.held == {}

    again = await arena.battles.retry(arena.ada, failed)

    assert arena.models.held == {again: BOTH}


async def test_a_stopped_battle_keeps_its_models_for_another_try(arena: Playground) -> None:
    battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
    await arena.battles.stop(arena.ada, battle_id)
    assert arena.record(battle_id).state is BattleState.STOPPED
    assert arena.models.held == {battle_id: BOTH}


@pytest.mark.parametrize("answered", [True, False])
async def test_leaving_a_battle_ends_its_hold(arena: Playground, answered: bool) -> None:
    battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
    if answered:
        await arena.rest(battle_id)
    await arena.battles.abandon(arena.ada)
    assert arena.models.held == {}


async def test_a_new_battle_ends_the_hold_of_the_one_that_it_replaces(arena: Playground) -> None:
    old = await arena.completed()
    new = await arena.battles.start(arena.ada, Opening("Why not?"))
    assert old != new
    assert arena.models.held == {new: BOTH}


async def test_battles_of_others_keep_their_holds(arena: Playground) -> None:
    adas = await arena.completed()
    bobs = await arena.completed(caller=arena.bob)
    arena.cast(arena.ada, adas, TIE)
    with pytest.raises(Conflict):
        arena.cast(arena.ada, BattleId(adas), TIE)
    assert arena.models.held == {bobs: BOTH}
