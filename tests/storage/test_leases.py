"""Battles belong to the server that generates them for as long as its lease holds."""

from datetime import timedelta

from sqlalchemy import select, update

from arena.domain.battle import BattleId, BattleState
from arena.storage.battles import move_battle, stop_interrupted
from arena.storage.database import Database
from arena.storage.leases import begin_lease, renew_lease
from arena.storage.schema import battles, leases
from tests.builders import NOON, seed_battle
from tests.database_kinds import ON_SQLITE

MINUTE = timedelta(minutes=1)
KEYS = "chain-key 0a1b2c3d, export-key 4e5f6a7b"


def begin(database: Database, owner: str) -> None:
    with database.writing() as connection:
        begin_lease(connection, owner, now=NOON, expires_at=NOON + MINUTE, keys=KEYS)


def renew(database: Database, owner: str) -> None:
    with database.writing() as connection:
        renew_lease(connection, owner, expires_at=NOON + 2 * MINUTE, keys=KEYS)


def generating(database: Database, owner: str | None) -> BattleId:
    """A battle that `owner` generates."""
    battle_id = seed_battle(database, state=BattleState.GENERATING).battle_id
    with database.writing() as connection:
        theirs = update(battles).where(battles.c.id == battle_id)
        connection.execute(theirs.values(owner=owner))
    return battle_id


def state_of(database: Database, battle_id: BattleId) -> BattleState:
    with database.reading() as connection:
        query = select(battles.c.state).where(battles.c.id == battle_id)
        return BattleState(connection.execute(query).scalar_one())


def lease_owners(database: Database) -> set[str]:
    with database.reading() as connection:
        return set(connection.execute(select(leases.c.owner)).scalars())


def test_only_battles_of_servers_that_are_gone_are_stopped(database: Database) -> None:
    renew(database, "alive")
    renew(database, "late")
    with database.writing() as connection:
        connection.execute(
            update(leases).where(leases.c.owner == "late").values(expires_at=NOON + MINUTE)
        )
    owners = ("alive", "late", "never seen", None, "this")
    mine = {owner: generating(database, owner) for owner in owners}

    with database.writing() as connection:
        assert stop_interrupted(connection, owner="this", now=NOON + MINUTE) == 3

    stopped = {o for o, b in mine.items() if state_of(database, b) is BattleState.STOPPED}
    assert stopped == {"late", "never seen", None}


def test_battles_that_rest_are_nobodys(database: Database) -> None:
    states = set(BattleState) - {BattleState.GENERATING}
    resting = {state: seed_battle(database, state=state).battle_id for state in states}
    with database.writing() as connection:
        assert stop_interrupted(connection, owner="this", now=NOON) == 0
    assert {state: state_of(database, one) for state, one in resting.items()} == {
        state: state for state in states
    }


def test_who_goes_on_with_a_battle_owns_it(database: Database) -> None:
    battle_id = seed_battle(database, state=BattleState.STOPPED).battle_id
    sources, target = {BattleState.STOPPED}, BattleState.GENERATING
    with database.writing() as connection:
        assert move_battle(connection, battle_id, sources=sources, target=target, owner="second")
        assert connection.execute(select(battles.c.owner)).scalar_one() == "second"
        move_battle(connection, battle_id, sources={target}, target=BattleState.COMPLETE)
        assert connection.execute(select(battles.c.owner)).scalar_one() == "second"


@ON_SQLITE
def test_a_server_of_a_file_is_alone_so_that_leases_of_dead_ones_end_when_it_starts(
    database: Database,
) -> None:
    begin(database, "killed a second ago")
    begin(database, "next")
    assert lease_owners(database) == {"next"}


def test_a_lease_is_renewed_also_after_somebody_deleted_it(database: Database) -> None:
    begin(database, "paused")
    begin(database, "next")
    renew(database, "paused")
    renew(database, "next")
    with database.reading() as connection:
        found = {row.owner: row.expires_at for row in connection.execute(select(leases))}
    assert found == dict.fromkeys(("paused", "next"), NOON + 2 * MINUTE)
