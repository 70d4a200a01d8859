"""The tab that shows whether models changed: snapshots, drifts, and win rates by week."""

from markupsafe import Markup

from arena.services.board.robustness.time_tables import time_tables
from arena.web.common.markup import NOTHING, joined
from arena.web.leaderboard.parts.sections import panel, paragraphs
from arena.web.leaderboard.parts.snapshots import snapshots_panel
from arena.web.leaderboard.parts.value_tables import value_panel, words_of
from arena.web.leaderboard.parts.week_charts import week_charts
from arena.web.leaderboard.view import BoardView

_WITH_CHARTS = "weeks"


def time_tab(view: BoardView) -> Markup:
    """Return the tables with charts above that of weeks, or what is said until they are there."""
    texts, found = view.texts, view.robustness
    lines = [texts["leaderboard.time.hint"]]
    if view.pending:
        lines.append(texts["leaderboard.computing"])
    head = panel(texts["leaderboard.tab.time"], paragraphs(lines)) + snapshots_panel(view)
    if found is None:
        return head
    charts = week_charts(view, found.over_time.weeks)
    return head + joined(
        value_panel(words_of(view), one, charts if one.name == _WITH_CHARTS else NOTHING)
        for one in time_tables(found.over_time, found.remote)
    )
