"""Links to the figure of a model as files, under the same filters."""

from html import escape

from arena.domain.conversation import ModelKey
from arena.web.leaderboard.view import BoardView

FIGURE = "/leaderboard/figure"
KINDS = ("svg", "png", "pdf", "csv")


def downloads(view: BoardView, baseline: ModelKey) -> str:
    """Ordinary links: the browser saves what the server sends."""
    query = escape(view.query.seen_from(baseline).address)
    links = "".join(
        f'<a href="{FIGURE}.{kind}{query}" download>{kind.upper()}</a>' for kind in KINDS
    )
    label = escape(view.texts["leaderboard.download"])
    return f'<p class="lb-downloads"><span>{label}</span>{links}</p>'
