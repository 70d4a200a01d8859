"""The web application: our routes first, then the Gradio apps, each behind its own guard."""

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

import gradio as gr
from fastapi import Depends, FastAPI
from fastapi.staticfiles import StaticFiles
from gradio.routes import App
from starlette.routing import Mount

from arena.domain.visibility import Visibility
from arena.metrics import Metrics
from arena.services.accounts import Accounts
from arena.services.administration.campaigns import CampaignAdministration
from arena.services.administration.people import PeopleAdministration
from arena.services.board.leaderboard import Leaderboards
from arena.services.board.on_request import BoardStatistics
from arena.services.board.snapshots.keeping import BoardSnapshots
from arena.services.campaigns.evaluation.crowds import Crowds
from arena.services.exports.exports import Exports
from arena.services.operations.monitoring import counted_responses
from arena.services.operations.overview import Overviews
from arena.services.own_account import OwnAccount
from arena.services.people import People
from arena.services.single_sign_on import SingleSignOn
from arena.settings import Settings
from arena.web.admin.campaigns import campaigns_router
from arena.web.admin.downloads import exports_router
from arena.web.admin.frame import AdminDoor
from arena.web.admin.member_list import members_router
from arena.web.admin.page import AdminPage
from arena.web.admin.people import people_router
from arena.web.admin.upload_door import UploadDoor
from arena.web.battle.page import battle_head, build_battle_page
from arena.web.battle.parts import BattleParts
from arena.web.common.static_files import STATIC
from arena.web.common.tab_title import tab_title_head, tab_titles
from arena.web.common.texts import Texts, gradio_texts
from arena.web.common.theme import arena_theme
from arena.web.evaluate.pages import EvaluationPages
from arena.web.evaluate.parts import Evaluations
from arena.web.evaluate.routes import evaluate_router
from arena.web.http.access import Access, GuestSessions
from arena.web.http.account import account_router
from arena.web.http.allowed_hosts import AllowedHosts
from arena.web.http.body_limit import BodyLimit, limit_of
from arena.web.http.counted_responses import CountedResponses
from arena.web.http.crowds import CrowdArrivals
from arena.web.http.error_pages import StorageErrorPage
from arena.web.http.gradio_gate import guard_gradio
from arena.web.http.gradio_index import PlacedIndex
from arena.web.http.gradio_routes import find_events_first
from arena.web.http.gradio_sessions import MOST_PAGES
from arena.web.http.health import health_router
from arena.web.http.join import join_router
from arena.web.http.login import login_router
from arena.web.http.open_files import connection_limits
from arena.web.http.open_requests import OpenRequests
from arena.web.http.proxies import THIS_MACHINE, Proxies, ProxyHeaders
from arena.web.http.rate_limit import RateLimit
from arena.web.http.root_path import RootPath
from arena.web.http.security_headers import Protection
from arena.web.http.sign_ins import SignIns
from arena.web.http.sign_on import SignOn
from arena.web.http.slashes import slashes_router
from arena.web.leaderboard.figures.files import figure_router
from arena.web.leaderboard.reader import BoardReader
from arena.web.leaderboard.routes import board_router
from arena.web.leaderboard.snapshots.routes import snapshot_router
from arena.web.leaderboard.tables.files import table_router
from arena.web.rendering.answer import render_answer

WebApp = FastAPI
"""What `create_app` returns, for those who may not import FastAPI."""

