"""The leaderboard over HTTP: the page with its counts at once, and the board as a stream."""

from contextlib import aclosing
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from arena.domain.errors import Refusal
from arena.web.common.judging import HasToJudge, never
from arena.web.common.texts import Texts
from arena.web.http.fetch_metadata import is_embedded
from arena.web.http.refused import refused
from arena.web.http.security_headers import PLAIN_PAGE_POLICY
from arena.web.http.sessions import Sessions
from arena.web.leaderboard.frames import Asked, Frame, frames
from arena.web.leaderboard.page import document, filters_for
from arena.web.leaderboard.query import read_query
from arena.web.leaderboard.reader import BoardReader
from arena.web.leaderboard.stream import FrameStream

READ = ["GET", "HEAD"]
_PAGE_AT_ONCE_S = 0.05
"""The page waits no longer for statistics: its script asks for them again."""
_BOARD_AT_ONCE_S = 0.2
HEADERS = {
    "cache-control": "no-store",
    "content-security-policy": PLAIN_PAGE_POLICY,
    "x-accel-buffering": "no",
}


def board_router(
    reader: BoardReader, sessions: Sessions, texts: Texts, *, has_to_judge: HasToJudge = never
) -> APIRouter:
    """Return the routes `/leaderboard` and `/leaderboard/board`, which take the same query.

    Both answer 400 for a query of which a part makes no sense (with the board of the rest), 401
    without a session and 403 for who may not read the board, in words.
    """
    pages = _Pages(reader, sessions, texts, has_to_judge)
    router = APIRouter()
    router.api_route("/leaderboard", methods=READ)(pages.page)
    router.api_route("/leaderboard/", methods=READ)(_without_slash)
    router.api_route("/leaderboard/board", methods=READ)(pages.board)
    return router


def _without_slash(request: Request) -> RedirectResponse:
    query = f"?{request.url.query}" if request.url.query else ""
    return RedirectResponse(f"/leaderboard{query}")


@dataclass(frozen=True, slots=True)
class _Pages:
    reader: BoardReader
    sessions: Sessions
    texts: Texts
    has_to_judge: HasToJudge

    async def page(self, request: Request) -> Response:
        """Answer with header, filters and the board as far as it is known at once."""
        asked = await self.reader.off_loop(self._asked, request)
        filters = await self.reader.off_loop(filters_for, self.reader, asked)
        judges = await self.reader.off_loop(self.has_to_judge, asked.caller)
        async with aclosing(frames(self.reader, asked, at_once_s=_PAGE_AT_ONCE_S)) as coming:
            frame = await anext(coming)
        html = document(
            asked,
            frame,
            filters=filters,
            sign_out=asked.token,
            language=self.texts.language_of(request.headers.get("accept-language")),
            judges=judges,
        )
        return HTMLResponse(html, _status(asked, frame), HEADERS)

    async def board(self, request: Request) -> Response:
        """Answer with the board, in as many frames as it takes until it is complete."""
        if is_embedded(request.headers):
            return refused(self.texts, request.scope, "nothing_here", 404)
        asked = await self.reader.off_loop(self._asked, request)
        coming = frames(self.reader, asked, at_once_s=_BOARD_AT_ONCE_S)
        first = await anext(coming)
        if request.method == "HEAD":
            await coming.aclose()
            return HTMLResponse(status_code=_status(asked, first), headers=HEADERS)
        return FrameStream(first, coming, status=_status(asked, first), headers=HEADERS)

    def _asked(self, request: Request) -> Asked:
        return asked_by(request, self.sessions, self.texts)


def asked_by(request: Request, sessions: Sessions, texts: Texts) -> Asked:
    """Return what a request asks for. Blocking."""
    address = f"?{request.url.query}" if request.url.query else ""
    return Asked(
        address=address,
        query=read_query(address),
        texts=texts.of(request.headers.get("accept-language")),
        caller=sessions.caller(request),
        token=sessions.sign_out_token(request),
    )


def _status(asked: Asked, frame: Frame) -> int:
    if frame.refusal is not None:
        return 401 if frame.refusal is Refusal.NOT_SIGNED_IN else 403
    return 400 if asked.query.faults else 200
