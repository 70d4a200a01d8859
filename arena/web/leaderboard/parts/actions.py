"""What can be taken away from a board: its figure, its table, and its address."""

from typing import NamedTuple

from markupsafe import Markup

from arena.web.leaderboard.parts.downloads import FIGURE, KINDS
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import BoardView

TABLE = "/leaderboard/table"
TABLE_KINDS = {"csv": "CSV", "tex": "LaTeX", "md": "Markdown"}
"""Formats of the table by the end of their address."""


class _Menu(NamedTuple):
    """Files of one kind; `hint` says what they show, `files` are addresses by name."""

    name: str
    title: str
    hint: str
    files: dict[str, str]


def actions(view: BoardView) -> Markup:
    """Return the menus of files, and the button that copies the address of the board."""
    return rendered("actions", menus=[*_figure(view), _table(view)], texts=view.texts)


def _figure(view: BoardView) -> list[_Menu]:
    """Return the figure of the model that is looked at, or of the best one."""
    model = view.query.baseline or view.board.best_first[0].model
    if not view.board.pairs_of(model):
        return []
    texts, query = view.texts, view.query.seen_from(model).address
    hint = texts["leaderboard.figure_of"].format(model=view.name(model))
    files = {kind.upper(): f"{FIGURE}.{kind}{query}" for kind in KINDS}
    return [_Menu("figure", texts["leaderboard.figure"], hint, files)]


def _table(view: BoardView) -> _Menu:
    texts, query = view.texts, view.query.address
    files = {name: f"{TABLE}.{kind}{query}" for kind, name in TABLE_KINDS.items()}
    return _Menu("table", texts["leaderboard.table"], texts["leaderboard.table_of"], files)