Lifespan = Callable[[WebApp], AbstractAsyncContextManager[None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebParts:
    """What the web layer needs from the application."""

    settings: Settings
    battle: BattleParts
    accounts: Accounts
    access: Access
    leaderboards: Leaderboards
    statistics: BoardStatistics
    snapshots: BoardSnapshots
    exports: Exports
    evaluations: Evaluations
    crowds: Crowds
    people: People
    own_account: OwnAccount
    single_sign_on: SingleSignOn
    people_administration: PeopleAdministration
    campaign_administration: CampaignAdministration
    overviews: Overviews
    metrics: Metrics
    texts: Texts
    stores: Callable[[], bool]
    ending: Callable[[], bool]


def create_app(parts: WebParts, lifespan: Lifespan) -> FastAPI:
    """Build the ASGI application; `lifespan` starts and stops what is behind it."""
    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    root = parts.settings.root_path
    _add_doors(app, parts)
    _add_routes(app, parts)
    _add_leaderboard(app, parts)
    pages = EvaluationPages(partial(render_answer, ended=True))
    arrivals = CrowdArrivals(
        parts.crowds,
        parts.accounts,
        parts.access,
        limit=RateLimit(parts.settings.guests_per_address),
        texts=parts.texts,
    )
    app.include_router(
        evaluate_router(
            parts.evaluations,
            pages,
            parts.access,
            parts.texts,
            votes=parts.battle.votes,
            arrivals=arrivals,
        )
    )
    _mount(
        app,
        _admin(parts),
        "/admin",
        parts,
        guard=parts.access.require(lambda c: c.is_admin),
        head=tab_title_head(tab_titles(parts.texts, "admin.title"), root),
    )
    anybody_known = parts.access.require(lambda _: True)
    head = tab_title_head(tab_titles(parts.texts), root) + battle_head(root)
    page = _mount(app, build_battle_page(parts.battle), "/", parts, guard=anybody_known, head=head)
    find_events_first(app, page)
    return app


def _add_doors(app: FastAPI, parts: WebParts) -> None:
    """Add the middleware; the last one added is the first that a request comes to."""
    settings, texts = parts.settings, parts.texts
    guests = RateLimit(settings.guests_per_address)
    app.add_middleware(GuestSessions, access=parts.access, limit=guests, texts=texts)
    if settings.sign_on_header:
        app.add_middleware(
            SignOn,
            header=settings.sign_on_header,
            people=parts.single_sign_on,
            access=parts.access,
            texts=texts,
        )
    app.add_middleware(StorageErrorPage, texts=texts)
    limit = partial(limit_of, prompt_characters=parts.battle.battles.rules.prompt_limit)
    app.add_middleware(BodyLimit, limit=limit, texts=texts)
    app.add_middleware(UploadDoor, access=parts.access, texts=texts)
    most = connection_limits().requests_of_an_address
    app.add_middleware(OpenRequests, most=most, texts=texts)
    names = (*settings.allowed_hosts, settings.host)
    addresses = not settings.loopback
    app.add_middleware(AllowedHosts, names=names, addresses=addresses, texts=texts)
    app.add_middleware(Protection, texts=texts)
    app.add_middleware(CountedResponses, count=counted_responses(parts.metrics))
    app.add_middleware(RootPath, root_path=settings.root_path)
    proxies = Proxies(settings.trusted_proxies or THIS_MACHINE)
    more = [settings.sign_on_header] if settings.sign_on_header else []
    app.add_middleware(ProxyHeaders, proxies=proxies, more=more)


def _add_routes(app: FastAPI, parts: WebParts) -> None:
    caller_of = parts.access.caller
    app.include_router(
        health_router(
            ready=parts.battle.ready,
            ending=parts.ending,
            stores=parts.stores,
            metrics=parts.metrics,
            caller_of=caller_of,
            metrics_token=parts.settings.metrics_token,
        )
    )
    sign_ins = SignIns(parts.accounts)
    app.include_router(login_router(parts.accounts, parts.access, sign_ins, parts.texts))
    app.include_router(account_router(parts.own_account, parts.access, sign_ins, parts.texts))
    app.include_router(join_router(parts.people, parts.accounts, parts.access, parts.texts))
    app.include_router(members_router(parts.campaign_administration, caller_of))
    app.include_router(exports_router(parts.exports, caller_of))
    door = AdminDoor(parts.access, parts.texts)
    app.include_router(people_router(parts.people_administration, door))
    app.include_router(campaigns_router(parts.campaign_administration, door))
    app.mount("/arena-static", StaticFiles(directory=STATIC), name="static")
    app.include_router(slashes_router("/admin"))


def _add_leaderboard(app: FastAPI, parts: WebParts) -> None:
    """Its tables hold model names: who may not read them is sent to the sign-in page."""
    reader = BoardReader(
        leaderboards=parts.leaderboards, statistics=parts.statistics, snapshots=parts.snapshots
    )
    app.include_router(figure_router(reader, parts.access, parts.texts, today=_today))
    app.include_router(table_router(reader, parts.access, parts.texts))
    public = parts.settings.leaderboard_visible is Visibility.PUBLIC
    guards = [] if public else [Depends(parts.access.require(lambda _: True))]
    judges = parts.battle.has_to_judge
    board = board_router(reader, parts.access, parts.texts, has_to_judge=judges)
    snapshots = snapshot_router(
        reader, parts.snapshots, parts.statistics, parts.access, parts.texts, has_to_judge=judges
    )
    for router in (board, snapshots):
        app.include_router(router, dependencies=guards)


def _today() -> date:
    return datetime.now(UTC).date()


def _mount(
    app: FastAPI,
    blocks: gr.Blocks,
    path: str,
    parts: WebParts,
    *,
    guard: Callable[..., Awaitable[str]],
    head: str,
) -> Mount:
    options: dict[str, Any] = {
        "show_error": False,
        "run_history": False,
        "enable_monitoring": False,
        "mcp_server": False,
        "ssr_mode": False,
        "footer_links": [],
        "allowed_paths": [],
        "i18n": gradio_texts(parts.texts),
        "theme": arena_theme(),
        "head": _style(parts.settings.root_path) + head,
    }
    blocks.state_session_capacity = MOST_PAGES
    gr.mount_gradio_app(app, blocks, path, auth_dependency=guard, **options)
    mounted = app.routes[-1]
    if not (isinstance(mounted, Mount) and isinstance(mounted.app, App)):
        raise TypeError(f"Gradio mounts its apps some other way: {mounted!r}")
    guard_gradio(mounted.app, parts.texts, guard)
    if parts.settings.root_path:
        mounted.app.add_middleware(PlacedIndex, root_path=parts.settings.root_path)
    return mounted


def _style(root_path: str) -> str:
    return "".join(
        f'<link rel="stylesheet" href="{root_path}/arena-static/{name}.css">'
        for name in ("arena", "header")
    )


def _admin(parts: WebParts) -> gr.Blocks:
    settings = parts.settings
    address = f"http://{settings.host_in_addresses}:{settings.port}{settings.root_path}/"
    return AdminPage(parts.overviews, parts.access, parts.texts, address).build()
