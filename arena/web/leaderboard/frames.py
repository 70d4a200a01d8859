"""A board in frames: its counts at once, and all of it when its statistics are there."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace

from markupsafe import Markup

from arena.domain.accounts import Caller
from arena.domain.errors import NotAllowed, Refusal
from arena.web.common.markup import NOTHING
from arena.web.leaderboard.body import board_body, refused_body
from arena.web.leaderboard.head import board_head
from arena.web.leaderboard.query import BoardQuery
from arena.web.leaderboard.reader import BoardReader
from arena.web.leaderboard.view import BoardView, Texts

END_OF_FRAME = Markup("\n<!--frame-->\n")
"""Between two frames of a stream; no text on a board can hold it, since every `<` is escaped."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who asks for which view, in which language; `address` is the query as the browser has it.

    `token` is what forms that change something send along: only pages of this session know it.
    """

    address: str
    query: BoardQuery
    texts: Texts
    caller: Caller | None
    token: str = ""

    @property
    def freezing(self) -> str:
        """The token, for who may freeze boards."""
        return self.token if self.caller is not None and self.caller.is_admin else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A board as it is at a moment; a later one takes its place unless it is `complete`.

    `head` stands above the filters and `html` below them. `refusal` is the reason why there is no
    board.
    """

    html: Markup
    head: Markup = NOTHING
    complete: bool = True
    refusal: Refusal | None = None


async def frames(reader: BoardReader, asked: Asked, *, at_once_s: float) -> AsyncGenerator[Frame]:
    """Give the counts first, and then the board with more and more of its statistics.

    What comes within `at_once_s` seconds is not announced as being computed. When the reader
    leaves, nothing waits for the rest.

    Raises:
        StorageError: the counts could not be read.
    """
    try:
        async with aclosing(_views(reader, asked, at_once_s)) as views:
            async for view in views:
                yield await reader.off_loop(_frame, asked, view)
    except NotAllowed as error:
        body = refused_body(asked.texts, error.refusal.value)
        yield Frame(html=framed(asked, body), refusal=error.refusal)


async def _views(reader: BoardReader, asked: Asked, at_once_s: float) -> AsyncGenerator[BoardView]:
    counted = await reader.off_loop(reader.counted, asked.caller, asked.query, asked.texts)
    remembered = await reader.remembered(asked.caller, counted)
    newest = replace(remembered, freezing=asked.freezing)
    async with aclosing(reader.completing(asked.caller, newest)) as views:
        while not newest.complete:
            async with _coming(views) as coming:
                await asyncio.wait((coming,), timeout=at_once_s)
                if not coming.done():
                    yield newest
                newest = await coming
        yield newest


@asynccontextmanager
async def _coming(views: AsyncGenerator[BoardView]) -> AsyncGenerator[asyncio.Future[BoardView]]:
    """Give the next view on its way; nobody works on it after the block."""
    coming = asyncio.ensure_future(anext(views))
    try:
        yield coming
    finally:
        coming.cancel()
        await asyncio.wait((coming,))


def _frame(asked: Asked, view: BoardView) -> Frame:
    html = framed(asked, board_body(view), view)
    return Frame(html=html, head=board_head(view), complete=view.complete)


def framed(asked: Asked, body: Markup, view: BoardView | None = None) -> Markup:
    """Return the board with what the page's script must know of it."""
    progress = view.progress.name.lower() if view else "ready"
    return Markup('<div class="lb" data-asked="{}" data-progress="{}">{}</div>').format(
        asked.address, progress, body
    )
