"""What stands above the filters: what the board counts, its files, and its figures in short."""

from markupsafe import Markup

from arena.web.leaderboard.parts.actions import actions
from arena.web.leaderboard.parts.figure_panel import figure_panel
from arena.web.leaderboard.parts.scope import scope_line
from arena.web.leaderboard.parts.tiles import tiles
from arena.web.leaderboard.rendering import rendered
from arena.web.leaderboard.view import BoardView


def board_head(view: BoardView) -> Markup:
    """Return the head of a board, and the panel of its figure, closed.

    A board without a vote has nothing to save or to sum up.
    """
    voted = view.board.comparisons > 0
    head = rendered(
        "head",
        scope=scope_line(view),
        actions=actions(view) if voted else "",
        tiles=tiles(view) if voted else (),
        texts=view.texts,
    )
    return head + figure_panel(view) if voted else head
