"""A turn that cannot be stored: tried again, then void; nobody waits for ever."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import pytest

from arena.domain.battle import Action, BattleState
from arena.domain.errors import ArenaError, Refusal
from arena.domain.verdict import Verdict
from arena.services.battle.eligibility import BattleRules
from arena.services.battle.opening import Opening
from arena.services.battle.turn_keeping import Patience, TurnKeeper
from arena.services.battle.turn_results import store_results
from arena.services.battle.voting import Ballot
from arena.services.failures import FailureKind
from arena.storage.database import Database, LedgerLost
from tests.database_kinds import ON_SQLITE
from tests.fakes.disk import SmallDisk, impatient, locked
from tests.fakes.loop import VIRTUAL_TIME
from tests.fakes.playground import OWNER, Playground, inline
from tests.fakes.waiting import until
from tests.services.battle.in_play import answered

pytestmark = pytest.mark.anyio
LONG = "A long answer that needs a page of its own. " * 200


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, Any]]:
    return VIRTUAL_TIME


@pytest.fixture
def arena(database: Database) -> Playground:
    impatient(database)
    return Playground(database)


class TestLocked:
    async def test_a_lock_of_fourteen_seconds_costs_nothing(self, arena: Playground) -> None:
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        with locked(arena.database) as other:
            watching = asyncio.create_task(arena.rest(battle_id))
            await asyncio.sleep(14)
            assert not watching.done()
            other.execute("COMMIT")
            view = await watching
        assert view.state is BattleState.COMPLETE
        assert view.turns[0].replies == ("A short answer.",) * 2
        assert arena.record(battle_id).state is BattleState.COMPLETE
        assert arena.failure_log.newest == ()

    async def test_a_lock_without_end_voids_the_battle_for_everybody_who_looks(
        self, arena: Playground
    ) -> None:
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        with locked(arena.database):
            view = await arena.rest(battle_id)
            assert arena.clock.monotonic() < 60
            assert view.state is BattleState.VOID
            assert view.actions == {Action.RETRY}
            assert view.turns[0].prompt == "Why?"
            again = await arena.battles.current(arena.ada)
            assert again is not None
            assert again.state is BattleState.VOID
            assert arena.record(battle_id).state is BattleState.GENERATING
            assert await refusal(arena.battles.retry(arena.ada, battle_id)) is Refusal.NOT_STORED
        await arena.battles.tell_ledger()
        assert arena.record(battle_id).state is BattleState.VOID
        fresh = await arena.battles.retry(arena.ada, battle_id)
        assert (await arena.rest(fresh)).state is BattleState.COMPLETE

    async def test_nobody_else_may_look(self, arena: Playground) -> None:
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        with locked(arena.database):
            await arena.rest(battle_id)
            found = await refusal(arena.battles.view(arena.bob, battle_id))
        assert found is Refusal.NOT_YOUR_BATTLE

    async def test_a_new_prompt_closes_a_battle_that_the_ledger_was_never_told_of(
        self, arena: Playground
    ) -> None:
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        with locked(arena.database):
            await arena.rest(battle_id)
        await answered(arena, "How?")
        assert arena.record(battle_id).state is BattleState.ABANDONED
        assert (await arena.battles.view(arena.ada, battle_id)).state is BattleState.ABANDONED

    async def test_a_void_battle_is_kept_in_mind_until_the_ledger_knows_and_no_longer(
        self, arena: Playground, caplog: pytest.LogCaptureFixture
    ) -> None:
        keeper = TurnKeeper(
            *(arena.database, arena.clock),
            owner=OWNER,
            offload=inline,
            failure_log=arena.failure_log,
        )
        battle, _ = arena.store.create(arena.ada, Opening("Why?"), arena.choose)
        with locked(arena.database):
            assert await keeper.give_up(battle, OSError("gone")) is BattleState.VOID
            await keeper.tell()
            assert keeper.void(battle.id) is not None
        assert caplog.text.count(f"battle {battle.id}: the ledger cannot be told") == 2
        await keeper.tell()
        assert keeper.void(battle.id) is None
        assert arena.record(battle.id).state is BattleState.VOID

    @pytest.mark.parametrize(
        ("patience", "moments"),
        [
            (Patience(), [0, 0.5, 1.5, 3.5, 7.5, 12.5, 17.5, 22.5, 27.5]),
            (Patience(total_s=1.5), [0, 0.5, 1.5]),
        ],
    )
    async def test_a_turn_is_stored_again_after_waits_that_double_until_patience_ends(
        self,
        arena: Playground,
        patience: Patience,
        moments: list[float],
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        tried: list[float] = []

        async def offload(function: Any) -> Any:
            if function.func is not store_results:
                return function()
            tried.append(arena.clock.monotonic())
            raise LedgerLost("the file is elsewhere")

        keeper = TurnKeeper(
            arena.database,
            arena.clock,
            owner=OWNER,
            offload=offload,
            failure_log=arena.failure_log,
            patience=patience,
        )
        battle, _ = arena.store.create(arena.ada, Opening("Why?"), arena.choose)
        assert await keeper.keep(battle, ()) is BattleState.VOID
        assert tried == pytest.approx(moments)
        assert "a turn is stored again in 0.5 s: the file is elsewhere" in caplog.text


class TestFull:
    @ON_SQLITE
    async def test_replies_without_room_void_the_battle_with_the_cause(
        self, arena: Playground, caplog: pytest.LogCaptureFixture
    ) -> None:
        disk = SmallDisk(arena.database)
        arena.models.script_all(text=LONG, tokens_per_second=10_000.0)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        disk.full = True
        view = await arena.rest(battle_id)
        assert view.state is BattleState.VOID
        assert arena.record(battle_id).state is BattleState.VOID
        assert arena.rows("SELECT count(*) FROM replies") == [(0,)]
        assert f"battle {battle_id} is void" in caplog.text
        assert "Traceback" in caplog.text
        assert "database or disk is full" in caplog.text
        (failure,) = arena.failure_log.newest
        assert failure.kind is FailureKind.TURN_NOT_STORED
        assert battle_id in failure.detail
        assert "is void: OperationalError: " in failure.detail
        assert "database or disk is full" in failure.detail

    async def test_room_that_is_made_in_time_saves_the_turn(
        self, arena: Playground, caplog: pytest.LogCaptureFixture
    ) -> None:
        disk = SmallDisk(arena.database)
        arena.models.script_all(text=LONG, tokens_per_second=10_000.0)
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        disk.full = True
        watching = asyncio.create_task(arena.rest(battle_id))
        await until(lambda: "a turn is stored again" in caplog.text)
        await asyncio.sleep(10)
        disk.full = False
        assert (await watching).state is BattleState.COMPLETE
        assert arena.record(battle_id).turns[0].replies[0].text == LONG
        assert arena.failure_log.newest == ()

    async def test_send_says_that_nothing_was_stored_and_nothing_is(
        self, database: Database, caplog: pytest.LogCaptureFixture
    ) -> None:
        arena = Playground(database, rules=BattleRules(prompt_limit=len(LONG)))
        disk = SmallDisk(database)
        disk.full = True
        found = await refusal(arena.battles.start(arena.ada, Opening(LONG)))
        assert found is Refusal.NOT_STORED
        assert "the ledger could not do what was asked\nTraceback" in caplog.text
        assert "database or disk is full" in caplog.text
        assert arena.models.asked == []
        assert arena.rows("SELECT count(*) FROM battles") == [(0,)]
        disk.full = False
        assert (await answered(arena)).state is BattleState.COMPLETE


@ON_SQLITE
class TestLost:
    async def test_a_turn_of_a_ledger_that_is_gone_is_void(self, arena: Playground) -> None:
        battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
        away = arena.database.path.with_name("away")
        arena.database.path.rename(away)
        assert (await arena.rest(battle_id)).state is BattleState.VOID
        assert await refusal(arena.battles.start(arena.ada, Opening("How?"))) is Refusal.NOT_STORED
        away.rename(arena.database.path)
        await arena.battles.tell_ledger()
        assert arena.record(battle_id).state is BattleState.VOID

    async def test_no_vote_is_acknowledged(self, arena: Playground) -> None:
        battle_id = await arena.completed()
        arena.database.path.unlink()
        with pytest.raises(ArenaError) as caught:
            arena.cast(arena.ada, battle_id, Ballot(verdict=Verdict.TIE))
        assert caught.value.refusal is Refusal.VOTE_NOT_SAVED


async def test_the_end_of_the_arena_does_not_wait_for_a_lock_to_go(arena: Playground) -> None:
    battle_id = await arena.battles.start(arena.ada, Opening("Why?"))
    with locked(arena.database):
        await asyncio.sleep(5)
        began = arena.clock.monotonic()
        await arena.generation.close()
        assert arena.clock.monotonic() - began < 10
    arena.leave_to_a_dead_server(battle_id)
    arena.battles.recover()
    assert arena.record(battle_id).state is BattleState.STOPPED


async def refusal(doing: Awaitable[object]) -> Refusal | None:
    try:
        await doing
    except ArenaError as error:
        return error.refusal
    return None
