"""The tab that shows each rate under other choices: what it would be, beside what it is."""

from markupsafe import Markup

from arena.services.board.robustness.tables import choice_tables
from arena.web.common.markup import joined
from arena.web.leaderboard.parts.sections import panel, paragraphs
from arena.web.leaderboard.parts.value_tables import ABOUT, value_panel, words_of
from arena.web.leaderboard.view import BoardView

_OPEN = "style"
"""The table that is asked for most."""


def robustness_tab(view: BoardView) -> Markup:
    """Return a panel for each table, or what is said until there is any."""
    texts = view.texts
    lines = [texts[f"{ABOUT}.hint"]]
    if view.pending:
        lines.append(texts["leaderboard.computing"])
    head = panel(texts["leaderboard.tab.robustness"], paragraphs(lines))
    tables = choice_tables(view.robustness) if view.robustness else ()
    words = words_of(view)
    return head + joined(value_panel(words, one, open_at_once=one.name == _OPEN) for one in tables)
