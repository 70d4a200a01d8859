"""What Prometheus reads, from a real database and a real pool."""

import re
from collections.abc import AsyncGenerator
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from arena import __version__
from arena.catalog import Script
from arena.domain.battle import BattleState
from arena.domain.conversation import ModelKey
from arena.inference.backend import EngineMemory, ModelState, ModelStatus
from arena.inference.pool import ModelPool
from arena.inference.scripted_backend import ScriptedBackend
from arena.metrics import Metrics
from arena.services.battle.turn_runner import TurnRunner
from arena.services.failures import FailureKind, FailureLog
from arena.services.operations.loop_lag import LoopLag
from arena.services.operations.monitoring import (
    Monitoring,
    counted_responses,
    measured_traffic,
)
from arena.storage.database import Database
from tests.builders import seed_battle, seed_vote
from tests.database_kinds import ON_POSTGRESQL, ON_SQLITE
from tests.fakes.chat_requests import ask
from tests.fakes.clock import VirtualClock
from tests.fakes.scraping import scraped as read

pytestmark = pytest.mark.anyio

SPHINX, KRAKEN = ModelKey("sphinx"), ModelKey("kraken")


class EngineLike(ScriptedBackend):
    """A scripted model that tells of an engine's memory and restarts."""

    @property
    def status(self) -> ModelStatus:
        return replace(super().status, memory=EngineMemory(ram_bytes=700), restarts=2)


class Scraped:
    """A monitored pool of one model of each kind."""

    def __init__(self, database: Database) -> None:
        clock = VirtualClock(automatic=True)
        self.ready = self.stores = True
        self.metrics, self.failure_log = Metrics(), FailureLog(clock)
        traffic = measured_traffic(self.metrics, clock)
        script = Script(replies=("one two three",), tokens_per_second=1)
        backends = {
            SPHINX: EngineLike(script, clock=clock, max_context=100),
            KRAKEN: ScriptedBackend(script, clock=clock, max_context=100),
        }
        self.pool = ModelPool(backends, traffic=traffic)
        self.lag = LoopLag(clock)
        monitoring = Monitoring(
            database=database,
            pool=self.pool,
            traffic=traffic,
            runner=TurnRunner(clock=clock, reattach_s=1.0),
            lag=self.lag,
            failure_log=self.failure_log,
            ready=lambda: self.ready,
            stores=lambda: self.stores,
        )
        self.metrics.expose(monitoring.families)
        self.count_response = counted_responses(self.metrics)

    def __getitem__(self, sample: str) -> float | None:
        """The value of a sample as it stands in the text, labels and all; None if there is none."""
        return read(self.metrics.render().decode()).get(sample)


@pytest.fixture
async def scraped(database: Database) -> AsyncGenerator[Scraped, None]:
    made = Scraped(database)
    await made.pool.start()
    yield made
    await made.pool.close()


async def test_troubles_are_counted_by_kind(scraped: Scraped) -> None:
    for kind in (FailureKind.CHORE_FAILED, FailureKind.CHORE_FAILED, FailureKind.CANNOT_STORE):
        scraped.failure_log.record(kind, "why")
    assert scraped["arena_troubles_total{kind=chore_failed}"] == 2
    assert scraped["arena_troubles_total{kind=cannot_store}"] == 1
    assert scraped["arena_troubles_total{kind=turn_not_stored}"] == 0


@ON_SQLITE
async def test_the_guide_documents_every_metric_and_no_other(scraped: Scraped) -> None:
    guide = (Path(__file__).parents[3] / "docs" / "deploying.md").read_text(encoding="utf-8")
    tables = "\n".join(line for line in guide.splitlines() if line.startswith("| `arena_"))
    families = text_string_to_metric_families(scraped.metrics.render().decode())
    exposed = {
        family.name + "_total" * (family.type == "counter")
        for family in families
        if family.name.startswith("arena_") and not family.name.endswith("_created")
    }
    assert set(re.findall(r"`(arena_\w+)`", tables)) == exposed


