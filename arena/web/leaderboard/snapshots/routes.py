"""Frozen boards over HTTP: a page and a file for each number, and a form that freezes one."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Protocol
from urllib.parse import urlencode

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from markupsafe import Markup
from starlette.datastructures import FormData

from arena.domain.accounts import Caller
from arena.domain.board import BoardFilter
from arena.domain.errors import ArenaError, NotAllowed, Refusal
from arena.services.board.snapshots.freezing import FrozenBoard
from arena.services.board.snapshots.keeping import Kept, NothingToFreeze
from arena.services.board.worker_process import StatisticsFailed
from arena.web.common.judging import HasToJudge, never
from arena.web.common.markup import NOTHING
from arena.web.common.texts import Texts, refusal_sentence
from arena.web.http.sessions import Sessions, require_token
from arena.web.leaderboard.body import refused_body
from arena.web.leaderboard.file_answers import download, not_allowed
from arena.web.leaderboard.frames import Asked, Frame, framed
from arena.web.leaderboard.page import document
from arena.web.leaderboard.parts.messages import message
from arena.web.leaderboard.parts.snapshots import PLACE
from arena.web.leaderboard.query import BoardQuery, Tab, read_query
from arena.web.leaderboard.reader import BoardReader, Snapshots
from arena.web.leaderboard.routes import HEADERS, READ, asked_by
from arena.web.leaderboard.snapshots.page import file_name, snapshot_body, snapshot_title


class Freezing(Protocol):
    """Computes a board to be frozen; raises `NotAllowed` and `StatisticsFailed`."""

    async def frozen(self, caller: Caller | None, board_filter: BoardFilter) -> FrozenBoard:
        """Return the numbers of a board, for an admin."""
        ...


class Keeping(Snapshots, Protocol):
    """Keeps frozen boards, and gives them back."""

    def keep(self, caller: Caller | None, frozen: FrozenBoard) -> Kept:
        """Store a board for an admin; raises `NotAllowed` and `NothingToFreeze`. Blocking."""
        ...


def snapshot_router(
    reader: BoardReader,
    snapshots: Keeping,
    freezing: Freezing,
    sessions: Sessions,
    texts: Texts,
    *,
    has_to_judge: HasToJudge = never,
) -> APIRouter:
    """Return the routes `/leaderboard/snapshots/NUMBER` and `.../NUMBER.json`.

    Who may read boards may read them: others get 401 or 403, and 404 where there is none. A form
    to `/leaderboard/snapshots` with the fields of a filter freezes a board, for admins, and leads
    to its page; 409 for a board without votes, 503 where its statistics failed.
    """
    pages = _Pages(reader, snapshots, freezing, sessions, texts, has_to_judge)
    router = APIRouter()
    router.api_route(PLACE, methods=READ)(_to_all)
    router.post(PLACE)(pages.freeze)
    router.api_route(f"{PLACE}/{{number:int}}.json", methods=READ)(pages.file)
    router.api_route(f"{PLACE}/{{number:int}}", methods=READ)(pages.page)
    return router


def _to_all() -> RedirectResponse:
    return RedirectResponse(f"/leaderboard{BoardQuery(tab=Tab.TIME).address}")


@dataclass(frozen=True, slots=True)
class _Pages:
    reader: BoardReader
    snapshots: Keeping
    freezing: Freezing
    sessions: Sessions
    texts: Texts
    has_to_judge: HasToJudge

    async def page(self, request: Request, number: int) -> Response:
        """Answer with the numbers of a snapshot, and how to cite them."""
        return await self.reader.off_loop(self._answered, request, partial(self._shown, number))

    async def file(self, request: Request, number: int) -> Response:
        """Answer with the document of a snapshot, to the letter."""
        return await self.reader.off_loop(self._file, request, number)

    async def freeze(self, request: Request) -> Response:
        """Keep the board of a form, and lead to its page."""
        form = await request.form()
        asked = await self.reader.off_loop(asked_by, request, self.sessions, self.texts)
        try:
            require_token(form, asked.token)
            frozen = await self.freezing.frozen(asked.caller, _filter_of(form))
            kept = await self.reader.off_loop(self.snapshots.keep, asked.caller, frozen)
        except ArenaError as error:
            return await self._said(request, asked, _refused(asked, error), _status(error))
        except NothingToFreeze:
            body = message(asked.texts["leaderboard.no_votes"])
            return await self._said(request, asked, body, 409)
        except StatisticsFailed:
            body = message(asked.texts["leaderboard.failed"])
            return await self._said(request, asked, body, 503)
        return RedirectResponse(f"{PLACE}/{kept.number}", 303, {"cache-control": "no-store"})

    async def _said(self, request: Request, asked: Asked, body: Markup, status: int) -> Response:
        return await self.reader.off_loop(self._page, request, asked, body, status)

    def _answered(
        self, request: Request, shown: Callable[[Asked], tuple[str, Markup, int]]
    ) -> Response:
        asked = asked_by(request, self.sessions, self.texts)
        try:
            title, body, status = shown(asked)
        except NotAllowed as error:
            return self._page(request, asked, _refused(asked, error), _status(error))
        return self._page(request, asked, body, status, title=title)

    def _shown(self, number: int, asked: Asked) -> tuple[str, Markup, int]:
        found = self.snapshots.snapshot(asked.caller, number)
        title = snapshot_title(number, asked.texts)
        if found is None:
            missing = asked.texts["leaderboard.snapshots.missing"].format(numbers=number)
            return title, message(missing), 404
        return title, snapshot_body(found, asked.texts), 200

    def _file(self, request: Request, number: int) -> Response:
        try:
            found = self.snapshots.snapshot(self.sessions.caller(request), number)
        except NotAllowed as error:
            return not_allowed(error)
        if found is None:
            return JSONResponse({"error": "no_snapshot"}, 404)
        return download(found.document.encode(), file_name(number), "application/json")

    def _page(
        self, request: Request, asked: Asked, body: Markup, status: int, *, title: str = ""
    ) -> Response:
        html = document(
            asked,
            Frame(html=framed(asked, body)),
            filters=NOTHING,
            sign_out=asked.token,
            language=self.texts.language_of(request.headers.get("accept-language")),
            judges=self.has_to_judge(asked.caller),
            title=title,
        )
        return HTMLResponse(html, status, HEADERS)


def _filter_of(form: FormData) -> BoardFilter:
    """Return the filter that a form says as addresses do."""
    fields = [(name, value) for name, value in form.multi_items() if isinstance(value, str)]
    return read_query(urlencode(fields)).filter


def _refused(asked: Asked, error: ArenaError) -> Markup:
    if isinstance(error, NotAllowed):
        return refused_body(asked.texts, error.refusal.value)
    return message(asked.texts["leaderboard.refused"], refusal_sentence(asked.texts, error))


def _status(error: ArenaError) -> int:
    return 401 if error.refusal is Refusal.NOT_SIGNED_IN else 403
