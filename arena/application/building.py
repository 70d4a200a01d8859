"""Builds everything that an arena consists of."""

import os
import secrets
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from random import SystemRandom

from arena.application.running import Running, lifespan
from arena.application.web_parts import can_battle, web_parts
from arena.catalog import ArenaConfig, ModelCatalog, read_examples
from arena.catalog.arena_config import CATEGORIES
from arena.domain.clock import Clock
from arena.domain.conversation import ModelKey
from arena.domain.mode import PAIRWISE
from arena.domain.pairing import Pairing
from arena.inference.backend import ModelState
from arena.inference.clock import SystemClock
from arena.inference.pacing import frame_interval
from arena.inference.pool import ModelPool
from arena.inference.pool_building import build_pool
from arena.metrics import Metrics
from arena.services.accounts import Accounts
from arena.services.battle.building import build_battles
from arena.services.battle.contestants import register_contestants
from arena.services.battle.eligibility import BattleRules
from arena.services.battle.limits import battle_limits
from arena.services.battle.pair_information import PairInformation
from arena.services.battle.store import BattleStore
from arena.services.battle.turn_runner import TurnRunner
from arena.services.board.on_request import BoardStatistics
from arena.services.board.suspicious_addresses import AddressHashes
from arena.services.board.worker_process import StatisticsProcess
from arena.services.campaigns.replies.generating import Generation
from arena.services.campaigns.replies.running import BackgroundGenerations, RunningModels
from arena.services.failures import FailureLog
from arena.services.languages import LanguageIdentifier
from arena.services.operations.lease import ServingLease, require_same_keys
from arena.services.operations.ledger_watch import LedgerWatch
from arena.services.operations.loop_lag import LoopLag
from arena.services.operations.monitoring import Monitoring, measured_traffic
from arena.services.pseudonyms import export_key, export_key_path
from arena.settings import RevealPace, Settings
from arena.storage.database import Database, StorageError, UnusableLedger
from arena.storage.faults import explanation
from arena.storage.health import CannotStore, require_room
from arena.storage.opening import open_ledger
from arena.web.common.site import Site
from arena.web.common.texts import load_texts
from arena.web.rendering.answer import render_answer
from arena.web.server import WebApp, create_app

_EXAMPLES = Path(__file__).parents[1] / "embedded" / "examples.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Application:
    """A built arena. `app` serves it; its lifespan starts and stops everything else.

    `states` tells how far each model is. `end_replies` lets no turn begin any more and returns when
    the running ones have ended, or have had their time.
    """

    app: WebApp
    new_admin_password: str | None
    states: Callable[[], Mapping[ModelKey, ModelState]]
    end_replies: Callable[[], Awaitable[None]]


def build_application(
    settings: Settings,
    catalog: ModelCatalog,
    *,
    config: ArenaConfig | None = None,
    clock: Clock | None = None,
) -> Application:
    """Build the arena on a database that was checked and migrated. Starts nothing.

    `config` is what `arena.yaml` says, nothing by default. `new_admin_password` is set once: when
    the admin account has just been made without a password from the settings. Raises
    `UnusableLedger`.
    """
    clock = clock or SystemClock()
    database = open_ledger(settings.database_url, create=True)
    try:
        require_room(database)
        database.chain_key.prepare()
        require_same_keys(database, clock)
        site = Site(
            (config or ArenaConfig()).with_reveal(settings.reveal),
            load_texts(settings.root_path),
            partial(render_answer, ended=True),
            examples=read_examples(_EXAMPLES, CATEGORIES),
        )
        return _built(settings, catalog, site, clock, database)
    except UnusableLedger:
        database.close()
        raise
    except CannotStore as error:
        database.close()
        raise UnusableLedger(str(error)) from error
    except (StorageError, OSError) as error:
        database.close()
        raise UnusableLedger(explanation(error, database.place)) from error


def _built(
    settings: Settings, catalog: ModelCatalog, site: Site, clock: Clock, database: Database
) -> Application:
    accounts = Accounts(
        database,
        clock,
        session_length=timedelta(hours=settings.session_hours),
        hashes=AddressHashes(export_key(export_key_path(database))),
    )
    new_password = accounts.ensure_admin(settings.admin_password)
    running = _running(settings, catalog, clock, database)
    parts = web_parts(settings, catalog, site, running, accounts)
    return Application(
        app=create_app(parts, partial(lifespan, running)),
        new_admin_password=new_password,
        states=running.pool.states,
        end_replies=partial(running.runner.finish, settings.shutdown_seconds),
    )


def _running(
    settings: Settings, catalog: ModelCatalog, clock: Clock, database: Database
) -> Running:
    metrics, failure_log, languages = Metrics(), FailureLog(clock), LanguageIdentifier()
    traffic = measured_traffic(metrics, clock)
    pool = build_pool(catalog, clock=clock, environment=os.environ, traffic=traffic)
    lag = LoopLag(clock)
    lease = ServingLease(database, clock, owner=secrets.token_urlsafe(16))
    runner = TurnRunner(clock=clock, reattach_s=settings.reattach_seconds)
    store = BattleStore(
        database=database,
        contestants=register_contestants(catalog, database, clock),
        clock=clock,
        new_id=lambda: secrets.token_urlsafe(16),
        owner=lease.owner,
        language_of=languages.language_of,
    )
    information = _information(settings, database, store)
    battles = build_battles(
        store=store,
        models=pool,
        runner=runner,
        interval=lambda: frame_interval(len(runner), lag.seconds),
        rules=_rules(settings, catalog),
        random=SystemRandom(),
        failure_log=failure_log,
        information=information,
    )
    watch = LedgerWatch(database, clock, failure_log)
    monitoring = Monitoring(
        database=database,
        pool=pool,
        traffic=traffic,
        runner=runner,
        lag=lag,
        failure_log=failure_log,
        ready=lambda: can_battle(pool) and not runner.ending and watch.stores(),
        stores=watch.stores,
    )
    metrics.expose(monitoring.families)
    worker = StatisticsProcess(settings.database_url)
    return Running(
        clock=clock,
        database=database,
        pool=pool,
        traffic=traffic,
        runner=runner,
        lag=lag,
        battles=battles,
        languages=languages,
        lease=lease,
        metrics=metrics,
        worker=worker,
        statistics=BoardStatistics(
            database, visibility=settings.leaderboard_visible, ask=worker.ask
        ),
        failure_log=failure_log,
        watch=watch,
        generations=_generations(database, catalog, pool, clock),
        information=information,
    )


def _information(
    settings: Settings, database: Database, store: BattleStore
) -> PairInformation | None:
    if settings.pairing is not Pairing.INFORMED:
        return None
    return PairInformation(database, store.contestants)


def _generations(
    database: Database, catalog: ModelCatalog, pool: ModelPool, clock: Clock
) -> BackgroundGenerations:
    server = RunningModels(pool, catalog, clock)
    return BackgroundGenerations(Generation(database, catalog, server, clock))


def _rules(settings: Settings, catalog: ModelCatalog) -> BattleRules:
    limits = battle_limits(settings, catalog)
    return BattleRules(
        mode=PAIRWISE,
        prompt_limit=limits.prompt,
        conversation_limit=limits.conversation,
        hold=settings.reveal_pace is RevealPace.COMPLETE,
        reading_pace=settings.reading_pace,
        abandon_after=timedelta(hours=settings.abandon_hours),
    )
