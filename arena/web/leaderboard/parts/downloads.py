"""Links to the figure of a model as files, under the same filters."""

from markupsafe import Markup

from arena.domain.conversation import ModelKey
from arena.web.common.markup import joined
from arena.web.common.texts import link_to
from arena.web.leaderboard.view import BoardView

FIGURE = "/leaderboard/figure"
KINDS = ("svg", "png", "pdf", "csv")


def downloads(view: BoardView, baseline: ModelKey) -> Markup:
    """Return ordinary links: the browser saves what the server sends."""
    query = view.query.seen_from(baseline).address
    link = Markup('<a href="{}" download>{}</a>')
    links = joined(
        link.format(link_to(view.texts, f"{FIGURE}.{kind}{query}"), kind.upper()) for kind in KINDS
    )
    return Markup('<p class="lb-downloads"><span>{}</span>{}</p>').format(
        view.texts["leaderboard.download"], links
    )
