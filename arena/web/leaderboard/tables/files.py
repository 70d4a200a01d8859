"""The table of models over HTTP, for whoever may read the board."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from arena.domain.errors import NotAllowed
from arena.web.common.texts import Texts
from arena.web.http.sessions import Sessions
from arena.web.leaderboard.file_answers import (
    bad_query,
    download,
    no_statistics,
    no_votes,
    not_allowed,
)
from arena.web.leaderboard.query import Tab, read_query
from arena.web.leaderboard.reader import BoardReader
from arena.web.leaderboard.tables.writing import WRITERS

_MEDIA_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "tex": "application/x-tex; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
}


def table_router(reader: BoardReader, sessions: Sessions, texts: Texts) -> APIRouter:
    """Return the routes `/leaderboard/table.FORMAT`, with the filters of the page.

    401 without a session, 403 for who may not read the board, 400 for an address that makes no
    sense, 404 for a board without votes, 503 where its statistics failed: no table is without
    intervals; each as JSON, none of which names a model.
    """
    router = APIRouter()
    for kind in WRITERS:
        router.get(f"/leaderboard/table.{kind}")(_download(kind, reader, sessions, texts))
    return router


def _download(
    kind: str, reader: BoardReader, sessions: Sessions, texts: Texts
) -> Callable[[Request], Awaitable[Response]]:
    async def table(request: Request) -> Response:
        query = read_query(request.url.query)
        if query.faults:
            return bad_query(query.faults)
        # Where the board is read all of its numbers come, whatever tab the address names.
        query = query.seen_as(Tab.RATES)
        caller = await run_in_threadpool(sessions.caller, request)
        words = texts.of(request.headers.get("accept-language"))
        try:
            counted = await reader.off_loop(reader.counted, caller, query, words)
            view = await reader.whole(caller, counted)
        except NotAllowed as error:
            return not_allowed(error)
        if not view.board.comparisons:
            return no_votes()
        if view.detailed is None:
            return no_statistics()
        content = await reader.off_loop(WRITERS[kind], view)
        return download(content, f"win-loss.{kind}", _MEDIA_TYPES[kind])

    return table
