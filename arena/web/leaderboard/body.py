"""The whole of a board: summary, tabs, the chosen tab, and what must be known to read it."""

from collections.abc import Callable, Mapping

from markupsafe import Markup

from arena.web.common.markup import NOTHING, joined
from arena.web.leaderboard.parts.counted import counted
from arena.web.leaderboard.parts.messages import empty, failed, faults, message
from arena.web.leaderboard.parts.notes import notes, odd_votes
from arena.web.leaderboard.parts.orders import orders
from arena.web.leaderboard.parts.quote import quote
from arena.web.leaderboard.query import BoardQuery, Tab
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.tabs.categories import categories_tab
from arena.web.leaderboard.tabs.head_to_head import head_to_head_tab
from arena.web.leaderboard.tabs.matrix import matrix_tab
from arena.web.leaderboard.tabs.quality import quality_tab
from arena.web.leaderboard.tabs.rates import rates_tab
from arena.web.leaderboard.tabs.ratings import ratings_tab
from arena.web.leaderboard.tabs.robustness import robustness_tab
from arena.web.leaderboard.tabs.time import time_tab
from arena.web.leaderboard.view import BoardView, Texts

_TABS: Mapping[Tab, Callable[[BoardView], Markup]] = {
    Tab.RATES: rates_tab,
    Tab.HEAD_TO_HEAD: head_to_head_tab,
    Tab.MATRIX: matrix_tab,
    Tab.RATINGS: ratings_tab,
    Tab.CATEGORIES: categories_tab,
    Tab.ROBUSTNESS: robustness_tab,
    Tab.QUALITY: quality_tab,
    Tab.TIME: time_tab,
}


def board_body(view: BoardView) -> Markup:
    """Return one tab of the board, or the reason why there is nothing on it."""
    texts, query = view.texts, view.query
    head = joined((faults(query, texts), _tabs(query, texts)))
    if not view.board.comparisons:
        return head + _counted(view) + empty(view)
    said = quote(view) if query.tab is Tab.RATES else NOTHING
    lead = _counted(view, orders(view))
    return head + joined((failed(view), said, lead, _TABS[query.tab](view), notes(view)))


def _counted(view: BoardView, more: Markup = NOTHING) -> Markup:
    """Return what was counted; nothing where there is nothing, counted or left out."""
    board = view.board
    line = counted(view) if board.comparisons or board.left_out else NOTHING
    return Markup('<div class="lb-lead">{}</div>').format(line + odd_votes(view) + more)


def refused_body(texts: Texts, reason: str) -> Markup:
    """Return why there is no board; `reason` is one of the refusals."""
    return message(texts["leaderboard.refused"], texts[f"leaderboard.{reason}"])


def _tabs(query: BoardQuery, texts: Texts) -> Markup:
    tabs = [(tab.value, query.seen_as(tab).address) for tab in Tab]
    return rendered("tabs", tabs=tabs, here=query.tab.value, texts=texts)
