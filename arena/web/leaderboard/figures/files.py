"""The figure of a leaderboard over HTTP, drawn for whoever may read the board."""

import asyncio
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date
from re import ASCII, sub

from fastapi import APIRouter, Request
from fastapi.responses import Response
from starlette.concurrency import run_in_threadpool

from arena.domain.errors import NotAllowed
from arena.domain.localized import DEFAULT_LANGUAGE
from arena.web.common.texts import Texts
from arena.web.http.sessions import Sessions
from arena.web.leaderboard.figure_style import FigureChoice, TooManyModelsError
from arena.web.leaderboard.figures.query import read_figure_query
from arena.web.leaderboard.figures.subjects import AnyContent, content_of, file_name
from arena.web.leaderboard.figures.writing import FigureKind, written
from arena.web.leaderboard.file_answers import (
    bad_query,
    no_votes,
    not_allowed,
    too_many_models,
)
from arena.web.leaderboard.file_answers import download as downloaded
from arena.web.leaderboard.query import BoardQuery, Tab, read_query
from arena.web.leaderboard.reader import BoardReader

_MEDIA_TYPES = {
    FigureKind.SVG: "image/svg+xml",
    FigureKind.PNG: "image/png",
    FigureKind.PDF: "application/pdf",
    FigureKind.CSV: "text/csv; charset=utf-8",
}


def figure_router(
    reader: BoardReader, sessions: Sessions, texts: Texts, *, today: Callable[[], date]
) -> APIRouter:
    """Return the routes `/leaderboard/figure.FORMAT?model=KEY`, with the filters of the page.

    What else an address may say is in `read_figure_query`.

    401 without a session, 403 for who may not read the board, 400 for an address that makes no
    sense or a matrix that does not fit, 404 where there is nothing to show; each as JSON, none of
    which names a model. A figure in a language that no font of this machine can draw is drawn in
    the default language.
    """
    router = APIRouter()
    drawing = ThreadPoolExecutor(1, thread_name_prefix="figures")

    async def contents(
        request: Request, query: BoardQuery, choice: FigureChoice
    ) -> list[AnyContent]:
        query = query.seen_as(Tab.RATES)  # whose statistics a figure shows, wherever its link is
        caller = await run_in_threadpool(sessions.caller, request)
        words = texts.of(request.headers.get("accept-language"))
        counted = await reader.off_loop(reader.counted, caller, query, words)
        view = await reader.rated(caller, counted)
        plain = texts.by_language[DEFAULT_LANGUAGE]
        spoken = [replace(view, texts=one) for one in (words, plain)]
        found = [content_of(one, choice, today()) for one in spoken]
        return [content for content in found if content is not None]

    for kind in _MEDIA_TYPES:
        router.get(f"/leaderboard/figure.{kind.value}")(_download(kind, contents, drawing))
    return router


def _download(
    kind: FigureKind,
    contents_of: Callable[[Request, BoardQuery, FigureChoice], Awaitable[list[AnyContent]]],
    drawing: ThreadPoolExecutor,
) -> Callable[[Request], Awaitable[Response]]:
    async def download(request: Request) -> Response:
        query, figure = read_query(request.url.query), read_figure_query(request.url.query)
        if faults := [*query.faults, *figure.faults]:
            return bad_query(faults)
        try:
            contents = await contents_of(request, query, figure.choice)
        except NotAllowed as error:
            return not_allowed(error)
        if not contents:
            return no_votes()
        loop = asyncio.get_running_loop()
        try:
            file = await loop.run_in_executor(drawing, written, kind, contents, figure.style)
        except TooManyModelsError as error:
            return too_many_models(error.most)
        return _file(kind, file_name(contents[0]), file)

    return download


def _file(kind: FigureKind, of: str, content: bytes) -> Response:
    name = sub(r"[^\w.-]+", "-", of, flags=ASCII)
    return downloaded(content, f"win-loss-{name}.{kind.value}", _MEDIA_TYPES[kind])
