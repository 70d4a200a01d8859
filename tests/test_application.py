"""What the whole arena does behind its pages: chores that fail, and an end that comes whole."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, cast

import pytest

from arena.application import build_application
from arena.application.running import lifespan
from arena.catalog import load_catalog
from arena.domain.battle import BattleState
from arena.inference.clock import SystemClock
from arena.services.battle.eligibility import BattleRules
from arena.services.failures import FailureKind, FailureLog
from arena.settings import load_settings
from arena.storage.battles import count_battles
from arena.storage.database import Database
from tests.builders import seed_battle
from tests.e2e.scripts import catalog, scripted_model
from tests.fakes.waiting import until

pytestmark = pytest.mark.anyio


class HastyClock(SystemClock):
    """Sleeps a hundredth of a second at most."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(min(seconds, 0.01))


@dataclass
class Parts:
    """Everything that the lifespan starts and ends, written down as it happens."""

    failing: frozenset[str] = frozenset()
    done: list[str] = field(default_factory=list)
    clock: HastyClock = field(default_factory=HastyClock)
    rules: BattleRules = field(default_factory=BattleRules)

    def __post_init__(self) -> None:
        self.failure_log = FailureLog(self.clock)

    def __getattr__(self, name: str) -> "Part":
        return Part(name, self)


@dataclass
class Part:
    """One of them: whatever is called is noted, and fails if it is to fail."""

    name: str
    parts: Parts

    @property
    def rules(self) -> BattleRules:
        return self.parts.rules

    def __getattr__(self, action: str) -> Callable[[], Any]:
        return lambda: self._do(f"{self.name}.{action}")

    def _do(self, what: str) -> Any:
        self.parts.done.append(what)
        if what in self.parts.failing:
            raise OSError(what)
        return asyncio.sleep(0) if what in ASYNCHRONOUS else None


ASYNCHRONOUS = {
    *("pool.start", "pool.close", "runner.close", "generations.stop", "lag.measure"),
    *("battles.abandon_old", "battles.tell_ledger"),
}

ENDS = [
    *("generations.stop", "runner.close", "pool.close", "statistics.close"),
    *("worker.close", "watch.close", "database.close"),
]


def ends_of(parts: Parts) -> list[str]:
    return [what for what in parts.done if what in ENDS]


@pytest.mark.filterwarnings("ignore:coroutine 'sleep' was never awaited")
@pytest.mark.parametrize("failing", [*ENDS, "pool.start", "battles.recover"])
async def test_every_end_comes_whatever_failed_before(failing: str) -> None:
    parts = Parts(frozenset({failing}))
    with pytest.raises(OSError, match=failing):
        async with lifespan(cast("Any", parts), cast("Any", None)):
            await until(lambda: "battles.abandon_old" in parts.done)
    assert ends_of(parts) == ENDS


async def test_chores_that_fail_are_tried_again_and_the_arena_still_ends_well() -> None:
    failing = {"battles.abandon_old", "watch.fault", "battles.tell_ledger", "lag.measure"}
    parts = Parts(frozenset(failing))
    async with lifespan(cast("Any", parts), cast("Any", None)):
        await until(lambda: all(parts.done.count(what) > 2 for what in failing))
    assert ends_of(parts) == ENDS
    assert parts.failure_log.counted[FailureKind.CHORE_FAILED] > 8


async def test_sweeping_goes_on_after_the_database_refused_it_once(
    database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    seed_battle(database)  # in March; abandoned at the start
    models = tmp_path / "models.yaml"
    models.write_text(catalog(a=scripted_model("A", "Yes."), b=scripted_model("B", "No.")))
    settings = load_settings({}, database_url=database.url, models=models)
    built = build_application(settings, load_catalog(models), clock=HastyClock())

    def states() -> dict[BattleState, int]:
        with database.reading() as connection:
            return count_battles(connection)

    def execute(statement: str) -> None:
        with database.writing() as connection:
            connection.exec_driver_sql(statement)

    async with built.app.router.lifespan_context(built.app):
        assert states() == {BattleState.ABANDONED: 1}
        execute(
            "CREATE TRIGGER no BEFORE UPDATE ON battles WHEN NEW.state = 'abandoned' "
            "BEGIN SELECT RAISE(ABORT, 'not now'); END"
        )
        seed_battle(database)
        await until(lambda: caplog.text.count("abandoning old battles failed") > 2)
        assert states()[BattleState.COMPLETE] == 1
        execute("DROP TRIGGER no")
        await until(lambda: states() == {BattleState.ABANDONED: 2})
