"""A vote and a follow-up speak of what their page shows, whatever another tab has done since."""

from typing import Any

import pytest

from arena.domain.battle import BattleId, BattleState
from arena.domain.errors import Conflict, Refusal
from arena.domain.verdict import Verdict
from arena.services.battle.voting import Ballot
from arena.storage.database import Database
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import Playground

pytestmark = pytest.mark.anyio
WAYS_TO_GO_ON = ("a follow-up", "a continued answer")


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


@pytest.fixture
def arena(database: Database) -> Playground:
    playground = Playground(database)
    playground.models.script("sphinx", text="s" * 60)
    playground.models.script("kraken", text="k" * 100, budget=40)
    return playground


async def go_on(arena: Playground, battle_id: BattleId, way: str) -> None:
    """What the same person does in another tab, until the battle is complete again."""
    if way == "a follow-up":
        await arena.next_turn(arena.ada, battle_id, "And then?")
    else:
        await arena.battles.continue_cut(arena.ada, battle_id)
    assert (await arena.rest(battle_id)).state is BattleState.COMPLETE


@pytest.mark.parametrize("way", WAYS_TO_GO_ON)
async def test_a_vote_on_answers_that_are_no_longer_the_newest_is_refused(
    arena: Playground, way: str
) -> None:
    battle_id = await arena.completed()
    seen = arena.shown(battle_id)
    await go_on(arena, battle_id, way)

    with pytest.raises(Conflict) as caught:
        arena.voting.cast(arena.ada, seen, Ballot(verdict=Verdict.TIE))

    assert caught.value.refusal is Refusal.PAGE_OUTDATED
    assert arena.record(battle_id).state is BattleState.COMPLETE
    assert arena.rows("SELECT count(*) FROM votes") == [(0,)]
    arena.cast(arena.ada, battle_id, Ballot(verdict=Verdict.TIE))
    assert arena.record(battle_id).state is BattleState.VOTED


@pytest.mark.parametrize("way", WAYS_TO_GO_ON)
async def test_a_follow_up_on_answers_that_are_no_longer_the_newest_is_refused(
    arena: Playground, way: str
) -> None:
    battle_id = await arena.completed()
    seen = arena.shown(battle_id)
    await go_on(arena, battle_id, way)
    before = arena.record(battle_id)

    with pytest.raises(Conflict) as caught:
        await arena.battles.next_turn(arena.ada, seen, "And what of it?")

    assert caught.value.refusal is Refusal.PAGE_OUTDATED
    assert arena.record(battle_id) == before


async def test_what_the_last_frame_shows_is_what_is_voted_on(arena: Playground) -> None:
    battle_id = await arena.completed()
    for way in WAYS_TO_GO_ON[::-1]:
        await go_on(arena, battle_id, way)
    last = await arena.rest(battle_id)
    assert arena.voting.cast(arena.ada, last.shown, Ballot(verdict=Verdict.TIE))
