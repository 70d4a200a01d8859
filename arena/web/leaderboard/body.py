"""The whole of a board: summary, tabs, the chosen tab, and what must be known to read it."""

from collections.abc import Callable, Mapping
from html import escape
from zlib import crc32

from arena.web.leaderboard.parts.messages import empty, failed, faults, message
from arena.web.leaderboard.parts.notes import notes, summary
from arena.web.leaderboard.query import BoardQuery, Tab
from arena.web.leaderboard.tabs.categories import categories_tab
from arena.web.leaderboard.tabs.matrix import matrix_tab
from arena.web.leaderboard.tabs.quality import quality_tab
from arena.web.leaderboard.tabs.rates import rates_tab
from arena.web.leaderboard.tabs.ratings import ratings_tab
from arena.web.leaderboard.view import BoardView, Texts

_TABS: Mapping[Tab, Callable[[BoardView], str]] = {
    Tab.RATES: rates_tab,
    Tab.MATRIX: matrix_tab,
    Tab.RATINGS: ratings_tab,
    Tab.CATEGORIES: categories_tab,
    Tab.QUALITY: quality_tab,
}


_HERE = ' aria-current="page"'


def board_body(view: BoardView) -> str:
    """One tab of the board, or the reason why there is nothing on it."""
    texts, query = view.texts, view.query
    head = faults(query, texts) + summary(view) + _tabs(query, texts)
    if not view.board.comparisons:
        return head + empty(view)
    return head + failed(view) + _TABS[query.tab](view) + notes(view)


def refused_body(texts: Texts, reason: str) -> str:
    """Why there is no board; `reason` is one of the refusals."""
    return message(texts["leaderboard.refused"], texts[f"leaderboard.{reason}"])


def board_page(body: str, *, asked: str) -> str:
    """`asked` tells the page's script whether this is the board that was asked for last.

    Gradio changes what is on the page in place, element by element: `data-frame`, another for
    every other body, is how the script notices.
    """
    frame = crc32(body.encode())
    return f'<div class="lb" data-asked="{escape(asked)}" data-frame="{frame:08x}">{body}</div>'


def _tabs(query: BoardQuery, texts: Texts) -> str:
    links = "".join(
        f'<a href="{escape(query.seen_as(tab).address)}" id="tab-{tab}" data-board'
        f"{_HERE if tab is query.tab else ''}>{escape(texts[f'leaderboard.tab.{tab}'])}</a>"
        for tab in Tab
    )
    return f'<nav class="lb-tabs" aria-label="{escape(texts["leaderboard.tabs"])}">{links}</nav>'
