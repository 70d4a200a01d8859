"""What the web application is given: services over what runs."""

import secrets
from functools import partial
from random import SystemRandom

from arena.application.running import Running
from arena.catalog import ModelCatalog
from arena.domain.clock import Clock
from arena.domain.errors import Refusal
from arena.domain.mode import PAIRWISE
from arena.inference.backend import ModelState
from arena.inference.pool import ModelPool
from arena.services.accounts import Accounts
from arena.services.administration.campaign_checks import CampaignChecks
from arena.services.administration.campaigns import CampaignAdministration
from arena.services.administration.links_once import LinksOnce
from arena.services.administration.people import PeopleAdministration
from arena.services.battle.voting import Voting
from arena.services.board.leaderboard import Leaderboards
from arena.services.board.snapshots.keeping import BoardSnapshots
from arena.services.campaigns.evaluation.assigning import Assigning
from arena.services.campaigns.evaluation.crowds import Crowds
from arena.services.campaigns.evaluation.evaluations import CampaignEvaluations
from arena.services.campaigns.evaluation.membership import Membership
from arena.services.exports.exports import Exports
from arena.services.operations.overview import Overviews
from arena.services.own_account import OwnAccount
from arena.services.people import People
from arena.services.pseudonyms import Pseudonyms, export_key, export_key_path
from arena.services.single_sign_on import SingleSignOn
from arena.settings import Settings
from arena.storage.database import Database
from arena.web.battle.parts import BattleParts
from arena.web.common.site import Site
from arena.web.http.access import Access
from arena.web.http.allowance import Allowance
from arena.web.http.rate_limit import RateLimit
from arena.web.server import WebParts


def web_parts(
    settings: Settings, catalog: ModelCatalog, site: Site, running: Running, accounts: Accounts
) -> WebParts:
    """Return the parts of the pages: services over what runs, as the settings say."""
    database, pool = running.database, running.pool
    leaderboards = Leaderboards(database, visibility=settings.leaderboard_visible)
    pseudonyms = Pseudonyms(export_key(export_key_path(database)))
    people = People(database, running.clock)
    access = Access(
        accounts,
        open_annotators=settings.anybody_may_annotate,
        secure=settings.secure_cookies,
    )
    return WebParts(
        settings=settings,
        battle=_battle_parts(settings, catalog, site, running, access),
        accounts=accounts,
        access=access,
        leaderboards=leaderboards,
        statistics=running.statistics,
        snapshots=BoardSnapshots(database, running.clock, visibility=settings.leaderboard_visible),
        exports=Exports(
            database,
            pseudonyms=pseudonyms,
            detailed=running.statistics.detailed_for_operator,
        ),
        evaluations=_evaluations(database, running.clock),
        crowds=Crowds(database, running.clock),
        people=people,
        own_account=OwnAccount(database, running.clock, accounts),
        single_sign_on=SingleSignOn(database, running.clock, accounts),
        people_administration=PeopleAdministration(
            people, LinksOnce(running.clock), ended=accounts.forget_known
        ),
        campaign_administration=CampaignAdministration(
            database,
            running.clock,
            SystemRandom(),
            CampaignChecks(settings.models, settings.config, running.languages.language_of),
            running.generations,
        ),
        overviews=Overviews(
            database,
            catalog,
            pool.statuses,
            clock=running.clock,
            open_requests=lambda: running.traffic.open,
            recent_failures=lambda: running.failure_log.newest,
        ),
        metrics=running.metrics,
        texts=site.texts,
        stores=running.watch.stores,
        ending=lambda: running.runner.ending,
    )


def _evaluations(database: Database, clock: Clock) -> CampaignEvaluations:
    new_id = partial(secrets.token_urlsafe, 16)
    assigning = Assigning(database, clock, random=SystemRandom(), new_id=new_id)
    return CampaignEvaluations(database, clock, assigning)


def _battle_parts(
    settings: Settings, catalog: ModelCatalog, site: Site, running: Running, access: Access
) -> BattleParts:
    battles, pool = running.battles, running.pool
    return BattleParts(
        battles=battles,
        voting=Voting(running.database, running.clock, release=pool.release, policy=site.reveal),
        access=access,
        texts=site.texts,
        ready=lambda: can_battle(pool),
        loading=lambda: ModelState.LOADING in pool.states().values(),
        site=site,
        random=SystemRandom(),
        ask_reasons=settings.ask_reasons,
        remote=any(row.backend == "openai" for row in catalog.enabled()),
        turns=Allowance(
            RateLimit(settings.turns_per_address),
            RateLimit(settings.turns_per_person),
            Refusal.TOO_MANY_TURNS,
        ),
        votes=Allowance(
            RateLimit(settings.votes_per_address),
            RateLimit(settings.votes_per_person),
            Refusal.TOO_MANY_VOTES,
        ),
        has_to_judge=Membership(running.database, running.clock).has_to_judge,
    )


def can_battle(pool: ModelPool) -> bool:
    """Return whether enough models are ready for a battle."""
    return len(pool.ready_keys()) >= PAIRWISE.slots
