"""Two servers of one database: each leaves the other's battles alone while that one is alive."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from arena.domain.battle import BattleState
from arena.services.battle.opening import Opening
from arena.services.operations.lease import LEASE, RENEW_S, ServingLease
from arena.storage.database import Database, UnusableLedger
from tests.database_kinds import ON_POSTGRESQL
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import DatabaseMaker, Playground

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


@pytest.fixture
def arena(new_database: DatabaseMaker) -> Playground:
    return Playground(new_database())


def lease_of(arena: Playground, owner: str) -> ServingLease:
    return ServingLease(arena.database, arena.clock, owner=owner)


async def test_a_server_stops_the_battles_of_another_when_its_lease_has_expired(
    arena: Playground,
) -> None:
    other = lease_of(arena, "dead")
    other.begin()
    created, _ = arena.store.create(arena.ada, Opening("Why?"), arena.choose)
    arena.leave_to_a_dead_server(created.id)

    await arena.clock.sleep(RENEW_S)
    other.renew()
    await arena.clock.sleep(LEASE.total_seconds() - 1)
    assert await arena.battles.stop_orphaned() == 0
    assert arena.record(created.id).state is BattleState.GENERATING

    await arena.clock.sleep(1)
    assert await arena.battles.stop_orphaned() == 1
    assert arena.record(created.id).state is BattleState.STOPPED


async def follow_up(arena: Playground) -> None:
    battle_id = await arena.completed()
    arena.leave_to_a_dead_server(battle_id)
    await arena.next_turn(arena.ada, battle_id, "And then?")


async def retry(arena: Playground) -> None:
    created, _ = arena.store.create(arena.ada, Opening("Why?"), arena.choose)
    arena.leave_to_a_dead_server(created.id)
    assert await arena.battles.stop_orphaned() == 1
    await arena.battles.retry(arena.ada, created.id)


async def continue_cut(arena: Playground) -> None:
    arena.models.script_all(budget=4)
    battle_id = await arena.completed()
    arena.leave_to_a_dead_server(battle_id)
    await arena.battles.continue_cut(arena.ada, battle_id)


@pytest.mark.parametrize("go_on", [follow_up, retry, continue_cut])
async def test_who_continues_a_battle_of_a_dead_server_owns_it(
    arena: Playground, go_on: Callable[[Playground], Awaitable[None]]
) -> None:
    await go_on(arena)
    ((battle_id, owner),) = arena.rows("SELECT id, owner FROM battles")
    assert owner == "this server"
    assert await arena.battles.stop_orphaned() == 0
    assert (await arena.rest(battle_id)).state is BattleState.COMPLETE


async def test_own_battles_stay_when_the_own_lease_has_expired(arena: Playground) -> None:
    mine = lease_of(arena, "this server")
    mine.begin()
    created, _ = arena.store.create(arena.ada, Opening("Why?"), arena.choose)
    await arena.clock.sleep(2 * LEASE.total_seconds())
    assert await arena.battles.stop_orphaned() == 0
    assert arena.record(created.id).state is BattleState.GENERATING


async def test_a_page_hears_how_the_turn_ended_that_another_server_generates(
    arena: Playground,
) -> None:
    created, _ = arena.store.create(arena.ada, Opening("Why?"), arena.choose)
    arena.leave_to_a_dead_server(created.id)

    async def states() -> list[BattleState]:
        return [view.state async for view in arena.battles.frames(arena.ada, created.id)]

    watching = asyncio.create_task(states())
    await arena.clock.sleep(RENEW_S)
    assert not watching.done()
    assert await arena.battles.stop_orphaned() == 1
    assert await watching == [BattleState.STOPPED]


async def test_a_server_that_ends_gives_its_lease_back(arena: Playground) -> None:
    mine = lease_of(arena, "this server")
    mine.begin()
    assert arena.rows("SELECT owner FROM leases") == [("this server",)]
    mine.end()
    assert arena.rows("SELECT owner FROM leases") == []


@ON_POSTGRESQL
async def test_servers_with_different_keys_do_not_begin_at_once(
    arena: Playground, tmp_path: Path
) -> None:
    lease_of(arena, "first").begin()
    address, _, _ = arena.database.url.partition("&keys=")
    with closing(Database(f"{address}&keys={tmp_path / 'other'}")) as database:
        second = ServingLease(database, arena.clock, owner="second")
        with pytest.raises(UnusableLedger, match="the same two files"):
            second.begin()
    assert arena.rows("SELECT owner FROM leases") == [("first",)]
