"""What runs while an arena is served: started in order, stopped in reverse."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from arena.domain.clock import Clock
from arena.inference.cancellation import cancel_and_wait
from arena.inference.pool import ModelPool
from arena.inference.traffic import Traffic
from arena.metrics import Metrics
from arena.services.battle.battles import Battles
from arena.services.battle.pair_information import PairInformation
from arena.services.battle.turn_runner import TurnRunner
from arena.services.board.on_request import BoardStatistics
from arena.services.board.worker_process import StatisticsProcess
from arena.services.campaigns.replies.running import BackgroundGenerations
from arena.services.failures import FailureLog
from arena.services.languages import LanguageIdentifier
from arena.services.operations.address_retention import forget_ended_addresses
from arena.services.operations.chores import Chore, repeat
from arena.services.operations.lease import RENEW_S, ServingLease
from arena.services.operations.ledger_watch import LedgerWatch
from arena.services.operations.loop_lag import LoopLag
from arena.storage.database import Database
from arena.web.http.gradio_sessions import forget_left_pages
from arena.web.server import WebApp

_SWEEP_S = 600.0
_ORPHANS_S = 15.0
_TELL_S = 15.0
_WATCH_S = 15.0
_COUNT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """What the lifespan starts and stops."""

    clock: Clock
    database: Database
    pool: ModelPool
    traffic: Traffic
    runner: TurnRunner
    lag: LoopLag
    battles: Battles
    languages: LanguageIdentifier
    lease: ServingLease
    metrics: Metrics
    worker: StatisticsProcess
    statistics: BoardStatistics
    failure_log: FailureLog
    watch: LedgerWatch
    generations: BackgroundGenerations
    information: PairInformation | None


@asynccontextmanager
async def lifespan(running: Running, app: WebApp) -> AsyncIterator[None]:
    """Start everything, and stop it in reverse order, whatever fails on the way."""
    async with AsyncExitStack() as ends:
        ends.callback(running.database.close)
        ends.push_async_callback(asyncio.to_thread, running.lease.end)
        ends.callback(running.watch.close)
        ends.callback(running.worker.close)
        ends.callback(running.statistics.close)
        ends.push_async_callback(running.pool.close)
        ends.push_async_callback(running.runner.close)
        ends.push_async_callback(running.generations.stop)
        running.lease.begin()
        running.battles.recover()
        await running.pool.start()
        for chore in (asyncio.to_thread(running.languages.load), *_chores(running, app)):
            ends.push_async_callback(cancel_and_wait, asyncio.create_task(chore))
        yield


def _chores(running: Running, app: WebApp) -> list[Coroutine[None, None, None]]:
    """Return what is done from time to time while the arena is served."""
    battles, idle = running.battles, running.battles.rules.abandon_after

    async def forget_pages() -> None:
        forget_left_pages(app, running.clock.now(), idle=idle)

    async def look_after_ledger() -> None:
        await asyncio.to_thread(running.watch.fault)

    async def forget_addresses() -> None:
        await asyncio.to_thread(forget_ended_addresses, running.database, running.clock)

    chores: tuple[Chore, ...] = (
        Chore("measuring the event loop's lag", 1.0, running.lag.measure),
        Chore("abandoning old battles", _SWEEP_S, battles.abandon_old),
        Chore("renewing the lease", RENEW_S, partial(asyncio.to_thread, running.lease.renew)),
        Chore("stopping battles of servers that are gone", _ORPHANS_S, battles.stop_orphaned),
        Chore("forgetting left pages", _SWEEP_S, forget_pages),
        Chore("telling the ledger of void battles", _TELL_S, battles.tell_ledger),
        Chore("looking after the ledger", _WATCH_S, look_after_ledger),
        Chore("forgetting addresses", _SWEEP_S, forget_addresses),
    )
    if running.information is not None:
        count = partial(asyncio.to_thread, running.information.count)
        chores += (Chore("counting what pairs tell", _COUNT_S, count),)
    return [repeat(chore, clock=running.clock, failure_log=running.failure_log) for chore in chores]
