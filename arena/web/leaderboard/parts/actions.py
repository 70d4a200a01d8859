"""What can be taken away from a board: its figure, its table, and its address."""

from markupsafe import Markup

from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import BoardView

TABLE = "/leaderboard/table"
TABLE_KINDS = {"csv": "CSV", "tex": "LaTeX", "md": "Markdown"}
"""Formats of the table by the end of their address."""


def actions(view: BoardView) -> Markup:
    """Return the button of the figure, the files of the table, and the button of the address."""
    query = view.query.address
    tables = {name: f"{TABLE}.{kind}{query}" for kind, name in TABLE_KINDS.items()}
    return rendered("actions", tables=tables, texts=view.texts)
