"""The leaderboard page: an app of its own, since its choices and tables hold model names."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any, NamedTuple

import gradio as gr

from arena.domain.accounts import Caller
from arena.domain.errors import NotAllowed
from arena.web.common.markup import header
from arena.web.leaderboard.body import board_body, board_page, refused_body
from arena.web.leaderboard.latest_questions import LatestQuestions, Superseded
from arena.web.leaderboard.parts.filters import filter_form
from arena.web.leaderboard.query import BoardQuery, read_query
from arena.web.leaderboard.reader import BoardReader
from arena.web.leaderboard.view import BoardView, Texts

CallerOf = Callable[[gr.Request], Caller | None]
TextsFor = Callable[[gr.Request], Texts]
SignOutFor = Callable[[gr.Request], str]

_STATIC = Path(__file__).parents[1] / "static"
_AT_ONCE_S = 0.2
"""What takes no longer is not announced as being computed."""
_ADDRESS = "() => [window.location.search]"


class _Asked(NamedTuple):
    """Who asks for which view, in which language; `address` as the browser has it."""

    address: str
    caller: Caller | None
    sign_out: str
    query: BoardQuery
    texts: Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class LeaderboardPage:
    """What the page needs from the application."""

    reader: BoardReader
    caller_of: CallerOf
    texts_for: TextsFor
    sign_out_for: SignOutFor
    max_events: int = 1000
    latest: LatestQuestions = field(default_factory=LatestQuestions)

    def build(self) -> gr.Blocks:
        """The Gradio app, ready to be mounted.

        It holds no model name: everything comes in answers, after the service has checked the
        caller. The address of the page says which board is shown; its script clicks `go` when
        the address has changed.
        """
        page: gr.Blocks
        with gr.Blocks(title="Arena", analytics_enabled=False, fill_width=True) as page:
            head = gr.HTML(elem_id="header", apply_default_css=False)
            filters = gr.HTML(elem_id="leaderboard-filters", apply_default_css=False)
            board = gr.HTML(elem_id="leaderboard-board", apply_default_css=False)
            address = gr.Textbox(visible="hidden", elem_id="leaderboard-address")
            go = gr.Button(visible="hidden", elem_id="leaderboard-go")
            quiet: dict[str, Any] = {
                "js": _ADDRESS,
                "show_progress": "hidden",
                "api_visibility": "private",
                "postprocess": False,
                "trigger_mode": "multiple",
            }
            page.load(self.opened, address, [head, filters, board], **quiet)
            go.click(self.changed, address, board, **quiet)
        page.max_threads = self.max_events
        page.queue(default_concurrency_limit=None, max_size=self.max_events)
        return page

    async def opened(
        self, address: str | None, request: gr.Request
    ) -> AsyncGenerator[tuple[str, str, str]]:
        """Header, filters and board; the board again when more of its statistics are there."""
        with self.latest.asked(request.session_hash) as superseded:
            asked = await self.reader.off_loop(self._asked, address, request)
            head = _heading(asked)
            filters = await self.reader.off_loop(self._filters, asked)
            async with aclosing(self._boards(asked, superseded)) as boards:
                async for board in boards:
                    yield head, filters, board

    async def changed(self, address: str | None, request: gr.Request) -> AsyncGenerator[str]:
        """The board of another address."""
        with self.latest.asked(request.session_hash) as superseded:
            asked = await self.reader.off_loop(self._asked, address, request)
            async with aclosing(self._boards(asked, superseded)) as boards:
                async for board in boards:
                    yield board

    def _asked(self, address: str | None, request: gr.Request) -> _Asked:
        query = read_query(address or "")
        return _Asked(
            address=address or "",
            caller=self.caller_of(request),
            sign_out=self.sign_out_for(request),
            query=query,
            texts=self.texts_for(request),
        )

    def _filters(self, asked: _Asked) -> str:
        """Choices come from the board of all votes, or what was chosen could not be undone."""
        try:
            names = self.reader.leaderboards.board(asked.caller).names
            choices = self.reader.leaderboards.choices(asked.caller)
        except NotAllowed:
            return ""
        return filter_form(asked.query, choices, names, asked.texts) if names else ""

    async def _boards(self, asked: _Asked, superseded: Superseded) -> AsyncGenerator[str]:
        """The counts at once, and then everything, in one step or in two."""
        try:
            async with aclosing(self._views(asked, superseded)) as views:
                async for view in views:
                    body = await self.reader.off_loop(board_body, view)
                    yield board_page(body, asked=asked.address)
        except NotAllowed as error:
            refused = refused_body(asked.texts, error.refusal.value)
            yield board_page(refused, asked=asked.address)

    async def _views(self, asked: _Asked, superseded: Superseded) -> AsyncGenerator[BoardView]:
        """Ends early where nobody reads the rest: what waits for it would be computed in vain."""
        reader = self.reader
        newest = await reader.off_loop(reader.counted, asked.caller, asked.query, asked.texts)
        async with aclosing(reader.completing(asked.caller, newest)) as views:
            while not newest.complete:
                async with _coming(views) as coming:
                    if not await _done(coming, superseded, timeout_s=_AT_ONCE_S):
                        yield newest
                    if not await _done(coming, superseded):
                        return
                    newest = coming.result()
            yield newest


@asynccontextmanager
async def _coming(views: AsyncGenerator[BoardView]) -> AsyncGenerator[asyncio.Future[BoardView]]:
    """The next view on its way; nobody works on it after the block."""
    coming = asyncio.ensure_future(anext(views))
    try:
        yield coming
    finally:
        coming.cancel()
        await asyncio.wait((coming,))


async def _done(
    coming: asyncio.Future[BoardView], superseded: Superseded, *, timeout_s: float | None = None
) -> bool:
    """Whether there is a view, after waiting for it or for the end of its use."""
    both: set[asyncio.Future[Any]] = {coming, superseded}
    await asyncio.wait(both, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
    return coming.done()


def leaderboard_head() -> str:
    """Style and script, for the page's head."""
    style = (_STATIC / "leaderboard.css").read_text(encoding="utf-8")
    script = (_STATIC / "leaderboard.js").read_text(encoding="utf-8")
    return f"<style>{style}</style><script>{script}</script>"


def _heading(asked: _Asked) -> str:
    title = escape(asked.texts["leaderboard.title"])
    top = header(asked.texts, here="leaderboard", caller=asked.caller, sign_out=asked.sign_out)
    return f"{top}<h1>{title}</h1>"