async def test_a_model_is_in_one_state_at_a_time(scraped: Scraped) -> None:
    def states(key: ModelKey) -> dict[ModelState, float | None]:
        return {
            state: scraped[f"arena_model_state{{model={key},state={state}}}"]
            for state in ModelState
        }

    assert states(SPHINX) == dict.fromkeys(ModelState, 0.0) | {ModelState.READY: 1.0}
    await scraped.pool.backends[SPHINX].close()
    assert states(SPHINX) == dict.fromkeys(ModelState, 0.0) | {ModelState.STOPPED: 1.0}
    assert states(KRAKEN)[ModelState.READY] == 1.0


async def test_only_what_has_an_engine_tells_of_its_memory(scraped: Scraped) -> None:
    assert scraped["arena_model_ram_bytes{model=sphinx}"] == 700
    assert scraped["arena_model_gpu_bytes{model=sphinx}"] is None
    assert scraped["arena_model_ram_bytes{model=kraken}"] is None
    assert scraped["arena_model_restarts_total{model=sphinx}"] == 2
    assert scraped["arena_model_restarts_total{model=kraken}"] == 0


async def test_requests_are_counted_while_they_wait_while_they_answer_and_when_they_end(
    scraped: Scraped,
) -> None:
    open_now = "arena_model_requests{{model=sphinx,phase={}}}"
    assert scraped[open_now.format("waiting")] == 0
    async for _ in scraped.pool.stream(SPHINX, ask("hi")):
        assert scraped[open_now.format("answering")] == 1
    assert scraped[open_now.format("answering")] == 0
    assert scraped["arena_model_replies_total{model=sphinx,outcome=complete}"] == 1
    assert scraped["arena_model_replies_total{model=sphinx,outcome=failed}"] == 0
    assert scraped["arena_model_replies_total{model=kraken,outcome=complete}"] == 0
    assert scraped["arena_reply_seconds_count{model=sphinx}"] == 1
    assert scraped["arena_reply_seconds_bucket{le=2.5,model=sphinx}"] == 1
    assert scraped["arena_reply_seconds_bucket{le=1.0,model=sphinx}"] == 0
    assert scraped["arena_first_text_seconds_count{model=sphinx}"] == 1
    assert scraped["arena_first_text_seconds_bucket{le=0.05,model=sphinx}"] == 1


async def test_battles_are_told_by_state_and_votes_survive_a_restart(
    scraped: Scraped, database: Database
) -> None:
    assert scraped["arena_battles{state=voted}"] == scraped["arena_votes_total"] == 0
    seed_vote(database)
    seed_vote(database)
    seed_battle(database, state=BattleState.VOID)
    assert scraped["arena_battles{state=voted}"] == scraped["arena_votes_total"] == 2
    assert scraped["arena_battles{state=void}"] == 1
    assert scraped["arena_battles{state=generating}"] == 0
    assert Scraped(database)["arena_votes_total"] == 2


async def test_the_server_tells_how_busy_it_is(scraped: Scraped) -> None:
    scraped.lag.seconds = 0.25
    assert scraped["arena_event_loop_lag_seconds"] == 0.25
    assert scraped["arena_live_battles"] == 0


async def test_the_arena_tells_whether_it_is_ready_and_stores(scraped: Scraped) -> None:
    assert scraped["arena_ready"] == scraped["arena_stores"] == 1
    scraped.ready = scraped.stores = False
    assert scraped["arena_ready"] == scraped["arena_stores"] == 0


@ON_SQLITE
async def test_the_arena_tells_how_much_room_its_votes_take_and_have(
    scraped: Scraped, database: Database
) -> None:
    files = database.path.parent.glob(f"{database.path.name}*")
    largest = max(file.stat().st_size for file in files)
    assert (scraped["arena_database_bytes"] or 0) >= largest > 0
    assert (scraped["arena_disk_free_bytes"] or 0) > 2**20


@ON_POSTGRESQL
async def test_a_server_tells_itself_how_much_room_it_has(scraped: Scraped) -> None:
    assert scraped["arena_database_bytes"] is None
    assert scraped["arena_disk_free_bytes"] is None


async def test_the_arena_tells_its_version(scraped: Scraped) -> None:
    assert scraped[f"arena_info{{version={__version__}}}"] == 1


async def test_responses_are_counted_by_class_of_status(scraped: Scraped) -> None:
    assert scraped["arena_http_responses_total{status=5xx}"] == 0
    scraped.count_response("5xx")
    assert scraped["arena_http_responses_total{status=5xx}"] == 1
